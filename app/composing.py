"""Composing a method: a transform, a rule and a level, with the formulas they make before it is added."""

from collections.abc import Callable, Sequence

import streamlit as st

from app import session
from app.cards import formulas
from app.offered import refusal
from app.view import MAX_METHODS, View
from mtlcore.registry import LEVELS, RULES, TRANSFORMS, method_spec

FIRST = ("rotation", "cagrad", "features")  # a composition that no paper has
OPEN = "compose"  # the session's key of whether the panel is open


def compose(view: View) -> None:
    """Draws the button, and under it while it is open the parts to choose, their formulas and "Add it"."""
    full = len(view.methods) >= MAX_METHODS
    panel = st.popover("Compose a method", width="stretch", disabled=full, key=OPEN, on_change="rerun")
    if panel.open:
        with panel:
            _parts(view)


def _parts(view: View) -> None:
    left, middle, right = st.columns(3)
    with left:
        transform = _choice("Transform", list(TRANSFORMS), FIRST[0], lambda key: TRANSFORMS[key].title)
    with middle:
        rule = _choice("Rule", list(RULES), FIRST[1], lambda key: RULES[key].title)
    with right:
        level = _choice("Level", LEVELS, FIRST[2], lambda key: key.replace("_", " ").capitalize())
    key = f"{transform}+{rule}@{level}"
    spec = method_spec(key)
    reason = f"{spec.title} is shown already." if key in view.methods else refusal(view.problem, key)
    if reason is not None:
        st.caption(reason)
    elif not spec.rule_spec.needs_gradients:
        st.caption(f"{RULES[rule].title} reads the losses only, so the level makes no difference.")
    st.button(
        "Add it", key="compose_add", type="primary", on_click=_add, args=(key,), disabled=reason is not None,
        width="stretch",
    )  # fmt: skip
    st.markdown(formulas(spec))


def _choice(label: str, options: Sequence[str], first: str, title: Callable[[str], str]) -> str:
    key = f"compose_{label.lower()}"
    return st.selectbox(
        label, options, options.index(first), key=key, format_func=title, persist_state="session"
    )


def _add(key: str) -> None:
    """Shows the method beside the others and closes the panel."""
    session.change("methods", (*session.view().methods, key))
    st.session_state[OPEN] = False
