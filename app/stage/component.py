"""The stage on a Streamlit page: mounts the canvas, hands it the runs, hands back what a person did to it."""

import base64
import hashlib
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import frontend
from app.echoes import heed
from app.stage.facts import written
from app.stage.pack import Run, digest, pack
from app.stage.recipe import parts
from toy_problems.problems import PROBLEMS

NOTHING = "<i hidden></i>"
_mount = st.components.v2.component("gradient_balancing_stage", js=frontend.loader("stage"))


@dataclass(frozen=True)
class StageEvent:
    """A start that was dragged: which one, and to which point of the drawn pair; `id` is new each time."""

    id: str
    start_index: int
    point: tuple[float, float]


@dataclass(frozen=True)
class Guess:
    """A point of the drawn pair where a person thinks that a path ends, and whether they are still asked for it."""

    asked: bool
    point: tuple[float, float] | None = None


LOOK = (
    "start",
    "step",
    "speed",
    "pair",
    "present",
)  # what a person can change on the stage about how the runs are looked at


def show_stage(
    runs: Sequence[Run],
    pair: tuple[int, int] = (0, 1),
    key: str = "stage",
    dark: bool | None = None,
    look: Mapping[str, Any] | None = None,
    on_look: Callable[[Mapping[str, Any]], None] | None = None,
    on_preset: Callable[[int], None] | None = None,
    recipe: Mapping[str, Any] | None = None,
    held: bool = False,
    guess: Guess | None = None,
    on_guess: Callable[[tuple[float, float]], None] | None = None,
) -> StageEvent | None:
    """Draws the runs and returns the start that was just dragged, once; None otherwise.

    Under one `key` the animation goes on through a change of the runs. `dark` None follows the page's theme
    as it changes. `look` says how the runs are looked at, by the names in LOOK: the start followed (from 1), the step
    it stands at (-1: it plays), the speed, the pair of dimensions (from 1) and whether it is shown in front of a class.
    `on_look` is called before the script runs again with those of them that a person has changed there, unchecked,
    `on_preset` with 1 where the next preset was asked for, with -1 where the one before. `recipe` (see recipe.py) is
    what the page needs to compute the runs by itself; it is sent in the place of the picture, unless this visitor's
    page has said that it cannot. `held` True shows where the runs start and sends nothing of what follows. `guess` is
    drawn where the drawn pair is; where it is asked for, `on_guess` is called with the point that a person has shown,
    before the script runs again. Raises ValueError as `pack` does.
    """
    problem = PROBLEMS[runs[0].trajectory.config.problem] if runs else None
    if recipe is not None and not held and not st.session_state.get(_unable(key), False):
        elements = recipe_elements(key, recipe, st.session_state.get(f"{key}/last event", ""))
    else:
        elements = payload_element(key, pack(runs, problem, pair, dark, held)), NOTHING
    for element in elements:
        st.html(element)
    heard = st.session_state.get(_heard(key), "")
    data = {"slot": key, "heard": heard, "look": dict(look or {}), "listened": on_look is not None}
    data["guess"] = None if guess is None else {"asked": guess.asked, "point": guess.point}
    heed(key, "start", "look", "preset")
    result = _mount(
        key=key, data=data, on_start_change=_nothing, on_look_change=lambda: _looked(key, on_look),
        on_preset_change=lambda: _turned(key, on_preset),
        on_unable_change=lambda: st.session_state.update({_unable(key): True}),
        on_guess_change=lambda: _guessed(key, on_guess),
    )  # fmt: skip
    event = read_event(result.start, len(runs[0].trajectory.z))
    seen = f"{key}/last event"
    if event is None or st.session_state.get(seen) == event.id:
        return None
    st.session_state[seen] = event.id
    return event


def payload_element(slot: str, payload: bytes) -> str:
    """Returns the hidden element in which a payload travels to the stage of this slot (see payload.js)."""
    text = base64.b64encode(payload).decode()
    return f'<i hidden data-stage-slot="{html.escape(slot)}" data-digest="{digest(payload)}">{text}</i>'


def recipe_elements(slot: str, recipe: Mapping[str, Any], event: str = "") -> tuple[str, str]:
    """Returns the two hidden elements in which a recipe travels to the stage of this slot: what stays as it is, which
    Streamlit sends once, and what is so now.

    event: the id of the latest drop of a start that the recipe knows of.
    """
    stays, now = (written(part) for part in parts(recipe))
    standing = _hidden(slot, "recipe", stays)
    return standing, _hidden(slot, "now", now, of=_name(stays), event=event)


def _hidden(slot: str, kind: str, text: str, **told: str) -> str:
    name = _name(" ".join([*told.values(), text]))
    words = {"stage-slot": slot, "kind": kind, "digest": name, **told}
    attributes = " ".join(f'data-{word}="{html.escape(value)}"' for word, value in words.items())
    return f"<i hidden {attributes}>{html.escape(text, quote=False)}</i>"


def _name(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def _unable(key: str) -> str:
    return f"{key}/page cannot compute"


def read_event(value: Any, starts: int) -> StageEvent | None:
    """Returns what the browser sent as an event, None where it is not one: a browser can send anything."""
    point = read_point(value)
    try:
        index, name = int(value["start_index"]), str(value["id"])
    except (TypeError, ValueError, KeyError):
        return None
    return StageEvent(name, index, point) if 0 <= index < starts and point is not None else None


def read_point(value: Any) -> tuple[float, float] | None:
    """Returns the point that the browser sent, None where it sent something else."""
    try:
        x, y = map(float, value["point"])
    except (TypeError, ValueError, KeyError):
        return None
    return (x, y) if abs(x) < 1e6 and abs(y) < 1e6 else None  # false for a NaN, too


def _guessed(key: str, on_guess: Callable[[tuple[float, float]], None] | None) -> None:
    point = read_point(st.session_state[key].get("guess"))
    if on_guess is not None and point is not None:
        on_guess(point)


def _heard(key: str) -> str:
    return f"{key}/last look heard"


def _looked(key: str, on_look: Callable[[Mapping[str, Any]], None] | None) -> None:
    """Hands on what changed, and remembers its id: the stage ignores a look that does not know its latest change."""
    sent = st.session_state[key].get("look")
    if not isinstance(sent, Mapping) or not isinstance(sent.get("changes"), Mapping):
        return
    st.session_state[_heard(key)] = str(sent.get("id"))
    if on_look is not None:
        on_look(sent["changes"])


def _turned(key: str, on_preset: Callable[[int], None] | None) -> None:
    sent = st.session_state[key].get("preset")
    if on_preset is not None and isinstance(sent, Mapping) and sent.get("by") in (1, -1):
        on_preset(sent["by"])


def _nothing() -> None:
    """Streamlit reports a trigger only where it has a callback; the result is read from the mount instead."""
