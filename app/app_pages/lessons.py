"""The Lessons: the list, or one lesson step by step. A question is answered before its run is shown."""

import streamlit as st

from app.lessons import lessons
from app.lessons.lesson import Lesson
from app.lessons.page import all_answers, lesson_card, lesson_page
from app.lessons.progress import answers, keep
from app.lessons.quiz_page import NAME, quiz_page
from app.pages import Page
from app.plain_text import plain

PAGE = Page("Lessons", ":material/school:", 2)


def chosen() -> Lesson | None:
    """Returns the lesson that the address names; says so where there is none of that name."""
    name = st.query_params.get("lesson")
    if name not in (None, NAME, *lessons()):
        st.warning(
            f"lesson takes one of {', '.join(lessons())}, got {plain(name or '')}.",
            icon=":material/link_off:",
        )
    return lessons().get(name or "")


def overview() -> None:
    """Draws the list of all lessons."""
    with st.container(key="lesson-heading"):
        st.markdown("## Lessons")
        st.caption(
            "Each step asks first and shows then: say what you expect, watch the run, read why. Your answers stay in "
            "this browser, and you can take them along."
        )
    for row in range(0, len(lessons()), 2):
        pair = list(lessons().values())[row : row + 2]
        for cell, lesson in zip(st.columns(2), pair, strict=False):
            with cell:
                lesson_card(lesson)
    st.page_link(
        "app_pages/lessons.py", label="Ten questions, before the lessons and after them",
        icon=":material/quiz:", query_params={"lesson": NAME},
    )  # fmt: skip
    if answers():
        all_answers()


lesson = chosen()
if st.query_params.get("lesson") == NAME:
    quiz_page()
elif lesson is None:
    overview()
else:
    lesson_page(lesson)
with st.container(key="lessons-kept"):
    keep()
