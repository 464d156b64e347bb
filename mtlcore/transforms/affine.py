"""One free linear map a task, trained on its loss: the d-grad baseline."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats
from mtlcore.compiled.views import BEGIN, LEARN, VIEWS, CompiledTransform, identities, views_at
from mtlcore.spec import TransformSpec
from mtlcore.transforms._shared import LR_ROT, RATE, ROT_DECAY, ROT_OPTIMIZER
from mtlcore.transforms._slopes import descent, follow_slope, outer
from mtlcore.transforms.networks import Asked
from mtlcore.transforms.readable import Descending

if TYPE_CHECKING:
    from torch import Tensor

    from mtlcore.nn.transform import BackwardContext, Learned, Transform

LR_MAP = replace(LR_ROT, label="Map learning rate", help="Step size of the affine maps' own optimiser.")
MAP_DECAY = replace(
    ROT_DECAY, label="Map decay", help="The map learning rate is multiplied by this at every step."
)
MAP_OPTIMIZER = replace(
    ROT_OPTIMIZER, label="Map optimiser", help="What moves the maps: plain gradient steps, or Adam."
)


PARAMS = (LR_MAP, MAP_DECAY, MAP_OPTIMIZER)
LR, DECAY, ADAM = range(3)  # where their numbers stand, in this order


@kernel(BEGIN)
def _begin(R, d, hp):
    """Returns the views A_k = I, b_k = 0, and A_k and b_k, task after task, as free parameters."""
    tasks, numbers = R.shape[0], descent(hp[LR], hp[DECAY], hp[ADAM], 0.0)
    free = np.zeros(tasks * (d * d + d))
    for k in range(tasks):
        for i in range(d):
            free[k * (d * d + d) + i * d + i] = 1.0
    return views_at(identities(tasks, d), numbers, np.zeros((0, 0, 0)), np.zeros((tasks, d, d)), 0), free


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


class _Readable(Descending):
    def parameters(self) -> "list[Tensor]":
        """Returns A_k and b_k, which begin at I and 0."""
        return [tensor.requires_grad_() for tensor in (*self.A, *self.b)]


def _slopes(module: Any, context: "BackwardContext") -> "Learned":
    """Returns the gradients of each task's own unweighted loss."""
    slope = context.seen.mT @ context.features.to(context.seen.dtype)
    return [
        (module.matrix, slope.to(module.matrix.dtype)),
        (module.offset, context.seen.sum(1).to(module.offset.dtype)),
    ]


def _network(asked: Asked) -> "Transform":
    """Returns the maps of a network: parameters `matrix` [K, d, d] and `offset` [K, d]."""
    import torch

    from mtlcore.nn.linear import LinearViews

    matrix = torch.eye(asked.width, dtype=asked.dtype).repeat(asked.tasks, 1, 1)
    offset = torch.zeros(asked.tasks, asked.width, dtype=asked.dtype)
    return LinearViews(asked.dim, {"matrix": matrix, "offset": offset}, _slopes, trained=True)


SPEC = TransformSpec(
    "affine", "Affine map", r"r_k = A_k z + b_k",
    "Each task sees the feature through a linear map of its own, trained on its own loss like one more layer of "
    "its head: what rotations add beyond capacity shows in the difference.",
    "The d-grad baseline of Javaloy & Valera, first version", PARAMS,
    objective=r"\min_{A_k, b_k} L_k(A_k z + b_k)",
    step=r"(A_k, b_k) \leftarrow (A_k, b_k) - \eta_t^{\mathrm{rot}}\, \nabla_{A_k, b_k} L_k",
    notation={
        "A": ("A_k", "the matrix of task k"),
        "b": ("b_k", "the shift of task k"),
        RATE[0]: RATE,
    },
    learning_rate="lr_rot", optimizer="rot_optimizer", rate_decay="rot_decay",
    compiled=CompiledTransform(_begin, _learn), readable=_Readable, network=_network,
)  # fmt: skip
