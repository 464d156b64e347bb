"""Rotations and shifts that go towards a closed-form target.

Javaloy & Valera, first version of the paper, Algorithm 1 and appendix A.2 (whose H is the transpose of this one).
"""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.compiled.views import BEGIN, EXTENT, LEARN, CompiledTransform, views_at
from mtlcore.solvers.nearest_rotation import nearest_rotation
from mtlcore.solvers.vectors import copy_matrix, fill_matrix
from mtlcore.spec import Param, TransformSpec
from mtlcore.transforms._rotations import turned, whole
from mtlcore.transforms._shared import RIGID, ROT_INIT
from mtlcore.transforms.networks import Asked
from mtlcore.transforms.readable import Readable, Seen

if TYPE_CHECKING:
    from torch import Tensor

    from mtlcore.nn.transform import BackwardContext, Learned, Transform

A = Param(
    "a", "Share a", "float", 0.1, 0.0, 1.0, 0.01,
    help="How much of the way to its closed-form target every rigid motion goes in a step; 1 goes all the way.",
)  # fmt: skip
A_DECAY = Param(
    "a_decay", "Decay of the share", "float", 0.999, 0.9, 1.0, 0.0001,
    help="The share a is multiplied by this at every step, so that the motions settle before the network does.",
)  # fmt: skip


PARAMS = (A, A_DECAY, ROT_INIT)
SHARE, DECAY, HAAR = range(3)  # where their numbers stand, in this order


@kernel(types.void(Matrix, Floats))
def _mean_point(points, out):
    """Writes the mean of points [N, d] to out [d]."""
    for i in range(points.shape[1]):
        total = 0.0
        for n in range(points.shape[0]):
            total += points[n, i]
        out[i] = total / points.shape[0]


@kernel(types.void(Matrix, Matrix, Matrix))
def _correlate(local, update, out):
    """Writes H = sum_n g_n^k g_n^T to out [d, d]."""
    fill_matrix(out, 0.0)
    for n in range(local.shape[0]):
        for i in range(local.shape[1]):
            for j in range(local.shape[1]):
                out[i, j] += local[n, i] * update[n, j]


@kernel(LEARN)
def _learn(z, views, state, features, t):
    """Draws every R_k and t_k a share of the way to R* and t* = mean(r_k) - R* mean(z)."""
    d, share = z.shape[1], views.hp[0] * elementary.power(views.hp[1], t)
    aim, best, mixed = np.empty((d, d)), np.empty((d, d)), np.empty((d, d))
    z_mean, r_mean = np.empty(d), np.empty(d)
    _mean_point(z, z_mean)
    for k in range(views.A.shape[0]):
        current = views.A[k]
        _correlate(features.local[k], features.update, aim)
        nearest_rotation(aim, current, best)
        _mean_point(features.r[k], r_mean)
        for i in range(d):
            offset = r_mean[i]
            for j in range(d):
                offset -= best[i, j] * z_mean[j]
                mixed[i, j] = (1.0 - share) * current[i, j] + share * best[i, j]
            views.b[k, i] = (1.0 - share) * views.b[k, i] + share * offset
        nearest_rotation(mixed, current, best)
        copy_matrix(best, current)


@kernel(EXTENT)
def _extent(d, hp):
    """Returns that all d dimensions turn."""
    return turned(d, d, hp[HAAR])


@kernel(BEGIN)
def _begin(R, d, hp):
    """Returns the views at R(0) without shifts; they have no free parameters."""
    none = np.zeros((0, 0, 0))
    return views_at(R.copy(), np.array([hp[SHARE], hp[DECAY]]), none, none.copy(), 0), np.zeros(0)


def nearest(target: "Tensor", current: "Tensor") -> "Tensor":
    """Returns the R in SO(d) that maximises tr(R^T target); where several do, the one nearest to `current`.

    target, current: torch's, [d, d] in float64. A target of 0 returns `current`.
    """
    import torch

    d = len(target)
    u, s, vt = torch.linalg.svd(target)
    rank = int((s > d * torch.finfo(s.dtype).eps * s[0]).sum())
    if rank == 0:
        return current
    sign = torch.linalg.det(u) * torch.linalg.det(vt)
    if rank == d:
        turn = torch.ones_like(s)
        turn[-1] = sign.sign()
        return (u * turn) @ vt
    p, _, wt = torch.linalg.svd(u[:, rank:].T @ current @ vt[rank:].T)
    turn = torch.ones(d - rank, dtype=s.dtype, device=s.device)
    turn[-1] = (sign * torch.linalg.det(p) * torch.linalg.det(wt)).sign()
    return u[:, :rank] @ vt[:rank] + u[:, rank:] @ (p * turn) @ wt @ vt[rank:]


