"""What every figure shares: ground, axes and type, drawn from one palette."""

from typing import Any

import plotly.graph_objects as go

from app.palette import Palette, with_alpha

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
HEIGHT = 380


def frame(palette: Palette, height: int = HEIGHT, **layout: Any) -> go.Figure:
    """Returns an empty figure in the palette's colours, `height` pixels high."""
    margin = {"l": 8, "r": 8, "t": 36, "b": 8}
    return go.Figure(
        layout={
            "height": height, "margin": margin,
            "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": palette.surface,
            "font": {"family": FONT, "size": 14, "color": palette.ink}, "hovermode": "x unified",
            "hoverlabel": {"bgcolor": palette.background, "font": {"color": palette.ink, "size": 13}},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "xanchor": "left"},
            "xaxis": axis(palette), "yaxis": axis(palette),
        } | layout
    )  # fmt: skip


def axis(palette: Palette, **changes: Any) -> dict[str, Any]:
    """Returns an axis in the palette's colours."""
    quiet = {
        "gridcolor": with_alpha(palette.grid, 0.6),
        "zerolinecolor": palette.grid,
        "linecolor": palette.grid,
    }
    return (
        quiet
        | {"tickfont": {"color": palette.muted}, "automargin": True, "exponentformat": "power"}
        | changes
    )
