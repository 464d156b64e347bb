"""A loss over two dimensions as a surface, with the path on it."""

import numpy as np
import plotly.graph_objects as go

from app.figures._frame import frame
from app.palette import Palette, with_alpha

CAMERA = {"eye": {"x": -1.35, "y": -1.35, "z": 1.05}}


def surface(
    x: np.ndarray, y: np.ndarray, height: np.ndarray, paths: np.ndarray, lift: np.ndarray,
    names: tuple[str, str, str], palette: Palette,
) -> go.Figure:  # fmt: skip
    """Returns the surface height [len(y), len(x)] with paths [S, T, 2] drawn on it at heights lift [S, T]."""
    figure = frame(
        palette, height=460, margin={"l": 0, "r": 0, "t": 0, "b": 0}, hovermode="closest", showlegend=False
    )
    scale = [[0.0, palette.tasks[0]], [0.5, palette.surface], [1.0, palette.tasks[1]]]
    figure.add_surface(
        x=x.astype(np.float32), y=y.astype(np.float32), z=height.astype(np.float32), colorscale=scale,
        opacity=0.92, showscale=False,
        contours={"z": {"show": True, "color": with_alpha(palette.ink, 0.35), "width": 1}},
        hovertemplate="<br>".join(map(str.format, ("{} %{{x:.2f}}", "{} %{{y:.2f}}", "{} %{{z:.3f}}"), names))
        + "<extra></extra>",
    )  # fmt: skip
    above = 0.01 * float(np.ptp(height))
    for path, z in zip(paths, lift, strict=True):
        line = {"color": palette.ink, "width": 6}
        figure.add_scatter3d(
            x=path[:, 0], y=path[:, 1], z=z + above, mode="lines", line=line, hoverinfo="skip", name="path"
        )
        figure.add_scatter3d(
            x=path[[0, -1], 0], y=path[[0, -1], 1], z=z[[0, -1]] + above, mode="markers", hoverinfo="skip",
            marker={"color": [palette.start, palette.success], "size": [4, 6]},
        )  # fmt: skip
    axes = {
        f"{letter}axis": {
            "title": name, "gridcolor": palette.grid, "zerolinecolor": palette.grid, "showbackground": False,
            "color": palette.muted,
        }
        for letter, name in zip("xyz", names, strict=True)
    }  # fmt: skip
    figure.update_layout(scene={**axes, "camera": CAMERA, "aspectratio": {"x": 1, "y": 1, "z": 0.7}})
    return figure
