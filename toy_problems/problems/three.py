"""Three bowls in four dimensions whose gradients conflict pair by pair: what two tasks cannot show."""

from typing import Any

import numpy as np

from mtlcore.compiled.deferred import njit
from toy_problems.problem import LOSS, Balance, Problem, all_at_optimum

CENTRES = np.array([[2.0, 0.0, 0.0, 0.0], [-1.2, 1.6, 0.0, 0.0], [-1.2, -1.15, np.sqrt(1.2375), 0.0]])


def formula(xp: Any, r: Any, task: int, b: Balance) -> Any:
    """Returns the task's loss: r [..., N, 4] -> [...]."""
    return 0.5 * b[task] * ((r - xp.asarray(CENTRES[task])) ** 2).sum((-2, -1))


def pair_excess(r: np.ndarray, task: int, tasks: int) -> np.ndarray:
    """Returns each pair of coordinates' share of the excess loss at an even balance: r [..., N, 4] -> [..., 2]."""
    squares = ((r - CENTRES[task]) ** 2).sum(-2)
    return np.asarray(0.5 * (squares[..., 0::2] + squares[..., 1::2]))


@njit(LOSS, cache=True, error_model="numpy")
def kernel(r, task, data, gradient):
    """Loss of one task and its gradient; data: each task's scale, then its centre."""
    scale, total = data[5 * task], 0.0
    for n in range(r.shape[0]):
        for i in range(r.shape[1]):
            u = r[n, i] - data[5 * task + 1 + i]
            total += u * u
            gradient[n, i] = scale * u
    return 0.5 * scale * total


THREE = Problem(
    key="three",
    title="Three tasks",
    equation=r"L_k = \tfrac{1}{2} \|z - c_k\|^2, \quad z \in \mathbb{R}^4",
    idea="Three bowls, every two of them in conflict. Gradients of equal length still add up to a step that hurts the "
    "first task, PCGrad's answer depends on the order it goes through the tasks, IMTL-G's weights become negative, and "
    "MGDA heeds two tasks of the three.",
    cite="Ours",
    task_counts=(3,),
    task_names=lambda tasks: ("First bowl", "Second bowl", "Third bowl"),
    backbone=True,
    dims=(4,),
    starts=(
        (0.0, 0.0, 0.0, 0.0), (-4.0, 0.2, 0.5, 0.0), (3.5, 2.5, -1.0, 0.5), (-1.0, 3.5, 1.0, -1.0),
        (-0.5, -3.5, 2.0, 1.0),
    ),
    bounds=((-5.0, 5.0), (-4.0, 4.0)),
    defaults={"optimizer": "sgd", "lr": 0.003, "steps": 1000, "record_every": 1},
    formula=formula,
    kernel=kernel,
    data=lambda b: np.column_stack([b, CENTRES]).ravel(),
    minima=lambda d, b: np.zeros(3),
    optima=lambda d, tasks: CENTRES.copy(),
    success=all_at_optimum,
    pair_excess=pair_excess,
    notation={
        "z": ("z", "what the task sees of the shared feature"),
        "c_": ("c_k", "task k's optimum; all three lie at distance 2 from the origin"),
    },
)  # fmt: skip
