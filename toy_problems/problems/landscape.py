"""The two-task landscape on which balancing rules are usually shown (Liu et al. 2021; seen again in Senushkin 2023)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from toy_problems.problem import CONSTANTS, LOSS, SUCCESS, WEIGHTED_OPTIMUM, Balance, Problem

FLOOR = 5e-6  # of the logarithm's argument
ON_FRONT = 0.05  # a point this near the Pareto front has reached it
SIDE = 7.0  # the tasks' optima stand at theta_1 = 7 and -7
# Where each task is lowest, at theta_1 = +-7, and how low f_1 and f_2 are there, to the last bit: solved in 50 digits
OPTIMUM_HEIGHT = -8.434459855516096
MINIMUM = -19.989425136960858
Pair = types.UniTuple(types.float64, 2)


def formula(xp: Any, r: Any, task: int, b: Balance) -> Any:
    """Returns the task's loss b_k f_k / 2: r [..., N, 2] -> [...]."""
    x, y = r[..., 0], r[..., 1]
    upper = xp.clip(
        xp.tanh(0.5 * y), min=0.0
    )  # clip passes a slope at its edge: at y = 0 both branches count
    lower = xp.clip(xp.tanh(-0.5 * y), min=0.0)
    if task == 0:
        cliff, bowl = (-x - 7.0) / 2.0 + xp.tanh(y), SIDE - x
    else:
        cliff, bowl = (3.0 - x) / 2.0 - xp.tanh(y) + 2.0, SIDE + x
    log = xp.log(xp.clip(xp.abs(cliff), min=FLOOR)) + 6.0
    quadratic = (bowl**2 + 0.1 * (y + 8.0) ** 2) / 10.0 - 20.0
    return 0.5 * b[task] * (upper * log + lower * quadratic).sum(-1)


@kernel(LOSS)
def loss(r, task, data, gradient):
    """Loss of one task and its gradient; data: the two tasks' scales. Only the first row of r is a point."""
    x, y = r[0, 0], r[0, 1]
    left = -elementary.expm1(-abs(y))  # both tangents from one exponential
    both = left * (2.0 - left)
    half, t = left / (2.0 - left), both / (2.0 - both)
    if y < 0.0:
        half, t = -half, -t
    bend = 0.5 * (1.0 - half * half)
    total, along, across = 0.0, 0.0, 0.0
    if half >= 0.0:
        tilt = 1.0 - t * t
        if task == 0:
            cliff, turn = (-x - 7.0) / 2.0 + t, tilt
        else:
            cliff, turn = (3.0 - x) / 2.0 - t + 2.0, -tilt
        log, slope = elementary.log(FLOOR) + 6.0, 0.0
        if abs(cliff) >= FLOOR:
            log, slope = elementary.log(abs(cliff)) + 6.0, 1.0 / cliff
        total += half * log
        along -= 0.5 * half * slope
        across += bend * log + half * slope * turn
    if half <= 0.0:
        bowl = x - 7.0 if task == 0 else x + 7.0
        quadratic = (bowl * bowl + 0.1 * (y + 8.0) ** 2) / 10.0 - 20.0
        total -= half * quadratic
        along -= half * 0.2 * bowl
        across -= bend * quadratic + half * 0.02 * (y + 8.0)
    gradient[0, 0] = data[task] * along
    gradient[0, 1] = data[task] * across
    return data[task] * total


@kernel(Pair(types.float64))
def front_at(x):
    """Returns theta_2 of the Pareto front at theta_1 = x in [-7, 7], by Newton's method to rounding, and its slope."""
    flat = (49.0 - x * x) / 10.0 - 20.0
    y, along = -8.4, 0.0
    for _ in range(4):  # it starts near enough for three
        half, rise = elementary.tanh(0.5 * y), y + 8.0
        bend, bowl = 0.5 * (1.0 - half * half), flat + 0.01 * rise * rise
        value = -bend * bowl - 0.02 * half * rise
        slope = bend * half * bowl - 0.04 * bend * rise - 0.02 * half
        y, along = y - value / slope, -0.2 * bend * x / slope
    return y, along


@kernel(types.float64(types.float64, types.float64))
def distance_at(x, y):
    """Returns the Euclidean distance of the point (x, y) to the Pareto front."""
    foot = min(max(x, -SIDE), SIDE)
    for _ in range(4):  # the front is so flat that this fixed point contracts fast
        height, slope = front_at(foot)
        foot = min(max(x + (y - height) * slope, -SIDE), SIDE)
    return elementary.hypot(x - foot, y - front_at(foot)[0])


@kernel(types.void(Floats, Floats))
def _heights(x, out):
    """Writes the front's theta_2 at every theta_1 of x to out."""
    for i in range(x.size):
        out[i] = front_at(x[i])[0]


@kernel(types.void(Matrix, Floats))
def _distances(points, out):
    """Writes the distance of every point [M, 2] to the front to out [M]."""
    for i in range(out.size):
        out[i] = distance_at(points[i, 0], points[i, 1])