class _Readable(Readable):
    def begin(self, R: "list[Tensor]", seed: int) -> None:
        """Begins at R_k(0) without shifts."""
        self.A = R

    def learn(self, seen: Seen) -> None:
        """Goes a share of the way to the rotation of the update onto the task's gradients, and to its shift."""
        share = self.values["a"] * self.values["a_decay"] ** seen.t
        for k in self.tasks:
            best = nearest(seen.local[k].T @ seen.update, self.A[k])
            offset = seen.r[k].mean(0) - best @ seen.z.mean(0)
            self.b[k] = (1.0 - share) * self.b[k] + share * offset
            self.A[k] = nearest((1.0 - share) * self.A[k] + share * best, self.A[k])


def _replaced(old: "Tensor", new: "Tensor", tasks: list[int]) -> "Tensor":
    """Returns `old` [K, ...] with the rows of these tasks from `new`, in the dtype of `old`."""
    result = old.clone()
    result[tasks] = new[tasks].to(old.dtype)
    return result


def _move(module: Any, context: "BackwardContext", decay: float) -> "Learned":
    """Moves the rotations and shifts of the tasks present; returns no gradient."""
    import torch

    with torch.no_grad():
        outer = context.processes.mean(context.seen.mT @ context.update.to(context.seen.dtype)).double()
        centre = context.processes.mean(context.features.to(context.seen.dtype).mean(0)).double()
        rate, rotation, offset = float(module.rate), module.rotation.double(), module.offset.double()
        targets = torch.stack([nearest(h, r) for h, r in zip(outer, rotation, strict=True)])
        shift = rotation @ centre + offset - targets @ centre
        mixed = (1.0 - rate) * rotation + rate * targets
        moved = torch.stack([nearest(x, r) for x, r in zip(mixed, rotation, strict=True)])
        shifted = (1.0 - rate) * offset + rate * shift
        module.rotation = _replaced(module.rotation, moved, context.present)
        module.offset = _replaced(module.offset, shifted, context.present)
        module.rate = module.rate * decay
    return []


def _network(asked: Asked) -> "Transform":
    """Returns the motions of a network: buffers `rotation` [K, d, d], `offset` [K, d] and `rate`, the share now."""
    import torch

    from mtlcore.nn.linear import LinearViews
    from mtlcore.nn.rotation import initial_rotations

    start = initial_rotations(asked.values["rot_init"], asked.tasks, asked.width, asked.seed, asked.dtype)
    tensors = {
        "rotation": start.clone(),
        "offset": torch.zeros(asked.tasks, asked.width, dtype=asked.dtype),
        "rate": torch.tensor(asked.values["a"], dtype=torch.float64),
    }
    return LinearViews(asked.dim, tensors, partial(_move, decay=asked.values["a_decay"]), start=start)


SPEC = TransformSpec(
    "rigid", "Rigid motion", r"r_k = R_k z + t_k, \quad R_k \in SO(d)",
    "Each task sees the feature turned and shifted. At every step the best rotation of the shared update onto "
    "the task's own gradients is known in closed form, and the motion goes a share of the way there.",
    "Javaloy & Valera, first version, Algorithm 1", PARAMS,
    objective=r"R_k^* = \operatorname*{arg\,max}_{R \in SO(d)} "
    r"\operatorname{tr}\Bigl(R^\top \sum_n g_n^k g_n^\top\Bigr), "
    r"\quad t_k^* = \operatorname{mean}_n r_{n,k} - R_k^* \operatorname{mean}_n z_n",
    step=r"R_k \leftarrow \Pi\bigl((1 - a_t) R_k + a_t R_k^*\bigr), "
    r"\quad t_k \leftarrow (1 - a_t)\, t_k + a_t t_k^*",
    notation={
        **RIGID,
        "SO(d)": ("SO(d)", "the rotations of all d dimensions of z"),
        "g": ("g_n", "the rule's update at input n's feature"),
        r"\Pi": (r"\Pi", "the nearest rotation"),
        "a": ("a_t", "the share of the way gone at step t"),
    },
    blocks=whole, compiled=CompiledTransform(_begin, _learn, _extent), readable=_Readable, network=_network,
)  # fmt: skip
