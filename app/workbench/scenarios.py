"""Gradients that have a name: what a lesson on balancing begins with."""

from collections.abc import Mapping
from types import MappingProxyType

from app.workbench.bench import Rows

# Each has its title, and what there is to look at.
SCENARIOS: Mapping[str, tuple[str, Rows]] = MappingProxyType({
    "Opposed": (
        "Two gradients that pull against each other: what is left between them, and who pays for it?",
        ((1.2, 0.5), (-1.1, 0.6)),
    ),
    "One loud": (
        "The second task's gradient is five times as long: which rules let it drown the first?",
        ((0.35, 0.3), (-1.2, 1.8)),
    ),
    "Nearly parallel": (
        "Both tasks want almost the same. Most rules agree; look at who does not.",
        ((1.4, 0.8), (1.2, 1.1)),
    ),
    "Three in a cycle": (
        "Every two of three tasks are in conflict: after surgery on one pair another conflict is back.",
        ((1.4, 0.1), (-0.5, 1.0), (-0.5, -0.6)),
    ),
    "Rank one": (
        "Both gradients lie on one line, against each other: no step helps both.",
        ((1.2, 0.6), (-0.6, -0.3)),
    ),
})  # fmt: skip
