"""Two convex, egg-shaped tasks side by side (after Javaloy & Valera 2021, Fig. 1a)."""

from typing import Any

import numpy as np

from mtlcore.compiled.deferred import njit
from toy_problems.problem import LOSS, Problem, all_at_optimum, task_scale

Q = 0.6  # how much steeper the egg's blunt end is
CENTRES = (-1.5, 1.5)


def pair_values(xp: Any, r: Any, task: int) -> Any:
    """Returns phi of every pair of coordinates: r [..., d] -> [..., d/2]."""
    u, v = r[..., 0::2] - CENTRES[task], r[..., 1::2]
    return 2.0 * (xp.expm1(Q * u) - Q * u) / Q**2 + 4.0 * v**2


def formula(xp: Any, r: Any, task: int, s: float) -> Any:
    """Returns the task's loss, summed over pairs: r [..., N, d] -> [...]."""
    return task_scale(task, s) * pair_values(xp, r, task).sum((-2, -1))


def pair_excess(r: np.ndarray, task: int) -> np.ndarray:
    """Returns each pair's own excess loss at balance 1/2: r [..., N, d] -> [..., d/2]."""
    return pair_values(np, r, task).sum(-2)


@njit(LOSS, cache=True, error_model="numpy")
def kernel(r, task, data, gradient):
    """Loss of one task and its gradient; data: the two tasks' scales."""
    scale, centre = data[task], -1.5 if task == 0 else 1.5
    total = 0.0
    for n in range(r.shape[0]):
        for i in range(0, r.shape[1], 2):
            u, v = r[n, i] - centre, r[n, i + 1]
            grown = np.expm1(Q * u)
            total += 2.0 * (grown - Q * u) / Q**2 + 4.0 * v * v
            gradient[n, i] = scale * 2.0 * grown / Q
            gradient[n, i + 1] = scale * 8.0 * v
    return scale * total


def front(count: int) -> np.ndarray:
    """Returns `count` points of the Pareto set without rotations: the segment between the optima, [count, 2]."""
    return np.stack([np.linspace(CENTRES[0], CENTRES[1], count), np.zeros(count)], axis=-1)


AVOCADO = Problem(
    key="avocado",
    title="Avocado",
    equation=r"\phi_k = \tfrac{2}{q^2}\left(e^{q u} - q u - 1\right) + 4 v^2,"
    r"\quad u = z_1 \pm 1.5,\ v = z_2,\ q = 0.6",
    idea="Two convex tasks that want z in two different places. No single z pleases both, but each task looks at z "
    "through its own rotation, and rotations can bring both optima to the same place.",
    cite="After Javaloy & Valera 2021, Fig. 1a",
    tasks=("Left avocado", "Right avocado"),
    backbone=True,
    dims=tuple(range(2, 17, 2)),
    starts=((-2.5, 1.5), (2.5, 1.5), (0.4, -2.0), (-0.5, 0.5), (3.0, -0.8)),
    bounds=((-4.0, 4.0), (-3.0, 3.0)),
    defaults={"optimizer": "sgd", "lr": 0.003, "steps": 400, "record_every": 1},
    formula=formula,
    kernel=kernel,
    data=lambda s: np.array([task_scale(0, s), task_scale(1, s)]),
    minima=lambda d, s: np.zeros(2),
    optima=lambda d: np.array([[c, 0.0] * (d // 2) for c in CENTRES]),
    success=all_at_optimum,
    front=front,
    pair_excess=pair_excess,
)
