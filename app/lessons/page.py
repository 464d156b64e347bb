"""What stands on the page Lessons: a card for each lesson, and a lesson's step."""

import streamlit as st

from app import engine
from app.dragged import with_start
from app.lessons.answers import Judged, filled, judge, with_setting
from app.lessons.asking import ask, guess_key, guess_of, told
from app.lessons.lesson import Kind, Lesson, Step
from app.lessons.progress import Answer, add, answers, as_csv, as_json, latest
from app.live_words import live_words
from app.luck import SEEDS
from app.passages import passages
from app.preferences import unheard
from app.runs import trajectory
from app.stage import Run, show_stage
from app.stage.recipe import kernel_names, recipe
from app.url_state import encode
from app.view import View
from mtlcore.registry import method_spec
from toy_problems import Trajectory

LESSONS = "app_pages/lessons.py"
WAITING = "At the start. What happens next is shown once you have answered."


def lesson_card(lesson: Lesson) -> None:
    """Draws a lesson of the list: its title, how long it takes, what for, and how far the visitor is."""
    asked = [n for n, step in enumerate(lesson.steps, 1) if step.question]
    done = sum(latest(lesson.number, n) is not None for n in asked)
    with st.container(border=True, height="stretch"):
        st.markdown(f"### {int(lesson.number)}. {lesson.title}\n\n{lesson.goal}")
        st.caption(f"{lesson.minutes} minutes · {done} of {len(asked)} questions answered")
        label = "Begin" if not done else "Once more" if done == len(asked) else "Go on"
        st.page_link(
            LESSONS, label=f"{label}: {lesson.title}", icon=":material/play_circle:",
            query_params={"lesson": lesson.number},
        )  # fmt: skip


def all_answers() -> None:
    """Draws what takes the answers along."""
    st.markdown("### Your answers")
    given = answers()
    st.caption(
        f"{len(given)} so far, {sum(one.right for one in given)} of them right. They are kept in this browser."
    )
    with st.container(horizontal=True):
        for kind, written in (("csv", as_csv), ("json", as_json)):
            st.download_button(
                f"Download {kind.upper()}", written(given), f"answers.{kind}", f"text/{kind}",
                icon=":material/download:",
            )  # fmt: skip


def furthest(lesson: Lesson) -> int:
    """Returns the last step that may be seen: the first whose question is open, or the lesson's last."""
    open_ones = (
        n for n, step in enumerate(lesson.steps, 1) if step.question and not latest(lesson.number, n)
    )
    return next(open_ones, len(lesson.steps))


def lesson_page(lesson: Lesson) -> None:
    """Draws the step of a lesson that the address names, or an earlier one whose question is still open."""
    text = st.query_params.get("step", "1")
    asked = int(text) if text.isdigit() and 1 <= int(text) <= len(lesson.steps) else 1
    number = min(asked, furthest(lesson))
    step = lesson.steps[number - 1]
    with st.container(key="lesson-heading"):
        st.markdown(f"## {step.title}")
        st.caption(
            f"Lesson {int(lesson.number)}, {lesson.title}: step {number} of {len(lesson.steps)}"
            + (". This question comes first." if number < asked else "")
        )
    given = latest(lesson.number, number) if step.question else None
    told_side, shown_side = st.columns([2, 3], gap="medium")
    with shown_side:
        runs = _stage(lesson, number, step, given)
    with told_side:
        _words(lesson, number, step, given, runs)
        _further(lesson, number, shut=step.question is not None and given is None)


def _stage(lesson: Lesson, number: int, step: Step, given: Answer | None) -> dict[str, Trajectory]:
    """Draws the stage and returns the step's own runs, by their methods; a dragged start changes the picture alone."""
    view = step.view if given is None else with_setting(step, given.answer)
    own = {key: trajectory(view.config(key)) for key in view.methods}
    held = step.question is not None and given is None
    moved = f"lessons/start/{lesson.number}/{number}"
    drawn = view.having("starts", st.session_state[moved]) if moved in st.session_state and not held else view
    runs = [_run(key, drawn, held) for key in drawn.methods]
    with st.container(key="stage-area"):
        event = show_stage(
            runs, pair=drawn.pair, key=f"lesson-{lesson.number}-{number}", held=held,
            recipe=None if held or not engine.holds(kernel_names(drawn)) else recipe(drawn, runs),
            guess=guess_of(lesson, number, step.question, given),
            on_guess=lambda point: st.session_state.update({guess_key(lesson, number): point}),
        )  # fmt: skip
    if event is not None and not held:
        st.session_state[moved] = with_start(drawn, runs, event)["starts"]
        st.rerun()
    return own


def _run(key: str, view: View, held: bool) -> Run:
    run = trajectory(view.config(key))
    if held:
        return Run(method_spec(key).title, run, [(0, WAITING)])
    note = unheard(run.config)
    return Run(
        method_spec(key).title, run, passages(run, f"{note} {run.standstill}".strip()), live_words(run, note)
    )


def _words(
    lesson: Lesson, number: int, step: Step, given: Answer | None, runs: dict[str, Trajectory]
) -> None:
    st.markdown(filled(step.text, runs))
    if step.question is None:
        return
    question = step.question
    if given is None:
        ask(lesson, number, step, lambda answer: _judged(step, answer), runs)
        return
    told(lesson, number, step, given, runs)
    if question.kind is Kind.SETTING and not given.right:  # to be told why would end the search
        st.button(
            "Show me one",
            type="tertiary",
            icon=":material/visibility:",
            on_click=_show,
            args=(lesson, number),
        )
        return
    st.markdown(filled(step.why, runs))
    if question.seeds is not None:
        same = "give this answer" if question.so_that is None else f"do it with {question.example}"
        st.caption(f"Seed {step.view['seed']} is shown. Of {SEEDS} seeds {question.seeds} {same}.")
    st.page_link(
        "app_pages/playground.py", label="Open this view on the Playground", icon=":material/open_in_new:",
        query_params=encode(with_setting(step, given.answer)),
    )  # fmt: skip


def _judged(step: Step, answer: str) -> Judged:
    assert step.question is not None
    view = with_setting(step, answer)
    return judge(step.question, answer, {key: trajectory(view.config(key)) for key in view.methods}, view)


def _show(lesson: Lesson, number: int) -> None:
    """Gives the step's own example as the answer; it does not count as found."""
    step = lesson.steps[number - 1]
    assert step.question is not None
    add(lesson.number, number, step.title, step.question.example, True, "This one does it; shown to you.")


def _go(number: int) -> None:
    st.query_params["step"] = str(number)


def _further(lesson: Lesson, number: int, shut: bool) -> None:
    """Draws the ways on and back; on is shut while the step's question is open."""
    last = number == len(lesson.steps)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Back", icon=":material/arrow_back:", disabled=number == 1, on_click=_go, args=(number - 1,)
        )
        if not last:
            st.button(
                "Next", icon=":material/arrow_forward:", disabled=shut, on_click=_go, args=(number + 1,)
            )
        st.page_link(LESSONS, label="All lessons", icon=":material/list:")
