"""Composing a method: a transform, a rule, a modifier around it and a level, with the formulas they make."""

from collections.abc import Callable, Sequence

import streamlit as st

from app import session
from app.cards import formulas
from app.offered import refusal
from app.view import MAX_METHODS, View
from mtlcore.param import sentence_of
from mtlcore.registry import LEVELS, MODIFIERS, RULES, TRANSFORMS, method_spec

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
    transform, rule, modifier, level = _chosen()
    key = f"{transform}+{modifier}{'-' if modifier else ''}{rule}@{level}"
    try:
        spec = method_spec(key)
    except ValueError as error:  # a rule that takes no modifier
        _offer(key, sentence_of(error))
        return
    reason = f"{spec.title} is shown already." if key in view.methods else refusal(view.problem, key)
    if reason is None and not spec.rule_spec.needs_gradients:
        st.caption(f"{RULES[rule].title} reads the losses only, so the level makes no difference.")
    _offer(key, reason)
    st.markdown(formulas(spec))


def _chosen() -> tuple[str, str, str, str]:
    """Draws the four choices and returns what is chosen."""
    left, right = st.columns(2)
    with left:
        transform = _choice("Transform", list(TRANSFORMS), FIRST[0], lambda key: TRANSFORMS[key].title)
        modifier = _choice(
            "Modifier", ["", *MODIFIERS], "", lambda key: MODIFIERS[key].title if key else "None"
        )
    with right:
        rule = _choice("Rule", list(RULES), FIRST[1], lambda key: RULES[key].title)
        level = _choice("Level", LEVELS, FIRST[2], lambda key: key.replace("_", " ").capitalize())
    return transform, rule, modifier, level


def _offer(key: str, reason: str | None) -> None:
    """Draws "Add it", and above it the reason why it cannot be added, where there is one."""
    if reason is not None:
        st.caption(reason)
    st.button(
        "Add it", key="compose_add", type="primary", on_click=_add, args=(key,), disabled=reason is not None,
        width="stretch",
    )  # fmt: skip


def _choice(label: str, options: Sequence[str], first: str, title: Callable[[str], str]) -> str:
    key = f"compose_{label.lower()}"
    return st.selectbox(
        label, options, options.index(first), key=key, format_func=title, persist_state="session"
    )


def _add(key: str) -> None:
    """Shows the method beside the others and closes the panel."""
    session.change("methods", (*session.view().methods, key))
    st.session_state[OPEN] = False
