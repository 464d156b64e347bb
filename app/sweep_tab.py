"""The sweep tab: the share of runs solved over one or two settings and many seeds, computed on request."""

import json
import math
from collections.abc import Iterable, Mapping

import numpy as np
import streamlit as st

from app import session
from app.fields import sweepable
from app.figures.heat import Figure, success_curve, success_map
from app.palette import Palette
from app.runs import identity, paths
from app.turns import TURNS, unless_outdated, visitor
from app.view import View
from app.widgets import widget
from mtlcore.registry import method_spec
from toy_problems import SweepResult, ToyConfig, sweep
from toy_problems.config import SEED

KEPT = 24  # sweeps, all visitors together
MOST_WORK = 2e7  # optimiser steps in one sweep, counted at d = 2: some ten seconds

SWEPT = 9  # values of a linear setting in a sweep
SEEDS = (1, 10, 30, 100)  # a sweep's

Axes = dict[str, tuple[float, ...]]


def sweep_tab(view: View, method: str, palette: Palette) -> None:
    """Draws the choice of settings, the button, and the result once it is there."""
    across, up = settings(view, method)
    keys = sweepable((method,), view["tasks"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        widget(view.fields["across"], across, titles=labels(view, keys), as_list=True)
        widget(view.fields["up"], up, titles=labels(view, ("none", *keys)), as_list=True)
        widget(view.fields["seeds"], view["seeds"], titles={n: str(n) for n in SEEDS})
        axes, config = axes_of(view, across, up), view.config(method)
        size = work(config, axes, view["seeds"])
        wanted = json.dumps([identity(config), axes, view["seeds"]])
        st.button(
            "Run the sweep", type="primary", disabled=size > MOST_WORK, key="sweep_run",
            on_click=session.change, args=("swept", True),
        )  # fmt: skip
    if size > MOST_WORK:
        st.info("That is too much for one sweep: choose fewer seeds or steps.", icon=":material/timer:")
    elif session.view()["swept"]:
        with st.spinner("Running the sweep"):
            result = _swept(wanted, config, axes, view["seeds"])
        alt = "share of runs solved, over the settings chosen"
        st.plotly_chart(figure(result, labels(view, (across, up)), palette), theme=None, key="sweep", alt=alt)
        st.caption(caption(result, view, method))
    else:
        st.caption(
            f"{runs(axes, view['seeds']):,} runs of {method_spec(method).title}: every combination of the "
            f"settings, each with {view['seeds']} seeds."
        )


def settings(view: View, method: str) -> tuple[str, str]:
    """Returns the two settings to sweep, the second maybe "none": those chosen, if this method has them."""
    keys = sweepable((method,), view["tasks"])
    across = view["across"] if view["across"] in keys else keys[0]
    fallback = next(key for key in (*keys, "none") if key != across)
    return across, view["up"] if view["up"] in ("none", *keys) and view["up"] != across else fallback


def labels(view: View, keys: Iterable[str]) -> dict[str, str]:
    """Returns what each setting is called."""
    return {key: view.fields[key].param.label if key in view.fields else "Nothing" for key in keys}


def axes_of(view: View, across: str, up: str) -> Axes:
    """Returns the values to sweep by ToyConfig's own names; a rule's parameter loses its method's prefix."""
    return {key.rpartition(".")[2]: sweep_values(view, key) for key in (across, up) if key != "none"}


def sweep_values(view: View, key: str) -> tuple[float, ...]:
    """Returns the values a sweep tries: half decades about the chosen value, or the field's range evenly."""
    param, value = view.fields[key].param, view[key]
    if key == "m":
        return tuple(range(view["d"] + 1))
    if param.scale == "log" and value > 0:
        middle = round(2 * math.log10(value))
        values = (float(f"{10 ** (half % 2 / 2):.0f}e{half // 2}") for half in range(middle - 3, middle + 4))
        return tuple(x for x in values if param.low <= x <= param.high)
    evenly = np.linspace(param.low, param.high, SWEPT)
    return (
        tuple(dict.fromkeys(int(x) for x in evenly))
        if param.kind == "int"
        else tuple(map(float, evenly.round(6)))
    )


def runs(axes: Axes, seeds: int) -> int:
    """Returns how many runs a sweep takes."""
    total = seeds
    for values in axes.values():
        total *= len(values)
    return total


def work(config: ToyConfig, axes: Axes, seeds: int) -> float:
    """Returns a sweep's optimiser steps, a step in d dimensions counted as (d / 2)^2."""
    return runs(axes, seeds) * paths(config) * config.steps * (max([config.d, *axes.get("d", ())]) / 2) ** 2


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _swept(key: str, _config: ToyConfig, _axes: Axes, _seeds: int) -> SweepResult:
    first = min(_config.seed, int(SEED.high) - _seeds)
    with TURNS.turn(visitor(), work(_config, _axes, _seeds), unless_outdated):
        return sweep(_config, _axes, range(first, first + _seeds))


def figure(result: SweepResult, names: Mapping[str, str], palette: Palette) -> Figure:
    """Returns the heat map of a sweep over two settings, or the curve of one over one."""
    across, *up = (list(values) for values in result.axes.values())
    first, second = names.values()
    if not up:
        return success_curve(result.rate, across, first, palette)
    return success_map(result.rate.T, across, up[0], (first, second), palette)


def caption(result: SweepResult, view: View, method: str) -> str:
    """Returns what the picture says, in words: the best setting, and the pairs where there are several."""
    best = result.rate.max()
    where = [axis[i] for axis, i in zip(result.axes.values(), _argmax(result.rate), strict=True)]
    named = " and ".join(f"{name} = {value:g}" for name, value in zip(result.axes, where, strict=True))
    text = f"{method_spec(method).title} solves most at {named}: {best:.0%} of {view['seeds']} seeds."
    if view["d"] > 2:
        text += f" There {result.pair_rate[_argmax(result.rate)]:.0%} of all pairs of dimensions are solved."
    return text if best > 0 else f"{method_spec(method).title} solves none of these."


def _argmax(rates: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(np.argmax(rates), np.shape(rates)))
