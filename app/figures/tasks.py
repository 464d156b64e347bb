"""Curves and bars of many tasks: one chart for their mean, a small one for each, bars for how they end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.figures._frame import FONT, axis, frame
from app.palette import Palette, with_alpha
from app.plain_text import no_tags

DASHES = ("solid", "dash", "dot", "dashdot")
PER_ROW = 5
GAP = (0.015, 0.12)  # between small charts, as shares of the whole


@dataclass(frozen=True)
class Band:
    """One method's curve over epochs, each array [P]: the median over seeds and the range they span.

    index: which colour; None for the baseline, which is grey and dotted. seeds: how many there are.
    """

    name: str
    x: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray
    index: int | None
    seeds: int = 1


@dataclass(frozen=True)
class Bars:
    """One method's numbers, [K]: the median over seeds and their deviation, None for a single seed."""

    name: str
    values: np.ndarray
    deviation: np.ndarray | None
    index: int | None


def one_chart(bands: Sequence[Band], title: str, palette: Palette, log: bool = False) -> go.Figure:
    """Returns all curves in one chart; the range over seeds is a shade behind the line."""
    figure = frame(palette, height=340)
    figure.update_xaxes(title="epoch", rangemode="tozero")
    figure.update_yaxes(**axis(palette, title={"text": title, "standoff": 14}, **_scale(log)))
    figure.add_traces([trace for band in bands for trace in _traces(band, palette, log)])
    return figure


def each_task(
    panels: Mapping[str, Sequence[Band]], title: str, palette: Palette, log: bool = False
) -> go.Figure:
    """Returns one small chart a task, all with the same axes.

    Written out in plain values and checked once: adding traces to subplots one by one takes half a second.
    """
    rows = -(-len(panels) // PER_ROW)
    layout = frame(palette, height=210 * rows + 70, hovermode="closest").layout.to_plotly_json()
    layout |= {"margin": {"l": 8, "r": 8, "t": 66, "b": 8}, "annotations": []}
    layout["legend"] = {**layout["legend"], "y": 1.1}
    traces: list[Any] = []
    named: set[str] = set()
    for place, (task, bands) in enumerate(panels.items()):
        suffix = "" if place == 0 else str(place + 1)
        layout |= _panel(place, rows, suffix, palette, title, log)
        layout["annotations"].append(_heading(task, suffix, palette))
        for band in bands:
            cell = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
            traces += _traces(band, palette, log, band.name not in named, **cell)
            named.add(band.name)
    return go.Figure({"data": traces, "layout": layout})


def _panel(place: int, rows: int, suffix: str, palette: Palette, title: str, log: bool) -> dict[str, Any]:
    """Returns the axes of one small chart: its place, and numbers at the left and at the bottom only."""
    row, column = divmod(place, PER_ROW)
    width, height = (1 - GAP[0] * (PER_ROW - 1)) / PER_ROW, (1 - GAP[1] * (rows - 1)) / rows
    left, top = column * (width + GAP[0]), 1 - row * (height + GAP[1])
    last, first = row == rows - 1, column == 0
    x = axis(
        palette, anchor=f"y{suffix}", domain=[left, min(1.0, left + width)], nticks=4, rangemode="tozero",
        showticklabels=last, title="epoch" if last and column == PER_ROW // 2 else None,
    )  # fmt: skip
    y = axis(
        palette, anchor=f"x{suffix}", domain=[max(0.0, top - height), top], showticklabels=first,
        title=title if first else None, **_scale(log),
    )  # fmt: skip
    shared = [{"matches": name} if suffix else {} for name in ("x", "y")]
    return {f"xaxis{suffix}": x | shared[0], f"yaxis{suffix}": y | shared[1]}


def _heading(task: str, suffix: str, palette: Palette) -> dict[str, Any]:
    place = {"xref": f"x{suffix} domain", "yref": f"y{suffix} domain", "x": 0.5, "y": 1.0}
    font = {"family": FONT, "size": 13, "color": palette.ink}
    return {"text": task, "showarrow": False, "xanchor": "center", "yanchor": "bottom", "font": font, **place}


def task_bars(tasks: Sequence[str], rows: Sequence[Bars], title: str, palette: Palette) -> go.Figure:
    """Returns a group of bars for each task, one bar a method, the deviation over seeds on top."""
    figure = frame(palette, hovermode="x unified", barmode="group", bargap=0.25, bargroupgap=0.06)
    figure.update_yaxes(**axis(palette, title={"text": title, "standoff": 14}, zerolinewidth=2))
    for bars in rows:
        figure.add_bar(
            x=list(tasks), y=bars.values.astype(np.float32), name=no_tags(bars.name),
            marker={"color": _colour(bars.index, palette), "pattern": {"shape": _pattern(bars.index)}},
            error_y=_whiskers(bars, palette), hovertemplate="%{y:.3g}",
        )  # fmt: skip
    return figure


def _traces(
    band: Band, palette: Palette, log: bool, in_legend: bool = True, **cell: str
) -> list[dict[str, Any]]:
    """Returns the shade, where there are several seeds, and the line."""
    colour = _colour(band.index, palette)
    middle, low, high = (_drawable(values, log) for values in (band.middle, band.low, band.high))
    alone = middle.size == 1
    common = {"type": "scatter", "legendgroup": band.name, **cell}
    line = {
        "x": band.x, "y": middle, "name": no_tags(band.name), "mode": "markers" if alone else "lines",
        "line": {"color": colour, "width": 2.5, "dash": _dash(band.index)},
        "marker": {"color": colour, "size": 8}, "hovertemplate": "%{y:.4g}", "showlegend": in_legend, **common,
    }  # fmt: skip
    if band.seeds == 1 or alone:
        return [line]
    around = np.concatenate([band.x, band.x[::-1]]), np.concatenate([high, low[::-1]])
    shade = {
        "x": around[0], "y": around[1], "mode": "lines", "fill": "toself", "line": {"width": 0},
        "fillcolor": with_alpha(colour, 0.14), "hoverinfo": "skip", "showlegend": False, **common,
    }  # fmt: skip
    return [shade, line]


def _drawable(values: np.ndarray, log: bool) -> np.ndarray:
    values = values.astype(np.float32)
    return np.where(values > 0, values, np.nan) if log else values


def _scale(log: bool) -> dict[str, str]:
    return {"type": "log", "rangemode": "normal"} if log else {"type": "linear", "rangemode": "tozero"}


def _colour(index: int | None, palette: Palette) -> str:
    return palette.muted if index is None else palette.methods[index % len(palette.methods)]


def _dash(index: int | None) -> str:
    """More methods than colours: the second round is dashed, the third dotted."""
    return "dot" if index is None else DASHES[index // 6 % len(DASHES)]


def _pattern(index: int | None) -> str:
    return "" if index is None else ("", "/", ".", "x")[index // 6 % 4]


def _whiskers(bars: Bars, palette: Palette) -> dict[str, object] | None:
    if bars.deviation is None:
        return None
    return {
        "type": "data",
        "array": bars.deviation.astype(np.float32),
        "color": palette.muted,
        "thickness": 1,
    }
