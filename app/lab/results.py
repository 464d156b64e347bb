"""What the runs of one setting show: curves while they train, the comparison once some have finished."""

from typing import Any

import numpy as np
import streamlit as st

from app.closer_look import CHART, dark
from app.figures.tasks import Bars, each_task, one_chart, task_bars
from app.lab.comparison_html import table_html
from app.lab.curves import QUANTITIES, bands, shown_titles, written
from app.lab.groups import SINGLE, Group
from app.palette import palette
from app.plain_text import plain
from app.widgets import title_in
from experiments import store
from experiments.cifar10 import CLASSES
from experiments.cifar10.config import LabConfig
from experiments.cifar10.paper import SOURCE
from experiments.comparison import Table

MEAN, EACH = "Mean over tasks", "Each task"
LEVELS = "Level is where the rule looks here; the paper does not state its baselines' level."
SETTING, NEWEST = "lab:setting", "lab:newest"


def choose_group(found: list[Group]) -> Group:
    """Draws the choice of setting where there are several; a new setting is shown as soon as it has begun."""
    titles = {group.key: group.title for group in found}
    if st.session_state.get(NEWEST) != found[0].key or st.session_state.get(SETTING) not in titles:
        st.session_state[NEWEST] = st.session_state[SETTING] = found[0].key
    if len(found) > 1:
        st.selectbox("Setting", list(titles), format_func=title_in(titles), key=SETTING, filter_mode=None)
    return next(group for group in found if group.key == st.session_state[SETTING])


def curves(group: Group) -> None:
    """Draws one quantity over the epochs, for the mean over tasks, one task, or each."""
    offered = written(group)
    st.markdown("### Curves")
    if not offered:
        st.caption(f"{plain(group.title)}. The first points come after the first step.")
        return
    if st.session_state.get("lab:quantity") not in offered:  # another setting may not have it
        st.session_state["lab:quantity"] = offered[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        quantity = st.selectbox(
            "Quantity", offered, format_func=lambda name: _capital(QUANTITIES[name].title), key="lab:quantity",
            persist_state="session", filter_mode=None, width=300,
        )  # fmt: skip
        kind = QUANTITIES[quantity]
        view = MEAN
        if kind.per_task:
            view = st.selectbox(
                "Task",
                (MEAN, EACH, *CLASSES),
                key="lab:task",
                persist_state="session",
                filter_mode=None,
                width=200,
            )
    figure = _figure(group, _titles(group), quantity, view)
    if figure is None:
        st.caption("The mean over tasks comes when all ten single-task networks have points; choose a task.")
        return
    with st.container(key="lab-each-task" if view == EACH else "lab-one-chart"):
        alt = f"{kind.title} over the epochs, {view.lower()}"
        st.plotly_chart(figure, theme=None, config=CHART, key="lab:curves", alt=alt)
    st.caption(f"Data: {plain(group.title)}. Lines are medians over seeds, shades the range they span.")


def _figure(group: Group, titles: tuple[str, ...], quantity: str, view: str) -> Any:
    """Returns the chart of a quantity, None where there is nothing to draw."""
    kind, colours = QUANTITIES[quantity], palette(dark())
    if view == EACH:
        panels = {task: bands(group, titles, quantity, task) for task in CLASSES}
        return each_task(panels, "", colours, kind.log)
    found = bands(group, titles, quantity, None if view == MEAN else view)
    return one_chart(found, _capital(kind.title), colours, kind.log) if found else None


def _titles(group: Group) -> tuple[str, ...]:
    """Draws a choice among the methods, where there is one; nothing chosen shows all."""
    if len(group.titles) == 1:
        return group.titles
    chosen = st.session_state.get("lab:shown") or []
    if not set(chosen) <= set(group.titles):
        st.session_state["lab:shown"] = [title for title in chosen if title in group.titles]
    return shown_titles(
        group, st.pills("Show only", group.titles, selection_mode="multi", key="lab:shown", format_func=plain)
    )


def comparison(table: Table) -> None:
    """Draws the table beside the paper's numbers, each task's bars, and the way to take them along."""
    st.markdown("### Comparison")
    st.html(table_html(table))
    st.caption(_caption(table))
    if table.reach:
        st.info(table.reach, icon=":material/casino:")
    if table.note:
        st.info(table.note, icon=":material/info:")
    _bars(table)
    _export(table)


def _caption(table: Table) -> str:
    text = f"Data: {plain(table.source)}. Median ± deviation over seeds, in percent. {LEVELS}"
    if not table.ranks:
        return text
    text = f"{text} Paper: {SOURCE}."
    whole = LabConfig(data="cifar10")
    differs = [n for n in ("data", "width", "train_images") if table.setting[n] != getattr(whole, n)]
    if not differs:
        return text
    return f"{text} Smaller or other than the paper's setting: compare the order of methods, not the digits."


def _bars(table: Table) -> None:
    rows = [row for row in table.rows if row.delta is not None]
    title = "Δ_k in percent" if rows else "F1 score"
    stamp = (table.key, *(run for row in table.rows for run in row.runs), *table.baseline.tolist())
    with st.container(key="lab-bars"):
        st.plotly_chart(
            _bars_figure(stamp, title, dark(), table), theme=None, config=CHART, key="lab:bars",
            alt=f"{title} of each task, by method",
        )  # fmt: skip
    improvement = "Improvement over the single-task network of each task, as in the paper's Figure 4"
    st.caption(f"{improvement if rows else 'F1 score of each task'}. Data: {plain(table.source)}.")


@st.cache_resource(max_entries=32, show_spinner=False)
def _bars_figure(stamp: tuple[Any, ...], title: str, night: bool, _table: Table) -> Any:
    """Returns the bars; they are made anew only when another run has finished."""
    rows = [row for row in _table.rows if row.delta is not None]
    bars = []
    for index, row in enumerate(rows or _table.rows):
        values = row.f1 if row.delta is None else row.delta
        deviation = values.std(axis=0, ddof=1) if len(values) > 1 else None
        bars.append(Bars(row.title, np.median(values, axis=0), deviation, index))
    if not rows and _table.baseline_seeds:
        bars.append(Bars(SINGLE, _table.baseline, None, None))
    return task_bars(CLASSES, bars, title, palette(night))


def _export(table: Table) -> None:
    ids = [run for row in table.rows for run in row.runs]
    with st.container(horizontal=True):
        st.download_button(
            "Table as CSV", table.to_csv(), "comparison.csv", "text/csv", icon=":material/download:",
            on_click="ignore", key="lab:csv",
        )  # fmt: skip
        with st.popover("Commands", icon=":material/terminal:", key="lab:commands"):
            st.markdown("**The same runs, in a terminal**")
            configs = {run.id: run.config for run in store.runs()}
            lines = [LabConfig.restored(configs[run]).command() for run in ids]
            st.code("\n".join(lines), language="bash", wrap_lines=True)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
