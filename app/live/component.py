"""The controls on a Streamlit page: mounts them, tells them what holds, and hands on what a person changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.live import _frontend
from app.live.specs import Spec

_mount = st.components.v2.component(
    "gradient_balancing_controls", html=_frontend.HTML, css=_frontend.css(), js=_frontend.javascript()
)


def live_controls(
    groups: Sequence[Spec],
    values: Mapping[str, Any],
    slot: str,
    key: str,
    on_change: Callable[[Mapping[str, Any]], None],
) -> None:
    """Draws the groups of controls, showing `values`.

    While a person moves one, the stage of this `slot` hears it in the page. When they let go, `on_change` is called
    with the changed fields' values, unchecked and in the order they were changed, before the script runs again.
    """
    data = {"slot": slot, "heard": st.session_state.get(_heard(key), ""), "groups": list(groups)}
    _mount(
        key=key,
        data=data | {"values": dict(values)},
        on_change_change=lambda: _changed(key, on_change),
    )


def read_change(sent: Any) -> tuple[str, dict[str, Any]] | None:
    """Returns a change's id and its values by field; None where it is no change: a browser can send anything."""
    if not isinstance(sent, Mapping) or not isinstance(sent.get("values"), Mapping):
        return None
    return str(sent.get("id")), {str(name): value for name, value in sent["values"].items()}


def _heard(key: str) -> str:
    return f"{key}/last change heard"


def _changed(key: str, on_change: Callable[[Mapping[str, Any]], None]) -> None:
    """Hands on what changed, and remembers its id: the controls keep what they changed after it."""
    change = read_change(st.session_state[key].get("change"))
    if change is not None:
        st.session_state[_heard(key)], values = change
        on_change(values)
