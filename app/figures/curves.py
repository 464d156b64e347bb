"""Quantities of a run over its steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from app.figures._frame import axis, frame
from app.palette import Palette

DASHES = ("solid", "dash", "dot", "dashdot")
MOST_POINTS = 600


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


def curves(
    lines: Sequence[Line], title: str, palette: Palette, log: bool = False, cap: float = np.inf
) -> go.Figure:
    """Returns the curves in one chart; hovering shows all of them at a step. `log` leaves out values <= 0.

    cap: a value that stands for itself and all above it; where a curve reaches it, a line says so.
    """
    figure = frame(palette)
    figure.update_xaxes(title="step")
    figure.update_yaxes(
        **axis(palette, title={"text": title, "standoff": 14}, type="log" if log else "linear")
    )
    alone = len({line.method for line in lines}) == 1
    for line in lines:
        kept = np.unique(np.linspace(0, line.x.size - 1, min(line.x.size, MOST_POINTS)).astype(int))
        y = line.y[kept].astype(np.float32)
        colours = palette.methods if line.task is None else palette.tasks
        colour = colours[(line.method if line.task is None else line.task) % len(colours)]
        dash = line.dash or ("solid" if alone or line.task is None else DASHES[line.method % len(DASHES)])
        figure.add_scatter(
            x=line.x[kept], y=np.where(y > 0, y, np.nan) if log else y, name=line.name, mode="lines",
            line={"color": colour, "width": 2.5, "dash": dash}, hovertemplate="%{y:.4g}",
        )  # fmt: skip
    if any((line.y >= cap * (1.0 - 1e-9)).any() for line in lines):
        limit = f"{cap:.2g}".replace("e+0", "e")
        ends = [min(line.x[0] for line in lines), max(line.x[-1] for line in lines)]
        figure.add_scatter(
            x=ends, y=[cap, cap], name=f"capped: {limit} stands for this or more", mode="lines",
            line={"color": palette.muted, "width": 1.5, "dash": "dashdot"}, hoverinfo="skip",
        )  # fmt: skip
    return figure
