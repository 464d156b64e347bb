"""The workbench on a Streamlit page: mounts it, tells it what holds, and hands on what a hand has changed."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app import frontend
from app.live.component import Change, read_change
from app.workbench.bench import Bench

_mount = st.components.v2.component("gradient_balancing_workbench", js=frontend.loader("workbench"))
NONE = Change("", {})


def show_workbench(bench: Bench, key: str, on_change: Callable[[Mapping[str, Any]], None]) -> None:
    """Draws the workbench as it stands in `bench`.

    When a person lets go of something, `on_change` is called with the changed fields' values, unchecked and in the
    order of the changes, before the script runs again.
    """
    last: Change = st.session_state.get(_last(key), NONE)
    _mount(
        key=key, data={"heard": last.id, "values": bench.plain},
        on_change_change=lambda: _changed(key, on_change),
    )  # fmt: skip


def _last(key: str) -> str:
    return f"{key}/last change"


def _changed(key: str, on_change: Callable[[Mapping[str, Any]], None]) -> None:
    """Hands on what changed, and remembers its id: the page keeps what it changed after it."""
    change = read_change(st.session_state.get(key, {}).get("change"))
    if change is not None:
        st.session_state[_last(key)] = change
        on_change(change.values)
