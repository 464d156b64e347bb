"""The Playground: what is chosen on the left runs on the stage; a closer look waits below."""

from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from app import engine, session
from app.closer_look import closer_look
from app.controls import sidebar, turn_preset
from app.dragged import with_start
from app.lessons.offer import offer
from app.live_words import live_words
from app.luck import luck_sentence
from app.pages import Page
from app.passages import passages
from app.plain_text import plain
from app.preferences import unheard
from app.presets import PRESETS
from app.runs import trajectory
from app.stage import Run, StageEvent, show_stage
from app.stage.component import LOOK
from app.stage.recipe import kernel_names, recipe
from app.view import View
from app.workbench.bench import encode
from app.workbench.taken import taken
from mtlcore.registry import method_spec
from toy_problems import PROBLEMS, Trajectory

STAGE = "stage"
PAGE = Page("Playground", ":material/play_circle:", 1)


def heading(view: View) -> tuple[str, str]:
    """Returns the page's title and what to look at, from the preset shown or from what is chosen."""
    for title, preset in PRESETS.items():
        if preset.view.picture == view.picture:
            return title, preset.look_at
    names = [spec.title for spec in view.specs]
    problem = PROBLEMS[view.problem]
    return f"{problem.title}: {', '.join(names)}", problem.idea


def preset_luck(view: View) -> str:
    """Returns how often what a preset shows would come out with another seed, "" for a view of one's own."""
    shown = any(preset.view.picture == view.picture for preset in PRESETS.values())
    return luck_sentence(view) if shown else ""


def show_notices() -> None:
    """Says what could not be used of the address bar or of what was typed, and quietly that a link is an older one."""
    if notices := session.notices():
        quoted = [plain(text) for text in notices]
        text = quoted[0] if len(quoted) == 1 else "\n".join(f"- {text}" for text in quoted)
        st.warning(text, icon=":material/link_off:")
    if reason := session.refused():
        st.warning(plain(reason), icon=":material/edit_off:")
    if older := session.older_link():
        st.caption(older)


def drag(event: StageEvent, view: View, runs: list[Run]) -> None:
    """Puts the dragged start into the view and runs again."""
    try:
        session.choose(with_start(view, runs, event))
    except ValueError as error:
        session.refuse(str(error))
    session.write_address()
    st.rerun()


def shown(key: str, run: Trajectory) -> Run:
    """Returns one row of the stage: a method's run and the words that go with it."""
    note = unheard(run.config)
    told = passages(run, f"{note} {run.standstill}".strip())
    return Run(method_spec(key).title, run, told, live_words(run, note))


def looked(view: View, runs: list[Run]) -> dict[str, Any]:
    """Returns how the runs are looked at: what the stage is told and tells."""
    return {key: view[key] for key in LOOK} | {"start": min(view["start"], len(runs[0].trajectory.status))}


with st.sidebar:
    st.html(
        "<i hidden></i>"
    )  # with something in it the sidebar takes its place before anything stands beside it
    controls = st.container(key="controls")
view = session.current()
session.write_address()  # before anything is computed: it can be passed on at once
title, look_at = heading(view)
with st.container(key="heading"):
    st.markdown(f"## {title}")
    st.caption(look_at)
with (
    st.container()
):  # what comes and goes stands in a place of its own, so that no stage moves, which would end it
    show_notices()
runs = [shown(key, trajectory(view.config(key))) for key in view.methods]
with st.container(key="stage-area"):
    event = show_stage(
        runs,
        pair=view.pair,
        key=STAGE,
        look=looked(view, runs),
        on_look=lambda changes: session.look(changes, LOOK),
        on_preset=turn_preset,
        recipe=recipe(view, runs) if engine.holds(kernel_names(view)) else None,
    )
with controls:
    sidebar(view, STAGE)
with st.container():
    if luck := preset_luck(view):
        st.caption(luck)
with st.container():
    if bench := taken(view, runs[0].trajectory):
        with suppress(
            StreamlitPageNotFoundError
        ):  # of a page that is run by itself there is no way to another
            st.page_link(
                "app_pages/workbench.py", label="What would every rule do here?", icon=":material/construction:",
                query_params=encode(bench), help="Opens the Workbench with the first method's gradients in the drawn "
                "pair, at the step where it is paused.",
            )  # fmt: skip
if event is not None:
    drag(event, view, runs)
closer_look(view["start"], STAGE)
offer()
