"""The colours of every picture: safe for colour-blind eyes, in a light and a dark variant.

The hues are Okabe and Ito's (Color Universal Design, 2008); a few are lightened or darkened so that lines
reach a contrast of 3:1 and text 4.5:1 on their background. The third to fifth task's were searched for: whatever
cones an eye lacks, any two of the five are far apart. A colour always means the same: the first task is
blue, the second vermilion or orange, the shared feature and its update are ink, the Pareto front is green.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Palette:
    """Colours by meaning, as #rrggbb. `tasks` are for lines and markers, `task_text` for words."""

    background: str
    surface: str  # the panels' own ground
    ink: str  # text, the shared feature's path
    muted: str  # secondary text
    grid: str  # axes, frames, guide lines
    tasks: tuple[str, ...]
    task_text: tuple[str, ...]
    update: str
    front: str
    front_text: str
    start: str
    success: str
    warning: str
    methods: tuple[str, ...]  # one per method where methods share a chart


LIGHT = Palette(
    background="#ffffff",
    surface="#f8f9fb",
    ink="#1f2430",
    muted="#59606d",
    grid="#c9ced8",
    tasks=("#0072b2", "#d55e00", "#870ff0", "#5a2d00", "#b47869"),
    task_text=("#00659e", "#b34e00", "#7a0bdb", "#5a2d00", "#91523f"),
    update="#1f2430",
    front="#009e73",
    front_text="#00704f",
    start="#59606d",
    success="#00704f",
    warning="#a33a00",
    methods=("#0072b2", "#d55e00", "#009e73", "#a8578a", "#7d6b00", "#1f2430"),
)
DARK = Palette(
    background="#0e1117",
    surface="#161b24",
    ink="#f2f4f8",
    muted="#a9b2c0",
    grid="#3a4352",
    tasks=("#56b4e9", "#f0a23a", "#8f5cff", "#e0409a", "#9a7a38"),
    task_text=("#7cc6f0", "#f5b45c", "#b497ff", "#f07bbd", "#cba766"),
    update="#f2f4f8",
    front="#2bc79b",
    front_text="#5bd8b3",
    start="#a9b2c0",
    success="#5bd8b3",
    warning="#ffb07a",
    methods=("#56b4e9", "#f0a23a", "#2bc79b", "#dd94bd", "#f0e442", "#f2f4f8"),
)


def palette(dark: bool) -> Palette:
    """Returns the palette for a dark or a light page."""
    return DARK if dark else LIGHT


def as_json() -> dict[str, dict[str, Any]]:
    """Returns both palettes as plain values, `{"light": ..., "dark": ...}`, for the browser."""
    return {"light": asdict(LIGHT), "dark": asdict(DARK)}


def with_alpha(colour: str, alpha: float) -> str:
    """Returns `colour` (#rrggbb) as an rgba() value with the given opacity."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"
