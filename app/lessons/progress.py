"""What a visitor has answered: kept in the session, by their browser between visits, and by whoever downloads it."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from app import frontend

MOST = 2_000  # answers; what a browser sends beyond them is not taken
LONGEST = 400  # characters of one word of an answer
_ANSWERS, _OPEN, _HEARD = "lessons/answers", "lessons/open", "lessons/heard"
_mount = st.components.v2.component("gradient_balancing_progress", js=frontend.loader("progress"))


@dataclass(frozen=True)
class Answer:
    """One answer to the question of a lesson's step (from 1): what was answered, and what that was told, and when."""

    lesson: str
    step: int
    question: str
    answer: str
    right: bool
    said: str
    at: str

    @property
    def place(self) -> tuple[str, int]:
        """Returns the lesson and the step."""
        return self.lesson, self.step


NAMES = tuple(field.name for field in fields(Answer))


def answers() -> list[Answer]:
    """Returns everything that was answered, in order."""
    return st.session_state.setdefault(_ANSWERS, [])


def latest(lesson: str, step: int) -> Answer | None:
    """Returns the answer that a question's step shows; None while it is open: not answered yet, or asked once more."""
    if (lesson, step) in _opened():
        return None
    return next((one for one in reversed(answers()) if one.place == (lesson, step)), None)


def add(lesson: str, step: int, question: str, answer: str, right: bool, said: str) -> None:
    """Keeps an answer; it closes the question."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    answers().append(Answer(lesson, step, question, answer, right, said, at))
    _opened().discard((lesson, step))


def ask_again(lesson: str, step: int) -> None:
    """Opens a question once more; what was answered stays among the answers."""
    _opened().add((lesson, step))


def _opened() -> set[tuple[str, int]]:
    return st.session_state.setdefault(_OPEN, set())


def keep() -> None:
    """Has the browser keep the answers, and takes those that it has kept from an earlier visit."""
    _mount(
        key="lessons/progress",
        data={"answers": [asdict(one) for one in answers()], "heard": st.session_state.get(_HEARD, False)},
        on_kept_change=_take,
    )


def _take() -> None:
    st.session_state[_HEARD] = True
    sent = st.session_state["lessons/progress"].get("kept")
    st.session_state[_ANSWERS] = merged(read(sent), answers())


def read(sent: Any) -> list[Answer]:
    """Returns the answers among what a browser has sent: it can send anything."""
    found = []
    for one in sent[:MOST] if isinstance(sent, Sequence) else ():
        if isinstance(one, dict) and set(one) == set(NAMES):
            texts = [one[name] for name in NAMES if name not in ("step", "right")]
            kinds = type(one["step"]) is int and type(one["right"]) is bool
            if kinds and all(isinstance(text, str) and len(text) <= LONGEST for text in texts):
                found.append(Answer(**one))
    return found


def merged(kept: Iterable[Answer], new: Iterable[Answer]) -> list[Answer]:
    """Returns the kept answers and the new ones, each once, in order."""
    return list(dict.fromkeys([*kept, *new]))


def as_json(given: Sequence[Answer]) -> str:
    """Returns answers as JSON."""
    return json.dumps([asdict(one) for one in given], indent=1, ensure_ascii=False)


def as_csv(given: Sequence[Answer]) -> str:
    """Returns answers as CSV, a line each below the names."""
    text = io.StringIO()
    writer = csv.DictWriter(text, NAMES, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(one) for one in given)
    return text.getvalue()
