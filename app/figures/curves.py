"""Quantities of a run over its steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from app.figures._frame import axis, frame
from app.palette import Palette

DASHES = ("solid", "dash", "dot", "dashdot")
MOST_POINTS = 600
MOST_NAMED = 8  # lines that a legend can name one by one


@dataclass(frozen=True)
class Line:
    """One named curve, y over x; NaN is a gap. `method` picks the dash, where `dash` does not, `task` the colour
    (None: the method does).
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    method: int
    task: int | None = None
    dash: str = ""
    title: str = ""  # the method's alone


def curves(
    lines: Sequence[Line], title: str, palette: Palette, log: bool = False, cap: float = np.inf
) -> go.Figure:
    """Returns the curves in one chart; hovering shows all of them at a step. `log` leaves out values <= 0.

    Of many lines the legend names each task's colour and each method's dash, rather than every line.

    cap: a value that stands for itself and all above it; where a curve reaches it, a line says so.
    """
    figure = frame(palette)
    figure.update_xaxes(title="step")
    figure.update_yaxes(
        **axis(palette, title={"text": title, "standoff": 14}, type="log" if log else "linear")
    )
    alone, crowded = len({line.method for line in lines}) == 1, _crowded(lines)
    for line in lines:
        kept = np.unique(np.linspace(0, line.x.size - 1, min(line.x.size, MOST_POINTS)).astype(int))
        y = line.y[kept].astype(np.float32)
        dash = line.dash or ("solid" if alone or line.task is None else _dash(line))
        figure.add_scatter(
            x=line.x[kept], y=np.where(y > 0, y, np.nan) if log else y, name=line.name, mode="lines",
            line={"color": _colour(line, palette), "width": 2.5, "dash": dash}, hovertemplate="%{y:.4g}",
            showlegend=False if crowded else None,
        )  # fmt: skip
    if crowded:
        _name_colours_and_dashes(figure, lines, palette)
    if any((line.y >= cap * (1.0 - 1e-9)).any() for line in lines):
        _mark_cap(figure, lines, cap, palette)
    return figure


def _crowded(lines: Sequence[Line]) -> bool:
    """Returns whether there are more lines than a legend can name, each told by its task's colour and method's dash."""
    told = all(line.task is not None and not line.dash for line in lines)
    return told and len(lines) > MOST_NAMED and len({line.method for line in lines}) <= len(DASHES)


def _dash(line: Line) -> str:
    return DASHES[line.method % len(DASHES)]


def _colour(line: Line, palette: Palette) -> str:
    colours, which = (palette.methods, line.method) if line.task is None else (palette.tasks, line.task)
    return colours[which % len(colours)]


def _name_colours_and_dashes(figure: go.Figure, lines: Sequence[Line], palette: Palette) -> None:
    """Adds an entry to the legend for each method, in ink, and for each task: lines without a point."""
    methods = {line.method: (line.title, palette.ink, _dash(line)) for line in lines}
    tasks = {line.task: (f"task {(line.task or 0) + 1}", _colour(line, palette), "solid") for line in lines}
    for name, colour, dash in (*methods.values(), *tasks.values()):
        figure.add_scatter(
            x=[None], y=[None], name=name, mode="lines", line={"color": colour, "width": 2.5, "dash": dash},
        )  # fmt: skip


def _mark_cap(figure: go.Figure, lines: Sequence[Line], cap: float, palette: Palette) -> None:
    """Adds a line at `cap` over all steps that says what it stands for."""
    limit = f"{cap:.2g}".replace("e+0", "e")
    ends = [min(line.x[0] for line in lines), max(line.x[-1] for line in lines)]
    figure.add_scatter(
        x=ends, y=[cap, cap], name=f"capped: {limit} stands for this or more", mode="lines",
        line={"color": palette.muted, "width": 1.5, "dash": "dashdot"}, hoverinfo="skip",
    )  # fmt: skip
