"""Three bowls in four dimensions whose gradients conflict pair by pair: what two tasks cannot show."""

from typing import Any

import numpy as np

from mtlcore.compiled.deferred import kernel
from toy_problems.problem import CONSTANTS, LOSS, PAIR_EXCESS, Balance, Problem, all_at_optimum

CENTRES = np.array([[2.0, 0.0, 0.0, 0.0], [-1.2, 1.6, 0.0, 0.0], [-1.2, -1.15, np.sqrt(1.2375), 0.0]])


def formula(xp: Any, r: Any, task: int, b: Balance) -> Any:
    """Returns the task's loss: r [..., N, 4] -> [...]."""
    return 0.5 * b[task] * ((r - xp.asarray(CENTRES[task])) ** 2).sum((-2, -1))


@kernel(PAIR_EXCESS)
def pair_excess(r, task, pair, tasks):
    """Returns one pair of coordinates' share of the task's excess loss at an even balance."""
    total = 0.0
    for n in range(r.shape[0]):
        for i in range(2 * pair, 2 * pair + 2):
            total += (r[n, i] - CENTRES[task, i]) ** 2
    return 0.5 * total


@kernel(CONSTANTS)
def constants(b, d):
    """Returns of each task its scale and its centre, [5 K], and the minima [K]."""
    data = np.empty(5 * b.size)
    for k in range(b.size):
        data[5 * k] = b[k]
        for i in range(4):
            data[5 * k + 1 + i] = CENTRES[k, i]
    return data, np.zeros(b.size)


@kernel(LOSS)
def loss(r, task, data, gradient):
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
    kernel=loss,
    constants=constants,
    optima=lambda d, tasks: CENTRES.copy(),
    solved=all_at_optimum,
    pair_excess=pair_excess,
    notation={
        "z": ("z", "what the task sees of the shared feature"),
        "c_": ("c_k", "task k's optimum; all three lie at distance 2 from the origin"),
    },
)  # fmt: skip
