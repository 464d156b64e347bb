"""The stage on a Streamlit page: mounts the canvas, hands it the runs, hands back what a person did to it."""

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.stage import _frontend
from app.stage.pack import Run, digest, pack
from toy_problems.problems import PROBLEMS

_mount = st.components.v2.component(
    "gradient_balancing_stage", html=_frontend.html(), css=_frontend.css(), js=_frontend.javascript()
)


@dataclass(frozen=True)
class StageEvent:
    """A start that was dragged: which one, and to which point of the drawn pair; `id` is new each time."""

    id: str
    start_index: int
    point: tuple[float, float]


def show_stage(
    runs: Sequence[Run], pair: tuple[int, int] = (0, 1), key: str = "stage", dark: bool | None = None
) -> StageEvent | None:
    """Draws the runs, one row each, and returns the start that was just dragged, once; None otherwise.

    Under one `key` the animation goes on through a change of the runs. `dark` None follows the page's theme
    as it changes. Raises ValueError as `pack` does.
    """
    problem = PROBLEMS[runs[0].trajectory.config.problem] if runs else None
    st.html(letter(key, pack(runs, problem, pair, dark)))
    result = _mount(key=key, data={"slot": key}, on_start_change=_nothing)
    event = read_event(result.start, len(runs[0].trajectory.z))
    seen = f"{key}/last event"
    if event is None or st.session_state.get(seen) == event.id:
        return None
    st.session_state[seen] = event.id
    return event


def letter(slot: str, payload: bytes) -> str:
    """Returns the hidden element in which a payload travels to the stage of this slot (see mailbox.js)."""
    text = base64.b64encode(payload).decode()
    return f'<i hidden data-stage-slot="{html.escape(slot)}" data-digest="{digest(payload)}">{text}</i>'


def read_event(value: Any, starts: int) -> StageEvent | None:
    """Returns what the browser sent as an event, None where it is not one: a browser can send anything."""
    try:
        index, (x, y) = int(value["start_index"]), value["point"]
        event = StageEvent(str(value["id"]), index, (float(x), float(y)))
    except (TypeError, ValueError, KeyError):
        return None
    bounded = all(abs(c) < 1e6 for c in event.point)  # false for a NaN, too
    return event if 0 <= index < starts and bounded else None


def _nothing() -> None:
    """Streamlit reports a trigger only where it has a callback; the result is read from the mount instead."""
