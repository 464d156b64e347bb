"""The workbench on a Streamlit page: mounts it, tells it what holds, and hands on what a hand has changed."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app import frontend
from app.live.component import NONE, Change, last_key, take_change
from app.workbench.bench import Bench

_mount = st.components.v2.component("gradient_balancing_workbench", js=frontend.loader("workbench"))


def show_workbench(bench: Bench, key: str, on_change: Callable[[Mapping[str, Any]], None]) -> None:
    """Draws the workbench as it stands in `bench`.

    When a person lets go of something, `on_change` is called with the changed fields' values, unchecked and in the
    order of the changes, before the script runs again.
    """
    last: Change = st.session_state.get(last_key(key), NONE)
    _mount(
        key=key, data={"heard": last.id, "values": bench.plain},
        on_change_change=lambda: take_change(key, on_change),
    )  # fmt: skip
