"""Two tasks with opposite labels on one cloud of points (after Javaloy & Valera, first version, Fig. 3c)."""

from typing import Any

import numpy as np

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from toy_problems.problem import CONSTANTS, LOSS, SUCCESS, Balance, Problem
from toy_problems.problems import _opposite_points

SIZE = 64
ENOUGH = 0.95  # accuracy that counts as solved


POINTS = np.array(_opposite_points.POINTS)  # [64, 2], in two clouds
LABELS = np.repeat([-1.0, 1.0], SIZE // 2)


def formula(xp: Any, r: Any, task: int, b: Balance) -> Any:
    """Returns the mean binary cross-entropy of the logit r_1: r [..., 64, 2] -> [...]; task 1 negates the labels."""
    margin = r[..., 0] * xp.asarray(LABELS if task == 0 else -LABELS)
    return b[task] * xp.logaddexp(0.0 * margin, -margin).mean(-1)


@kernel(CONSTANTS)
def constants(b, d):
    """Returns the two tasks' scales, then the 64 labels, and the minima [2]."""
    data = np.empty(2 + SIZE)
    data[0], data[1] = b[0], b[1]
    for n in range(SIZE):
        data[2 + n] = LABELS[n]
    return data, np.zeros(2)


@kernel(LOSS)
def loss(r, task, data, gradient):
    """Loss of one task and its gradient; data: the two tasks' scales, then the 64 labels."""
    scale, count = data[task], r.shape[0]
    total = 0.0
    for n in range(count):
        label = data[2 + n] if task == 0 else -data[2 + n]
        margin = label * r[n, 0]
        small = elementary.exp(-abs(margin))
        total += max(-margin, 0.0) + elementary.log1p(small)
        miss = small / (1.0 + small) if margin >= 0.0 else 1.0 / (1.0 + small)
        gradient[n, 0] = -scale * label * miss / count
        for i in range(1, r.shape[1]):
            gradient[n, i] = 0.0
    return scale * total / count


@kernel(SUCCESS)
def solved(z, r, excess, b):
    """Returns whether both tasks classify more than ENOUGH of the points rightly."""
    for k in range(2):
        right = 0
        for n in range(SIZE):
            label = LABELS[n] if k == 0 else -LABELS[n]
            right += 1 if label * r[k, n, 0] > 0.0 else 0
        if not right / SIZE > ENOUGH:
            return False
    return True


def accuracy(r: np.ndarray) -> np.ndarray:
    """Returns each task's share of points classified rightly: r [..., K, 64, 2] -> [..., K]."""
    signs = np.array([1.0, -1.0])[:, None] * LABELS
    return (r[..., 0] * signs > 0.0).mean(axis=-1)


OPPOSITE = Problem(
    key="opposite",
    title="Opposite labels",
    equation=r"L_k = \tfrac{1}{N} \sum_n \log\bigl(1 + e^{\mp y_n r_{n,k,1}}\bigr)",
    idea="The second task wants the negation of the first, and neither has a head of its own. One shared feature "
    "can serve only one of them; once the second task's view is turned by half a circle, both are served at once.",
    cite="After Javaloy & Valera, first version, Fig. 3c",
    task_counts=(2,),
    task_names=lambda tasks: ("Label", "Negated label"),
    backbone=True,
    dims=(2,),
    starts=((0.0, 0.0), (1.0, 0.5), (-1.0, 0.5), (0.5, -1.0), (-0.5, -1.0)),
    bounds=((-6.0, 6.0), (-6.0, 6.0)),
    # slow enough for the views to follow: a quicker network makes do with a sliver of an angle
    defaults={"optimizer": "adam", "lr": 0.001, "steps": 1000, "record_every": 1},
    formula=formula,
    kernel=loss,
    constants=constants,
    optima=lambda d, tasks: np.full((2, d), np.nan),
    solved=solved,
    sees_views=True,
    points=POINTS,
    labels=LABELS,
    angles=(0.0, 1e-3),
    notation={"y_": ("y_n", "the label of point n, −1 or +1")},
)
