"""Convex, egg-shaped tasks: two side by side, more on a circle (after Javaloy & Valera 2021, Fig. 1a)."""

from typing import Any

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from toy_problems.centres import CENTRE, directions, on_circle
from toy_problems.problem import CONSTANTS, LOSS, PAIR_EXCESS, Balance, Problem, all_at_optimum

Q = 0.6  # how much steeper the egg's blunt end is
CENTRES = (-1.5, 1.5)  # of two tasks, in the first coordinate of each pair


@kernel(CENTRE)
def centre(task, tasks):
    """Returns where a task of K is lowest in every pair of coordinates."""
    return (CENTRES[task], 0.0) if tasks == 2 else on_circle(task, tasks)


def centres(tasks: int) -> np.ndarray:
    """Returns where the K tasks are lowest in every pair of coordinates, [K, 2]."""
    return np.array([centre(task, tasks) for task in range(tasks)])


def names(tasks: int) -> tuple[str, ...]:
    """Returns what the K tasks are called."""
    return tuple(f"{where.capitalize()} avocado" for where in directions(tasks))


def pair_values(xp: Any, r: Any, task: int, tasks: int) -> Any:
    """Returns phi of every pair of coordinates: r [..., d] -> [..., d/2]."""
    across, up = centre(task, tasks)
    u, v = r[..., 0::2] - across, r[..., 1::2] - up
    return 2.0 * (xp.expm1(Q * u) - Q * u) / Q**2 + 4.0 * v**2


def formula(xp: Any, r: Any, task: int, b: Balance) -> Any:
    """Returns the task's loss, summed over pairs: r [..., N, d] -> [...]."""
    return b[task] * pair_values(xp, r, task, len(b)).sum((-2, -1))


@kernel(types.UniTuple(types.float64, 2)(types.float64, types.float64), inline="always")
def pair_value(u, v):
    """Returns phi of one pair of coordinates, u and v from the task's optimum, and e^(q u) - 1."""
    grown = elementary.expm1(Q * u)
    return 2.0 * (grown - Q * u) / Q**2 + 4.0 * v * v, grown


@kernel(PAIR_EXCESS)
def pair_excess(r, task, pair, tasks):
    """Returns the task's excess loss on one pair of coordinates at an even balance."""
    across, up = centre(task, tasks)
    total = 0.0
    for n in range(r.shape[0]):
        total += pair_value(r[n, 2 * pair] - across, r[n, 2 * pair + 1] - up)[0]
    return total


@kernel(CONSTANTS)
def constants(b, d):
    """Returns of each task its scale and its centre, [3 K], and the minima [K]."""
    data, minima = np.empty(3 * b.size), np.zeros(b.size)
    for k in range(b.size):
        data[3 * k] = b[k]
        data[3 * k + 1], data[3 * k + 2] = centre(k, b.size)
    return data, minima


@kernel(LOSS)
def loss(r, task, data, gradient):
    """Loss of one task and its gradient; data: each task's scale and centre."""
    scale, across, up = data[3 * task], data[3 * task + 1], data[3 * task + 2]
    total = 0.0
    for n in range(r.shape[0]):
        for i in range(0, r.shape[1], 2):
            u, v = r[n, i] - across, r[n, i + 1] - up
            value, grown = pair_value(u, v)
            total += value
            gradient[n, i] = scale * 2.0 * grown / Q
            gradient[n, i + 1] = scale * 8.0 * v
    return scale * total


def front(count: int) -> np.ndarray:
    """Returns `count` points of two tasks' Pareto set without rotations: the segment between the optima, [count, 2]."""
    return np.stack([np.linspace(CENTRES[0], CENTRES[1], count), np.zeros(count)], axis=-1)


AVOCADO = Problem(
    key="avocado",
    title="Avocado",
    equation=r"\phi_k = \tfrac{2}{q^2}\left(e^{q u} - q u - 1\right) + 4 v^2,"
    r"\quad u = z_1 - c_{k1},\ v = z_2 - c_{k2},\ q = 0.6",
    idea="Convex tasks that want z in different places. No single z pleases all, but each task looks at z through its "
    "own rotation, and rotations can bring all optima to the same place.",
    cite="After Javaloy & Valera 2021, Fig. 1a",
    task_counts=(2, 3, 4, 5),
    task_names=names,
    backbone=True,
    dims=tuple(range(2, 17, 2)),
    starts=((-2.5, 1.5), (2.5, 1.5), (0.4, -2.0), (-0.5, 0.5), (3.0, -0.8)),
    bounds=((-4.0, 4.0), (-3.0, 3.0)),
    defaults={"optimizer": "sgd", "lr": 0.003, "steps": 400, "record_every": 1},
    formula=formula,
    kernel=loss,
    constants=constants,
    optima=lambda d, tasks: np.tile(centres(tasks), (1, d // 2)),
    solved=all_at_optimum,
    front=front,
    pair_excess=pair_excess,
    notation={
        r"\phi_": (r"\phi_k", "task k's loss on a pair of dimensions"),
        "q": ("q", "how egg-shaped it is"),
        "u": ("u, v", "how far the pair of dimensions is from the task's optimum"),
        "v": ("u, v", "how far the pair of dimensions is from the task's optimum"),
        "z_": ("z_1, z_2", "a pair of dimensions of what the task sees"),
        "c_": ("c_k", r"task k's optimum: $(\mp 1.5, 0)$, of more than two tasks evenly on the circle of radius 1.5"),
    },
)  # fmt: skip