@kernel(CONSTANTS)
def constants(b, d):
    """Returns the two tasks' scales [2] and the minima [2]."""
    data, minima = np.empty(2), np.empty(2)
    for k in range(2):
        data[k] = 0.5 * b[k]
        minima[k] = MINIMUM * data[k]
    return data, minima


@kernel(SUCCESS)
def solved(z, r, excess, b):
    """Returns whether the point has reached the Pareto front."""
    return distance_at(z[0, 0], z[0, 1]) < ON_FRONT


@kernel(WEIGHTED_OPTIMUM)
def weighted_optimum(p, b, out):
    """Writes the optimum of sum_k p_k L_k to out [2]: on the front, at theta_1 = 14 q - 7, q the first task's share."""
    first, second = p[0] * b[0], p[1] * b[1]
    out[0] = 14.0 * first / (first + second) - 7.0
    out[1] = front_at(out[0])[0]


def front_height(x: np.ndarray) -> np.ndarray:
    """Returns theta_2 of the Pareto front at theta_1 = x [...] in [-7, 7], [...]."""
    flat = np.array(x, dtype=np.float64)
    out = np.empty(flat.shape)
    _heights(flat.reshape(-1), out.reshape(-1))
    return out


def front(count: int) -> np.ndarray:
    """Returns `count` points of the Pareto front, [count, 2], from the second task's optimum to the first's."""
    x = np.linspace(-SIDE, SIDE, count)
    return np.stack([x, front_height(x)], axis=-1)


def front_distance(theta: np.ndarray) -> np.ndarray:
    """Returns the Euclidean distance of points [..., 2] to the Pareto front, [...]."""
    out = np.empty(theta.shape[:-1])
    _distances(np.array(theta, dtype=np.float64).reshape(-1, 2), out.reshape(-1))
    return out


def optimum_distance(
    theta: np.ndarray, b: Balance = (1.0, 1.0), preferences: Sequence[float] | None = None
) -> np.ndarray:
    """Returns the distance of points [..., 2] to the optimum of sum_k p_k L_k; without preferences, of the mean."""
    at = np.empty(2)
    weighted_optimum(np.array(preferences or (0.5, 0.5)), np.array(b), at)
    return np.hypot(theta[..., 0] - at[0], theta[..., 1] - at[1])


LANDSCAPE = Problem(
    key="landscape",
    title="Landscape",
    equation=r"L_k = \tfrac{1}{2} b_k f_k(\theta), \; \theta \in \mathbb{R}^2 \quad "
    r"f_1 = c_1 \bigl(\log \max(|\tfrac{-\theta_1 - 7}{2} + t|, \epsilon) + 6\bigr) \quad "
    r"+\; c_2 \bigl(\tfrac{1}{10} ((7 - \theta_1)^2 + 0.1 (\theta_2 + 8)^2) - 20\bigr) \quad "
    r"f_2 = c_1 \bigl(\log \max(|\tfrac{3 - \theta_1}{2} - t + 2|, \epsilon) + 6\bigr) \quad "
    r"+\; c_2 \bigl(\tfrac{1}{10} ((7 + \theta_1)^2 + 0.1 (\theta_2 + 8)^2) - 20\bigr) \quad "
    r"t = \tanh \theta_2, \; c_1 = \max(\tanh \tfrac{\theta_2}{2}, 0), \; c_2 = \max(-\tanh \tfrac{\theta_2}{2}, 0)",
    idea="Two valleys with a steep cliff above each and one curved Pareto front between them. Rules differ in "
    "where they stop, and from some starts several of them never reach the front.",
    cite="Liu et al. 2021; Senushkin et al. 2023, Fig. 1-2",
    task_counts=(2,),
    task_names=lambda tasks: ("Right valley", "Left valley"),
    backbone=False,
    dims=(2,),
    starts=((-8.5, 7.5), (0.0, 0.0), (9.0, 9.0), (-7.5, -0.5), (9.0, -1.0)),
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    defaults={"optimizer": "adam", "lr": 1e-3, "steps": 35_000, "starts": "paper", "record_every": 100},
    starts_name="paper",
    formula=formula,
    kernel=loss,
    constants=constants,
    optima=lambda d, tasks: np.array([[SIDE, OPTIMUM_HEIGHT], [-SIDE, OPTIMUM_HEIGHT]]),
    solved=solved,
    front=front,
    weighted_optimum=weighted_optimum,
    notation={
        r"\theta": (r"\theta", "the shared parameters, which are the feature too"),
        "b_": ("b_k", "the task balance: what task k's loss is multiplied by"),
        "f_": ("f_1, f_2", "the published losses"),
        r"\epsilon": (r"\epsilon", r"$5 \cdot 10^{-6}$, so that the logarithm stays finite"),
        "t": ("t", "the cliffs' bend"),
        "c_": ("c_1, c_2", "which of the two parts counts: the cliffs above, the valleys below"),
    },
    steps_help="The papers take 35,000. CAGrad, and Aligned-MTL with unequal preferences, end near the optimum of "
    "the weighted sum from all five published starts only with 150,000.",
)
