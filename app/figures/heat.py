"""A quantity over a grid of two parameters."""

from collections.abc import Sequence

import numpy as np
from plotly.graph_objects import Figure

from app.figures._frame import axis, frame
from app.palette import Palette


def success_map(
    rates: np.ndarray, x: Sequence[float], y: Sequence[float], names: tuple[str, str], palette: Palette
) -> Figure:
    """Returns success rates [len(y), len(x)], from 0 to 1, as a heat map with the percentage in each cell."""
    figure = frame(palette, hovermode="closest", height=max(240, 60 + 44 * len(y)))
    scale = [[0.0, palette.surface], [1.0, palette.tasks[0]]]
    text = [[f"{100 * rate:.0f}" for rate in row] for row in rates]
    figure.add_heatmap(
        x=[f"{value:g}" for value in x], y=[f"{value:g}" for value in y], z=rates.astype(np.float32),
        zmin=0, zmax=1, colorscale=scale, text=text, texttemplate="%{text}", xgap=2, ygap=2,
        colorbar={"title": "solved", "tickformat": ".0%", "thickness": 12},
        hovertemplate=f"{names[0]} %{{x}}<br>{names[1]} %{{y}}<br>solved %{{z:.0%}}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(**axis(palette, title=names[0], type="category"))
    figure.update_yaxes(**axis(palette, title=names[1], type="category"))
    return figure


def success_curve(rates: np.ndarray, x: Sequence[float], name: str, palette: Palette) -> Figure:
    """Returns success rates [len(x)], from 0 to 1, over one parameter."""
    figure = frame(palette, hovermode="closest")
    figure.add_scatter(
        x=[f"{value:g}" for value in x], y=rates.astype(np.float32), mode="lines+markers",
        line={"color": palette.tasks[0], "width": 2.5}, marker={"size": 9},
        hovertemplate="%{x}: %{y:.0%}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(**axis(palette, title=name, type="category"))
    figure.update_yaxes(**axis(palette, title="solved", tickformat=".0%", range=[-0.03, 1.03]))
    return figure
