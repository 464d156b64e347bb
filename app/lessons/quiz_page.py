"""Ten questions before the lessons and the same ten after them: what is right is told once the second round is in."""

import streamlit as st

from app.lessons import FOLDER, lessons
from app.lessons.answers import filled, judge, offered
from app.lessons.lesson import Lesson, Step
from app.lessons.progress import Answer, add, answers
from app.runs import trajectory
from toy_problems import Trajectory

NAME = "quiz"
ROUNDS = ("before", "after")


def quiz() -> Lesson:
    """Returns the quiz: a lesson of choices, of which the stage shows nothing."""
    return lessons(FOLDER / "quiz")["00"]


def given(which: str) -> list[Answer]:
    """Returns the answers of one round, none where it has not been handed in."""
    return [one for one in answers() if one.lesson == f"{NAME} {which}"]


def quiz_page() -> None:
    """Draws the round that is due, or both results and what is right."""
    with st.container(key="lesson-heading"):
        st.markdown(f"## {quiz().title}")
        st.caption(
            "Once before the lessons and once after them. What is right is told after the second round; the answers "
            "are among those that you can download on the page of all lessons."
        )
    due = next((which for which in ROUNDS if not given(which)), None)
    for which in ROUNDS:
        if done := given(which):
            st.markdown(f"**{which.capitalize()}:** {sum(one.right for one in done)} of {len(done)} right.")
    if due is None:
        _told()
    elif due == ROUNDS[0] or st.toggle("Answer them again now, after the lessons", key="lessons/quiz/again"):
        _round(due)
    st.page_link("app_pages/lessons.py", label="All lessons", icon=":material/list:")


def _runs(step: Step) -> dict[str, Trajectory]:
    return {key: trajectory(step.view.config(key)) for key in step.view.methods}


def _round(which: str) -> None:
    with st.form(f"lessons/quiz/{which}", border=False):
        chosen = [_asked(n, step, which) for n, step in enumerate(quiz().steps, 1)]
        if not st.form_submit_button("Hand in", type="primary"):
            return
    if None in chosen:
        st.warning("Every question takes an answer, a guess as well.", icon=":material/edit_off:")
        return
    for n, (step, at) in enumerate(zip(quiz().steps, chosen, strict=True), 1):
        assert step.question is not None
        told = judge(step.question, str(at), _runs(step), step.view)
        said = told.said if which == ROUNDS[-1] else ""  # a download of the first round gives nothing away
        add(f"{NAME} {which}", n, step.title, str(at), told.right, said)
    st.rerun()


def _asked(n: int, step: Step, which: str) -> int | None:
    assert step.question is not None
    texts = offered(step.question, _runs(step))
    return st.radio(
        f"**{n}. {step.question.text}**", range(len(texts)), index=None, format_func=texts.__getitem__,
        key=f"lessons/quiz/{which}/{n}",
    )  # fmt: skip


def _told() -> None:
    """Draws each question with what was answered twice, and why."""
    for n, (step, *both) in enumerate(zip(quiz().steps, given("before"), given("after"), strict=True), 1):
        assert step.question is not None
        runs = _runs(step)
        texts = offered(step.question, runs)
        words = [f"{which}: {texts[int(one.answer)]}" for which, one in zip(ROUNDS, both, strict=True)]
        icon = ":material/check_circle:" if both[1].right else ":material/lightbulb:"
        st.markdown(
            f"{icon} **{n}. {step.question.text}**\n\n{' · '.join(words)}\n\n{filled(step.why, runs)}"
        )
