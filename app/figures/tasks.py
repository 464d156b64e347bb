"""Curves and bars of many tasks: one chart for their mean, a small one for each, bars for how they end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.figures._frame import FONT, axis, frame
from app.palette import Palette, with_alpha

DASHES = ("solid", "dash", "dot", "dashdot")
PER_ROW = 5


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
    figure = frame(palette, hovermode="x unified")
    figure.update_xaxes(title="epoch", rangemode="tozero")
    figure.update_yaxes(
        **axis(palette, title={"text": title, "standoff": 14}, rangemode="tozero", **_scale(log))
    )
    figure.update_layout(height=340)
    for band in bands:
        _add(figure, band, palette, log)
    return figure


def each_task(
    panels: Mapping[str, Sequence[Band]], title: str, palette: Palette, log: bool = False
) -> go.Figure:
    """Returns one small chart a task, all with the same axes."""
    rows = -(-len(panels) // PER_ROW)
    figure = make_subplots(
        rows=rows, cols=PER_ROW, shared_xaxes=True, shared_yaxes=True, subplot_titles=list(panels),
        horizontal_spacing=0.015, vertical_spacing=0.12,
    )  # fmt: skip
    figure.update_layout(frame(palette, height=210 * rows + 70, hovermode="closest").layout)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 66, "b": 8}, legend={"y": 1.1})
    figure.update_annotations(font={"family": FONT, "size": 13, "color": palette.ink})
    figure.update_xaxes(**axis(palette, nticks=4, rangemode="tozero"))
    figure.update_yaxes(**axis(palette, rangemode="normal" if log else "tozero", **_scale(log)))
    figure.update_xaxes(title="epoch", row=rows, col=PER_ROW // 2 + 1)
    for row in range(1, rows + 1):
        figure.update_yaxes(title=title, row=row, col=1)
    named: set[str] = set()
    for place, bands in enumerate(panels.values()):
        cell = {"row": place // PER_ROW + 1, "col": place % PER_ROW + 1}
        for band in bands:
            _add(figure, band, palette, log, band.name not in named, **cell)
            named.add(band.name)
    return figure


def task_bars(tasks: Sequence[str], rows: Sequence[Bars], title: str, palette: Palette) -> go.Figure:
    """Returns a group of bars for each task, one bar a method, the deviation over seeds on top."""
    figure = frame(palette, hovermode="x unified", barmode="group", bargap=0.25, bargroupgap=0.06)
    figure.update_yaxes(**axis(palette, title={"text": title, "standoff": 14}, zerolinewidth=2))
    for bars in rows:
        figure.add_bar(
            x=list(tasks), y=bars.values.astype(np.float32), name=bars.name,
            marker={"color": _colour(bars.index, palette), "pattern": {"shape": _pattern(bars.index)}},
            error_y=_whiskers(bars, palette), hovertemplate="%{y:.3g}",
        )  # fmt: skip
    return figure


def _add(
    figure: go.Figure, band: Band, palette: Palette, log: bool, in_legend: bool = True, **cell: int
) -> None:
    colour = _colour(band.index, palette)
    middle, low, high = (_drawable(values, log) for values in (band.middle, band.low, band.high))
    alone = middle.size == 1
    if band.seeds > 1 and not alone:
        figure.add_scatter(
            x=np.concatenate([band.x, band.x[::-1]]), y=np.concatenate([high, low[::-1]]), mode="lines",
            fill="toself", fillcolor=with_alpha(colour, 0.14), line={"width": 0}, hoverinfo="skip",
            showlegend=False, legendgroup=band.name, **cell,
        )  # fmt: skip
    figure.add_scatter(
        x=band.x, y=middle, name=band.name, mode="markers" if alone else "lines",
        line={"color": colour, "width": 2.5, "dash": _dash(band.index)}, marker={"color": colour, "size": 8},
        hovertemplate="%{y:.4g}", legendgroup=band.name, showlegend=in_legend, **cell,
    )  # fmt: skip


def _drawable(values: np.ndarray, log: bool) -> np.ndarray:
    values = values.astype(np.float32)
    return np.where(values > 0, values, np.nan) if log else values


def _scale(log: bool) -> dict[str, str]:
    return {"type": "log" if log else "linear"}


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
