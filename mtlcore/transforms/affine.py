"""One free linear map a task, trained on its loss: the d-grad baseline."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats
from mtlcore.compiled.views import LEARN, VIEWS, CompiledTransform, Views, views_at
from mtlcore.spec import TransformSpec
from mtlcore.transforms._shared import LR_ROT, RATE, ROT_DECAY, ROT_OPTIMIZER
from mtlcore.transforms._slopes import descent, follow_slope, outer

LR_MAP = replace(LR_ROT, label="Map learning rate", help="Step size of the affine maps' own optimiser.")
MAP_DECAY = replace(
    ROT_DECAY, label="Map decay", help="The map learning rate is multiplied by this at every step."
)
MAP_OPTIMIZER = replace(
    ROT_OPTIMIZER, label="Map optimiser", help="What moves the maps: plain gradient steps, or Adam."
)


def _begin(R: np.ndarray, d: int, values: Mapping[str, Any]) -> tuple[Views, np.ndarray]:
    """Returns the views A_k = I, b_k = 0, and A_k and b_k, task after task, as free parameters."""
    tasks = len(R)
    A = np.tile(np.eye(d), (tasks, 1, 1))
    return views_at(A, descent(values), pull=np.zeros(A.shape)), np.tile(
        np.append(np.eye(d), np.zeros(d)), tasks
    )


@kernel(types.void(VIEWS, Cube, Floats))
def _to_maps(views, local, slope):
    """Writes the slopes of A_k [d, d] and b_k [d] to slope, task after task."""
    d, at = local.shape[2], 0
    for k in range(local.shape[0]):
        for i in range(d):
            for j in range(d):
                slope[at + i * d + j] = views.pull[k, i, j]
            total = 0.0
            for n in range(local.shape[1]):
                total += local[k, n, i]
            slope[at + d * d + i] = total
        at += d * d + d


@kernel(types.void(VIEWS, Floats))
def _refresh(views, q):
    """Copies the free parameters q to every A_k and b_k."""
    d, at = views.b.shape[1], 0
    for k in range(views.b.shape[0]):
        for i in range(d):
            for j in range(d):
                views.A[k, i, j] = q[at + i * d + j]
            views.b[k, i] = q[at + d * d + i]
        at += d * d + d


@kernel(LEARN)
def _learn(z, views, state, features, t):
    """Moves every map down its task's own loss."""
    outer(1, 1.0, features.local, z, views.pull)
    _to_maps(views, features.local, state.step)
    follow_slope(views.hp, state, t)
    _refresh(views, state.theta)


SPEC = TransformSpec(
    "affine", "Affine map", r"r_k = A_k z + b_k",
    "Each task sees the feature through a linear map of its own, trained on its own loss like one more layer of "
    "its head: what rotations add beyond capacity shows in the difference.",
    "The d-grad baseline of Javaloy & Valera, first version", (LR_MAP, MAP_DECAY, MAP_OPTIMIZER),
    objective=r"\min_{A_k, b_k} L_k(A_k z + b_k)",
    step=r"(A_k, b_k) \leftarrow (A_k, b_k) - \eta_t^{\mathrm{rot}}\, \nabla_{A_k, b_k} L_k",
    notation={
        "A": ("A_k", "the matrix of task k"),
        "b": ("b_k", "the shift of task k"),
        RATE[0]: RATE,
    },
    learning_rate="lr_rot", optimizer="rot_optimizer", rate_decay="rot_decay",
    compiled=CompiledTransform(_begin, _learn),
)  # fmt: skip
