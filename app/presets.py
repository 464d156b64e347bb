"""Views worth showing, named after what they show; a test runs each and checks that it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.view import View


@dataclass(frozen=True)
class Preset:
    """A named view and what to look at in it."""

    title: str
    view: View
    look_at: str


def view_of(problem: str, methods: str, **chosen: Any) -> View:
    """Returns a view; d comes first among `chosen` where it is given, since other ranges depend on it."""
    view = View().having("problem", problem).having("methods", tuple(methods.split()))
    for key, value in chosen.items():
        view = view.having(key, value)
    return view


_ALL = (
    Preset(
        "RotoGrad finds both optima",
        View(),
        "Two tasks pull the shared feature apart. Vanilla stops half-way; RotoGrad turns each task's view "
        "until both optima lie in one place.",
    ),
    Preset(
        "Vanilla sits between",
        view_of("avocado", "uniform", starts="spread"),
        "Wherever it starts, the mean gradient ends between the optima: there the two gradients cancel.",
    ),
    Preset(
        "The louder task wins (s = 0.9)",
        view_of("avocado", "uniform rotograd", s=0.9),
        "The first task's gradient is nine times as large. Vanilla serves it alone; RotoGrad makes the "
        "lengths equal before it turns the directions.",
    ),
    Preset(
        "Rules find a compromise, not an optimum",
        view_of("avocado", "mgda pcgrad cagrad aligned_mtl"),
        "Four ways to weigh the gradients, four places to stop. Where the tasks disagree about z itself, no "
        "weights can please both.",
    ),
    Preset(
        "Quick enough, slow enough (lr_rot 0.03)",
        view_of("nonconvex", "uniform rotograd", lr_rot=0.03, seed=30),
        "Many local minima. The rotations align while the network is still on its way, and slowly enough for "
        "it to follow.",
    ),
    Preset(
        "Too quick to follow (lr_rot 0.3)",
        view_of("nonconvex", "uniform rotograd", lr_rot=0.3, seed=30),
        "The same start, rotations ten times as fast: the ground moves under the network and it ends in a "
        "wrong valley.",
    ),
    Preset(
        "Too slow to align (lr_rot 0.003)",
        view_of("nonconvex", "uniform rotograd", lr_rot=0.003, seed=30),
        "The same start, rotations ten times as slow: the network has settled before they have turned.",
    ),
    Preset(
        "Rotate half the space (d = 4, m = 2)",
        view_of("avocado", "rotograd", d=4, m=2, seed=3),
        "Only the first two of four dimensions may turn. Their pair is solved; choose pair 2 under Space to "
        "see the one that stays stuck.",
    ),
    Preset(
        "Opposite labels: half a turn serves both",
        view_of("opposite", "uniform rotograd rotograd_v1", lr_rot=1.0),
        "The second task wants every label negated, and neither has a head of its own. With one view for both, "
        "nothing is learned. Turned by half a circle, the second view lets one feature serve both tasks.",
    ),
    Preset(
        "Five starts, Aligned-MTL figure 1",
        view_of("landscape", "uniform mgda cagrad aligned_mtl"),
        "Four rules from the paper's five starts. All but one depend on where they begin; Aligned-MTL ends "
        "near the best mean loss from everywhere.",
    ),
)
PRESETS: Mapping[str, Preset] = MappingProxyType({preset.title: preset for preset in _ALL})
