"""Level curves as closed polygons: computed once per problem, turned in the browser as the views turn."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import lru_cache

import numpy as np

from mtlcore.compiled.pointers import address
from toy_problems.compiled.signatures import LOSS_POINTER
from toy_problems.compiled.stage import levels as kernels
from toy_problems.compiled.stage.rings import trace_rings
from toy_problems.problem import Balance, Problem

POINTS, RINGS = (
    20_000,
    500,
)  # room for a family's; ten times what any takes here, and made larger where it is not


@dataclass(frozen=True)
class Plane:
    """The square of a task's own space that is drawn; hashable, the problem by its key."""

    key: str
    scales: tuple[float, ...]  # of the tasks' losses
    d: int
    pair: tuple[int, int]
    centre: tuple[float, float]
    half: float
    problem: Problem = dataclass_field(compare=False, repr=False)
    shares: tuple[float, ...] | None = None  # of the tasks in their weighted loss; None: equal


def losses_at(problem: Problem, points: np.ndarray, d: int, b: Balance) -> np.ndarray:
    """Returns the losses [P, K] of K tasks of balance b at points [P, d] of theta space."""
    out = np.empty((len(points), len(b)))
    where = address(problem.kernel, LOSS_POINTER), problem.data(d, b)
    kernels.losses_at(*where, np.array(points, dtype=np.float64), out)
    return out


def _values(plane: Plane, task: int | None, reach: float) -> np.ndarray:
    """Returns one task's loss, or the weighted one, over the plane: [G, G], a row a height."""
    problem, b, tasks = plane.problem, plane.scales, len(plane.scales)
    shares = np.array(plane.shares or [1.0 / tasks] * tasks) if task is None else np.eye(tasks)[task]
    optima = np.array(problem.optima(plane.d, tasks), dtype=np.float64, order="C")
    out = np.empty((kernels.GRID, kernels.GRID))
    where = address(problem.kernel, LOSS_POINTER), problem.data(plane.d, b)
    kernels.fill_levels(*where, shares, optima, *plane.pair, *plane.centre, plane.half, reach, out)
    return out


@lru_cache(maxsize=64)
def level_curves(plane: Plane, task: int | None) -> tuple[tuple[float, tuple[np.ndarray, ...]], ...]:
    """Returns ((level, polygons), ...) of one task's loss, or of sum p_k L_k where task is None; polygons [P, 2]."""
    reach = kernels.REACH_STILL if task is None else kernels.REACH
    values, rounded = _values(plane, task, reach), int(plane.problem.backbone)
    levels = np.empty(kernels.CURVES if rounded else kernels.CURVES_STILL)
    kernels.spread_levels(values, reach, rounded, levels)
    return tuple(zip(levels.tolist(), polygons(values, levels, plane.centre, plane.half, reach), strict=True))


def polygons(
    values: np.ndarray, levels: np.ndarray, centre: tuple[float, float], half: float, reach: float
) -> list[tuple[np.ndarray, ...]]:
    """Returns every level's closed polygons [P, 2] around what is lower, of values [G, G] on a grid of the plane."""
    room, rings, counts = POINTS, RINGS, np.zeros(len(levels), dtype=np.int64)
    while True:
        points, lengths = np.empty((2, room)), np.zeros(rings, dtype=np.int64)
        total = trace_rings(values, levels, *centre, half, reach, points, lengths, counts)
        if total <= room and counts.sum() <= rings:
            break
        room, rings = max(room, int(total)), max(rings, int(counts.sum()))
    ends = np.cumsum(lengths[: counts.sum()])
    found = np.split(points[:, :total].T, ends[:-1]) if len(ends) else []
    last = np.cumsum(counts)
    return [tuple(found[end - count : end]) for end, count in zip(last, counts, strict=True)]
