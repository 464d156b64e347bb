"""One question on the page: what stands there while it is open, and what it was told once it is answered."""

from collections.abc import Callable, Mapping

import streamlit as st

from app.lessons.answers import Judged, filled, offered, point_of
from app.lessons.lesson import Kind, Lesson, Question, Step
from app.lessons.progress import Answer, add, ask_again
from app.stage import Guess
from mtlcore.param import sentence_of
from toy_problems import Trajectory

Judge = Callable[[str], Judged]


def guess_key(lesson: Lesson, step: int) -> str:
    """Returns where the session keeps a point that was shown and not yet given as the answer."""
    return f"lessons/guess/{lesson.number}/{step}"


def guess_of(lesson: Lesson, number: int, question: Question | None, given: Answer | None) -> Guess | None:
    """Returns the point that the stage shows, and whether it asks for one."""
    if question is None or question.kind is not Kind.POINT:
        return None
    if given is not None:
        return Guess(False, point_of(given.answer))
    return Guess(True, st.session_state.get(guess_key(lesson, number)))


def ask(lesson: Lesson, number: int, step: Step, judged: Judge, runs: Mapping[str, Trajectory]) -> None:
    """Draws an open question; the button below it gives the answer."""
    question = step.question
    assert question is not None
    key = f"{lesson.number}/{number}"
    answer = _asked(question, step, key, st.session_state.get(guess_key(lesson, number)), runs)
    if st.button("Answer and run", type="primary", key=f"lessons/give/{key}", disabled=answer is None):
        try:
            found = judged(str(answer))
        except ValueError as error:
            st.warning(sentence_of(error))
            return
        add(lesson.number, number, step.title, str(answer), found.right, found.said)
        st.session_state.pop(guess_key(lesson, number), None)
        st.rerun()


def _asked(
    question: Question,
    step: Step,
    key: str,
    guess: tuple[float, float] | None,
    runs: Mapping[str, Trajectory],
) -> str | None:
    """Draws what takes the answer and returns it, None as long as there is none."""
    text = f"**{filled(question.text, runs)}**"
    if question.kind is Kind.POINT:
        st.markdown(text)
        st.caption(
            "Click in the picture. By keyboard: Tab to the picture, then the arrow keys, with shift faster."
        )
        return None if guess is None else f"{guess[0]:.4g},{guess[1]:.4g}"
    if question.kind is Kind.SETTING:
        return _number(question, step, key, text)
    texts = offered(question, runs)
    at = st.radio(
        text,
        range(len(texts)),
        index=None,
        format_func=texts.__getitem__,
        key=f"lessons/choose/{key}",
    )
    return None if at is None else str(at)


def _number(question: Question, step: Step, key: str, text: str) -> str:
    field = step.view.fields[question.field]
    st.markdown(text)
    whole = field.param.kind == "int"
    kind = int if whole else float
    low, high = kind(field.param.low), kind(field.param.high)
    value = st.number_input(
        f"{field.param.label}, from {low:g} to {high:g}", low, high, kind(step.view[question.field]),
        step=1 if whole else None, format="%d" if whole else "%g", key=f"lessons/number/{key}",
    )  # fmt: skip
    return field.format(value)


def told(lesson: Lesson, number: int, step: Step, given: Answer, runs: Mapping[str, Trajectory]) -> None:
    """Draws a question that is answered: the question, the guess, and how it went."""
    question = step.question
    assert question is not None
    st.markdown(f"**{filled(question.text, runs)}**")
    st.markdown(f"Your guess: **{_words(question, step, given, runs)}**")
    icon = ":material/check_circle:" if given.right else ":material/lightbulb:"
    (st.success if given.right else st.info)(given.said, icon=icon)
    again = "Try another value" if question.kind is Kind.SETTING else "Try again"
    st.button(
        again, icon=":material/replay:", type="tertiary", key=f"lessons/again/{lesson.number}/{number}",
        on_click=ask_again, args=(lesson.number, number),
    )  # fmt: skip


def _words(question: Question, step: Step, given: Answer, runs: Mapping[str, Trajectory]) -> str:
    if question.kind is Kind.POINT:
        x, y = point_of(given.answer)
        return f"({x:.2f}, {y:.2f})".replace("-", "\u2212")
    if question.kind is Kind.SETTING:
        return f"{step.view.fields[question.field].param.label} {given.answer}"
    return offered(question, runs)[int(given.answer)]
