"""The race: every method in one picture, and a league table below it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import frontend
from app.runs import trajectory
from app.view import View
from mtlcore.registry import method_spec
from toy_problems import Trajectory
from toy_problems.standings import standing

_mount = st.components.v2.component("gradient_balancing_race", js=frontend.loader("race"))
NOTE = (
    "Means over the starts; steps are the median of the starts that arrive. Length and reversals (moves that go back, "
    "a measure of noise) are of the recorded steps. Passes: backward passes through the shared network that a step "
    "takes. Level curves are as a method that turns nothing sees them."
)


def race(view: View, slot: str) -> None:
    """Draws all methods of a view in one parameter space and one objective space, as the stage of this slot plays
    them, and the league table of their runs.
    """
    runs = [(method_spec(key).title, trajectory(view.config(key))) for key in view.methods]
    _mount(key="race", data={"slot": slot})
    st.dataframe(table(runs), hide_index=True, column_config=columns(), key="league", width="stretch")
    st.caption(NOTE)


def table(runs: Sequence[tuple[str, Trajectory]]) -> dict[str, list[Any]]:
    """Returns the table's columns, a row for each run; one that no run has a number for is left out."""
    lines = [standing(run) for _, run in runs]
    table: dict[str, list[Any]] = {"method": [title for title, _ in runs]}
    table["solved"] = [100.0 * one.solved / one.starts for one in lines]
    for name in ("steps", "excess", "distance", "length", "reversals", "passes"):
        table[name] = [getattr(one, name) for one in lines]
    table["reversals"] = [100.0 * share for share in table["reversals"]]
    return {name: column for name, column in table.items() if any(one == one for one in column)}  # not NaN


def columns() -> dict[str, Any]:
    """Returns how the table's columns are called and written."""
    number = st.column_config.NumberColumn
    return {
        "method": st.column_config.TextColumn("Method"),
        "solved": number("Starts solved", format="%.0f %%"),
        "steps": number("Steps to solved", format="%.0f"),
        "excess": number(
            "Excess loss left", format="%.3g", help="The weighted sum of the excess losses at the end."
        ),
        "distance": number(
            "To the optimum", format="%.3g", help="Distance to the lowest point of the weighted sum."
        ),
        "length": number("Path length", format="%.3g"),
        "reversals": number("Reversals", format="%.0f %%"),
        "passes": number("Passes", format="%d"),
    }
