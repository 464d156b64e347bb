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


ORIGIN = (0.0, 0.0, 0.0, 0.0)  # of the problem `three`: every two of its tasks conflict here
AWAY = (-4.0, 0.2, 0.5, 0.0)  # and here one gradient is far longer than the others

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
        view_of("nonconvex", "uniform rotograd", lr_rot=0.03, seed=6),
        "Many local minima. The rotations align while the network is still on its way, and slowly enough for "
        "it to follow.",
    ),
    Preset(
        "The same pace, unlucky (seed 5)",
        view_of("nonconvex", "uniform rotograd", lr_rot=0.03, seed=5),
        "The setting of the one before, with another network drawn: this time both players settle in a local minimum. "
        "More seeds end like this one than like the other.",
    ),
    Preset(
        "Too quick to follow (lr_rot 0.3)",
        view_of("nonconvex", "uniform rotograd", lr_rot=0.3, seed=6),
        "The same start, rotations ten times as fast: the ground moves under the network and it ends in a "
        "wrong valley.",
    ),
    Preset(
        "Too slow to align (lr_rot 0.003)",
        view_of("nonconvex", "uniform rotograd", lr_rot=0.003, seed=6),
        "The same start, rotations ten times as slow: the network has settled before they have turned.",
    ),
    Preset(
        "A leader that slows down (decay 0.95)",
        view_of(
            "nonconvex", "uniform rotograd", lr_rot=0.3, rot_decay=0.95, seed=6, look="curves", curve="rates"
        ),
        "In a Stackelberg game a leader moves first and a follower answers; here the rotations lead and the network "
        "follows. They begin as quick as in “Too quick to follow” and slow down by 5 % a step: the curve below shows "
        "the ratio of the two learning rates fall, and the network catches up.",
    ),
    Preset(
        "Rotate half the space (d = 4, m = 2)",
        view_of("avocado", "rotograd", d=4, m=2, seed=3),
        "Only the first two of four dimensions may turn. Their pair is solved; choose pair 2 above the "
        "picture to see the one that stays stuck.",
    ),
    Preset(
        "Opposite labels: half a turn serves both",
        view_of("opposite", "uniform rotograd rotograd_v1", lr_rot=1.0),
        "The second task wants every label negated, and neither has a head of its own. With one view for both, "
        "nothing is learned. Turned by half a circle, the second view lets one feature serve both tasks.",
    ),
    Preset(
        "Five starts, Aligned-MTL figure 1",
        view_of("landscape", "uniform mgda cagrad imtl_g nash_mtl aligned_mtl"),
        "The paper's six methods from its five starts. A plain mean and CAGrad wait at the cliff, three rules stop "
        "where they first meet the front, and Aligned-MTL goes on to the star, the best mean loss.",
    ),
    Preset(
        "Given preferences (0.8, 0.2)",
        view_of(
            "landscape",
            "aligned_mtl nash_mtl imtl_g mgda",
            steps=150_000,
            preferences=(0.8, 0.2),
        ),
        "The star is where the loss is lowest that counts task 1 four times as much as task 2. Aligned-MTL ends there "
        "from everywhere; rules that find their own weights, or bargain, stop elsewhere on the front.",
    ),
    Preset(
        "Five tasks at once",
        view_of("avocado", "uniform rotograd", tasks=5),
        "Five tasks pull the shared feature five ways, and their mean gradient stops among them. Rotations bring all "
        "five optima to one place: what works for two tasks works for more.",
    ),
    Preset(
        "Three tasks: equal lengths hurt one",
        view_of("three", "rotograd_scale mgda rotograd", starts=(ORIGIN,)),
        "Gradients of equal length can be added without harm where there are two tasks, or no conflict (Javaloy & "
        "Valera 2021, Proposition 3.1). Here every two of three tasks conflict: the first one's loss rises. MGDA lets "
        "no loss rise; RotoGrad turns the conflict away.",
    ),
    Preset(
        "Three tasks: PCGrad's order matters",
        view_of("three", "pcgrad", starts=(ORIGIN,), look="curves", curve="weights"),
        "PCGrad takes the conflict out of each gradient against one other after the other, in a random order. With two "
        "tasks there is one order; with three the last word is luck: the weights below jump at every step.",
    ),
    Preset(
        "Three tasks: a negative weight, a task left out",
        view_of("three", "imtl_g_ub mgda_ub", starts=(AWAY,), look="curves", curve="weights"),
        "From here the first task's gradient is nearly twice as long as either other. For equal projections IMTL-G "
        "steps against it: its weight is negative. MGDA's shortest vector lies between the other two "
        "alone: its weight is 0.",
    ),
    Preset(
        "Three tasks: one direction, three lengths",
        view_of(
            "three",
            "aligned_mtl_ub none+aligned_mtl@features",
            starts=(AWAY,),
            **{"aligned_mtl_ub.scale": "min", "none+aligned_mtl@features.scale": "rmse"},
        ),
        "Aligned-MTL makes the principal components equally long: as the shortest of them, the median or their mean "
        "square. Two tasks have two components, and the lower median is the shortest. With three tasks all of them "
        "differ: the shortest creeps from here, the mean square leaps.",
    ),
)
PRESETS: Mapping[str, Preset] = MappingProxyType({preset.title: preset for preset in _ALL})
