"""Tasks full of local minima, two or more (after Javaloy & Valera 2021, Fig. 1b)."""

from typing import Any

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from toy_problems.centres import CENTRE, directions, on_circle
from toy_problems.problem import CONSTANTS, LOSS, PAIR_EXCESS, Balance, Problem, all_at_optimum

CENTRES = (1.5, -1.5)  # of two tasks, in both coordinates
LOWEST = -3.0  # of one coordinate's part of the loss
PART = types.UniTuple(types.float64, 2)(types.float64)
NEAR = 1e-3  # within this of the centre sin(3u)/u is its Taylor series


@kernel(CENTRE)
def centre(task, tasks):
    """Returns where a task of K is lowest in every pair of coordinates."""
    return (CENTRES[task], CENTRES[task]) if tasks == 2 else on_circle(task, tasks)


def centres(tasks: int) -> np.ndarray:
    """Returns where the K tasks are lowest in every pair of coordinates, [K, 2]."""
    return np.array([centre(task, tasks) for task in range(tasks)])


def names(tasks: int) -> tuple[str, ...]:
    """Returns what the K tasks are called: after where they are lowest."""
    found = ("upper right", "lower left") if tasks == 2 else directions(tasks)
    return tuple(where.capitalize() for where in found)


def pair_values(xp: Any, r: Any, task: int, tasks: int) -> Any:
    """Returns phi of every pair of coordinates: r [..., d] -> [..., d/2]."""
    centre = np.tile(centres(tasks)[task], r.shape[-1] // 2)
    u = r - xp.asarray(centre)
    close = xp.abs(u) < NEAR
    apart = xp.where(close, xp.ones_like(u), u)  # keeps 0/0 out of autograd
    quotient = xp.where(close, 3.0 - 4.5 * u**2 + 2.025 * u**4, xp.sin(3.0 * apart) / apart)
    phi = xp.abs(u) - quotient
    return phi[..., 0::2] + phi[..., 1::2]


def formula(xp: Any, r: Any, task: int, b: Balance) -> Any:
    """Returns the task's loss, summed over pairs: r [..., N, d] -> [...]."""
    return b[task] * pair_values(xp, r, task, len(b)).sum((-2, -1))


@kernel(PART, inline="always")
def part(u):
    """Returns |u| - sin(3 u) / u and its slope, 0 at u = 0: sign(0) = 0."""
    if abs(u) < NEAR:
        quotient = 3.0 - 4.5 * u**2 + 2.025 * u**4
        slope = -9.0 * u + 8.1 * u**3
    else:
        sine, cosine = elementary.sine_cosine(3.0 * u)
        quotient = sine / u
        slope = (3.0 * cosine - quotient) / u
    return abs(u) - quotient, np.sign(u) - slope


@kernel(PAIR_EXCESS)
def pair_excess(r, task, pair, tasks):
    """Returns the task's excess loss on one pair of coordinates at an even balance."""
    lowest = centre(task, tasks)
    total = 0.0
    for n in range(r.shape[0]):
        for i in range(2):
            total += part(r[n, 2 * pair + i] - lowest[i])[0] - LOWEST
    return total


@kernel(CONSTANTS)
def constants(b, d):
    """Returns of each task its scale and its centre, [3 K], and the minima [K]."""
    data, minima = np.empty(3 * b.size), np.empty(b.size)
    for k in range(b.size):
        data[3 * k] = b[k]
        data[3 * k + 1], data[3 * k + 2] = centre(k, b.size)
        minima[k] = b[k] * LOWEST * d
    return data, minima


@kernel(LOSS)
def loss(r, task, data, gradient):
    """Loss of one task and its gradient; data: each task's scale and centre."""
    scale = data[3 * task]
    total = 0.0
    for n in range(r.shape[0]):
        for i in range(r.shape[1]):
            value, slope = part(r[n, i] - data[3 * task + 1 + i % 2])
            total += value
            gradient[n, i] = scale * slope
    return scale * total


NONCONVEX = Problem(
    key="nonconvex",
    title="Non-convex",
    equation=r"\phi_k = \sum_{i=1}^{2} \left(|u_i| - \frac{\sin 3 u_i}{u_i}\right), \quad u = z - c_k",
    idea="Each task has one deep minimum among many shallow ones. Rotations must be quick enough to align the tasks "
    "and slow enough for the network to follow them: too quick, and the two players chase each other.",
    cite="After Javaloy & Valera 2021, Fig. 1b",
    task_counts=(2, 3, 4, 5),
    task_names=names,
    backbone=True,
    dims=tuple(range(2, 17, 2)),
    starts=((0.3, 0.6), (3.0, -1.0), (-1.0, 2.7), (3.2, 3.0), (-3.0, -2.0)),
    bounds=((-4.5, 4.5), (-4.5, 4.5)),
    defaults={"optimizer": "sgd", "lr": 0.003, "steps": 1000, "record_every": 1},
    formula=formula,
    kernel=loss,
    constants=constants,
    optima=lambda d, tasks: np.tile(centres(tasks), (1, d // 2)),
    solved=all_at_optimum,
    pair_excess=pair_excess,
    notation={
        r"\phi_": (r"\phi_k", "task k's loss on a pair of dimensions"),
        "u": ("u", "how far the pair is from the optimum"),
        "u_": ("u", "how far the pair is from the optimum"),
        "z": ("z", "a pair of dimensions of what the task sees"),
        "c_": ("c_k", r"task k's optimum: $\pm (1.5, 1.5)$, of more than two tasks evenly on the circle of radius 1.5"),
    },
)  # fmt: skip
