"""Level curves as closed polygons: computed once per problem, turned in the browser as the views turn."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import lru_cache

import numpy as np
from contourpy import contour_generator

from toy_problems.problem import Problem

GRID = 121  # points a side; the curves are cut to a quarter of a pixel below, so more would not show
CURVES = 8
CURVES_STILL = 14
REACH = 1.6  # the field covers this many times the panel: turned by 45 degrees it still fills the corners
REACH_STILL = 1.3  # what never turns need only fill a panel that is wider than high
TOLERANCE = 1 / 400  # of the panel's half width: a quarter of a pixel in a panel of 200


def field(
    problem: Problem, task: int, b: tuple[float, ...], points: np.ndarray, pair: tuple[int, int], d: int
) -> np.ndarray:
    """Returns the task's loss at points [P, 2] of the plane of two dimensions of its own space: [P].

    The other dimensions are held at the task's optimum, so the curves are a slice through it.
    """
    at = np.tile(np.asarray(problem.optima(d, len(b))[task], dtype=np.float64), (len(points), 1))
    at[:, list(pair)] = points
    return np.asarray(problem.formula(np, at[:, None, :], task, b))


def simplify(ring: np.ndarray, tolerance: float) -> np.ndarray:
    """Returns ring [P, 2] without the points closer than `tolerance` to the line between their neighbours."""
    for parity in (0, 1) * 4:
        if len(ring) < 8:
            break
        before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
        chord = after - before
        cross = chord[:, 0] * (ring[:, 1] - before[:, 1]) - chord[:, 1] * (ring[:, 0] - before[:, 0])
        length = np.hypot(chord[:, 0], chord[:, 1])
        flat = np.abs(cross) <= tolerance * np.maximum(length, 1e-300)
        flat[1 - parity :: 2] = False  # neighbours never go in the same pass
        ring = ring[~flat]
    return ring


def rings(
    values: np.ndarray, x: np.ndarray, y: np.ndarray, level: float, tolerance: float
) -> list[np.ndarray]:
    """Returns the closed polygons around {values < level}: values [len(y), len(x)], each polygon [P, 2].

    A border of high values closes what would run out of the field, so every polygon can be filled.
    """
    step_x, step_y = (x[1] - x[0]) / 100, (y[1] - y[0]) / 100
    wide = np.pad(values, 1, constant_values=max(float(values.max()), level) + 1e6)
    generator = contour_generator(
        np.concatenate([[x[0] - step_x], x, [x[-1] + step_x]]),
        np.concatenate([[y[0] - step_y], y, [y[-1] + step_y]]),
        wide,
        name="serial",
        line_type="Separate",
    )
    closed = (np.asarray(line)[:-1] for line in generator.lines(level))
    return [ring for ring in (simplify(line, tolerance) for line in closed) if len(ring) > 2]


def spread(values: np.ndarray, inside: np.ndarray, round_: bool) -> np.ndarray:
    """Returns the levels, ascending; where `round_`, like squares, so that a parabola's curves lie evenly."""
    lowest, highest = float(values.min()), float(np.quantile(values[inside], 0.97))
    count = CURVES if round_ else CURVES_STILL
    share = (np.arange(count) + 0.6) / count
    return lowest + (highest - lowest) * (share**2 if round_ else share)


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


@lru_cache(maxsize=64)
def level_curves(plane: Plane, task: int | None) -> tuple[tuple[float, tuple[np.ndarray, ...]], ...]:
    """Returns ((level, polygons), ...) of one task's loss, or of sum p_k L_k where task is None."""
    problem, b, d, pair = plane.problem, plane.scales, plane.d, plane.pair
    centre, half = plane.centre, plane.half
    reach = REACH if task is not None else REACH_STILL
    x = centre[0] + half * reach * np.linspace(-1, 1, GRID)
    y = centre[1] + half * reach * np.linspace(-1, 1, GRID)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    chosen = range(len(b)) if task is None else (task,)
    shares = plane.shares if task is None else None
    found = [field(problem, k, b, points, pair, d) for k in chosen]
    values = np.average(found, axis=0, weights=shares).reshape(GRID, GRID)
    inside = (np.abs(x - centre[0]) <= half)[None, :] & (np.abs(y - centre[1]) <= half)[:, None]
    levels = spread(values, inside, problem.backbone)
    return tuple((float(v), tuple(rings(values, x, y, v, half * TOLERANCE))) for v in levels)
