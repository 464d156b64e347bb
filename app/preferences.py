"""How much each task counts: sliders that always sum to 1, and who does not listen to them."""

from dataclasses import replace

import streamlit as st

from app import session
from app.view import View
from app.widgets import control
from mtlcore.param import FieldError, sentence_of
from mtlcore.preferences import alike, refusal
from toy_problems import PROBLEMS, ToyConfig
from toy_problems.config import PREFERENCES

LEAST = 0.01  # a slider's ends are for `uniform` alone: every other rule needs a positive number
DIGITS = 4  # kept of what the other tasks get
SHOWN = 3  # digits


def preference_sliders(view: View, exact: bool) -> None:
    """Draws one slider a task, where a chosen method follows preferences or some are chosen."""
    if alike(view["preferences"]) and all(spec.rule_spec.preferences == "none" for spec in view.specs):
        return
    st.markdown("## Preferences")
    for task, name in enumerate(PROBLEMS[view.problem].task_names(view["tasks"])):
        key = f"{'exact' if exact else 'w'}:preferences.{task}"
        counted = view["preferences"][task]
        param = replace(PREFERENCES, label=name, kind="float", default=0.5, high=1.0, step=0.01)
        control(param, counted if exact else round(counted, SHOWN), key, _take, (task, key), exact)


def _take(task: int, key: str) -> None:
    view, value = session.view(), st.session_state[key]
    try:
        moved = shared(view["preferences"], task, value, zeros(view))
        session.change("preferences", view.fields["preferences"].check(moved))
    except ValueError as error:
        session.refuse(sentence_of(error))


def zeros(view: View) -> bool:
    """Returns whether a task may count nothing: where every chosen rule that follows preferences allows it."""
    return all(spec.rule_spec.preferences != "positive" for spec in view.specs)


def shared(preferences: tuple[float, ...], task: int, value: float | None, zeros: bool) -> tuple[float, ...]:
    """Returns preferences that sum to 1 with `value` for one task; the others share the rest as they did before.

    Without `zeros` every task keeps a little. Raises FieldError for a value that is no share of 1.
    """
    if value is None or not 0.0 <= value <= 1.0:
        raise FieldError("", "preferences", value, "a number from 0 to 1 for a task", repr(value))
    least = 0.0 if zeros else LEAST
    others = [k for k in range(len(preferences)) if k != task]
    value = min(max(value, least), 1.0 - least * len(others))
    rest, before = 1.0 - value, sum(preferences[k] for k in others)
    moved = list(preferences)
    moved[task] = value
    for k in others:
        share = preferences[k] / before if before > 0.0 else 1.0 / len(others)
        moved[k] = max(round(rest * share, DIGITS), least)
    largest = max(others, key=lambda k: moved[k])
    moved[largest] = round(moved[largest] + 1.0 - sum(moved), 12)  # what rounding left over
    return tuple(moved)


def unheard(config: ToyConfig) -> str:
    """Returns the sentence that a method leaves the chosen preferences out; empty where it does not."""
    spec = config.resolved.spec.rule_spec
    return refusal(spec) if spec.preferences == "none" and not alike(config.preferences) else ""
