"""Two tasks full of local minima (after Javaloy & Valera 2021, Fig. 1b)."""

from typing import Any

import numpy as np

from mtlcore.compiled.deferred import njit
from toy_problems.problem import LOSS, Problem, all_at_optimum, task_scale

CENTRES = (1.5, -1.5)
NEAR = 1e-3  # within this of the centre sin(3u)/u is its Taylor series


def pair_values(xp: Any, r: Any, task: int) -> Any:
    """Returns phi of every pair of coordinates: r [..., d] -> [..., d/2]."""
    u = r - CENTRES[task]
    close = xp.abs(u) < NEAR
    apart = xp.where(close, xp.ones_like(u), u)  # keeps 0/0 out of autograd
    quotient = xp.where(close, 3.0 - 4.5 * u**2 + 2.025 * u**4, xp.sin(3.0 * apart) / apart)
    phi = xp.abs(u) - quotient
    return phi[..., 0::2] + phi[..., 1::2]


def formula(xp: Any, r: Any, task: int, s: float) -> Any:
    """Returns the task's loss, summed over pairs: r [..., N, d] -> [...]."""
    return task_scale(task, s) * pair_values(xp, r, task).sum((-2, -1))


def pair_excess(r: np.ndarray, task: int) -> np.ndarray:
    """Returns each pair's own excess loss at balance 1/2: r [..., N, d] -> [..., d/2]."""
    return pair_values(np, r, task).sum(-2) + 6.0


@njit(LOSS, cache=True, error_model="numpy")
def kernel(r, task, data, gradient):
    """Loss of one task and its gradient; data: the two tasks' scales. At u = 0 the slope is 0 (sign(0) = 0)."""
    scale, centre = data[task], 1.5 if task == 0 else -1.5
    total = 0.0
    for n in range(r.shape[0]):
        for i in range(r.shape[1]):
            u = r[n, i] - centre
            if abs(u) < NEAR:
                quotient = 3.0 - 4.5 * u**2 + 2.025 * u**4
                slope = -9.0 * u + 8.1 * u**3
            else:
                sine = np.sin(3.0 * u)
                quotient = sine / u
                slope = (3.0 * np.cos(3.0 * u) - quotient) / u
            total += abs(u) - quotient
            gradient[n, i] = scale * (np.sign(u) - slope)
    return scale * total


NONCONVEX = Problem(
    key="nonconvex",
    title="Non-convex",
    equation=r"\phi_k = \sum_{i=1}^{2} \left(|u_i| - \frac{\sin 3 u_i}{u_i}\right), \quad u = z \mp (1.5, 1.5)",
    idea="Each task has one deep minimum among many shallow ones. Rotations must be quick enough to align the tasks "
    "and slow enough for the network to follow them: too quick, and the two players chase each other.",
    cite="After Javaloy & Valera 2021, Fig. 1b",
    tasks=("Upper right", "Lower left"),
    backbone=True,
    dims=tuple(range(2, 17, 2)),
    starts=((0.3, 0.6), (3.0, -1.0), (-1.0, 2.7), (3.2, 3.0), (-3.0, -2.0)),
    bounds=((-4.5, 4.5), (-4.5, 4.5)),
    defaults={"optimizer": "sgd", "lr": 0.003, "steps": 1000, "record_every": 1},
    formula=formula,
    kernel=kernel,
    data=lambda s: np.array([task_scale(0, s), task_scale(1, s)]),
    minima=lambda d, s: np.array([task_scale(k, s) for k in range(2)]) * -3.0 * d,
    optima=lambda d: np.array([[c] * d for c in CENTRES]),
    success=all_at_optimum,
    pair_excess=pair_excess,
)
