"""The rigid motion's two least-squares problems, followed down their gradient."""

from typing import TYPE_CHECKING

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.views import BEGIN, EXTENT, FEATURES_TYPE, LEARN, VIEWS, CompiledTransform
from mtlcore.spec import TransformSpec
from mtlcore.transforms._rotations import Rotations, begin, module, turn, turned, whole
from mtlcore.transforms._shared import LR_ROT, RATE, RIGID, ROT_DECAY, ROT_INIT, ROT_OPTIMIZER
from mtlcore.transforms._slopes import descent
from mtlcore.transforms.networks import Asked
from mtlcore.transforms.readable import Seen

if TYPE_CHECKING:
    from torch import Tensor

    from mtlcore.nn.transform import BackwardContext, Transform


PARAMS = (LR_ROT, ROT_DECAY, ROT_OPTIMIZER, ROT_INIT)
LR, DECAY, ADAM, HAAR = range(4)  # where their numbers stand, in this order


@kernel(EXTENT)
def _extent(d, hp):
    """Returns that all d dimensions turn."""
    return turned(d, d, hp[HAAR])


@kernel(BEGIN)
def _begin(R, d, hp):
    """Returns the views at R(0), no shifts, and the triangles of the rotations' generators."""
    return begin(R, d, descent(hp[LR], hp[DECAY], hp[ADAM], 0.0), R.shape[1])


@kernel(types.void(VIEWS, FEATURES_TYPE))
def _pull(views, features):
    """Writes the slope of mean_n |R_k g_n - g_n^k|^2 to every pull_k, g_n the rule's update, held fixed.

    The second mean, |R_k z_n + t_k - r_(n,k)|^2, is 0 at the current motion and so is its slope: t_k stays.
    """
    count, d = features.update.shape
    for k in range(views.A.shape[0]):
        for i in range(d):
            for j in range(d):
                views.pull[k, i, j] = 0.0
        for n in range(count):
            for i in range(d):
                miss = -features.local[k, n, i]
                for j in range(d):
                    miss += views.A[k, i, j] * features.update[n, j]
                for j in range(d):
                    views.pull[k, i, j] += 2.0 / count * miss * features.update[n, j]


@kernel(LEARN)
def _learn(z, views, state, features, t):
    """Turns every view down its two least-squares problems."""
    _pull(views, features)
    turn(views, state, t)


class _Readable(Rotations):
    def loss(self, k: int, seen: Seen) -> "Tensor":
        """Returns both means of squares (first version of the paper, eq. 8)."""
        A, b = self.view(k)
        miss = ((seen.update @ A.T - seen.local[k]) ** 2).sum(-1).mean()
        return miss + ((seen.z @ A.T + b - seen.r[k]) ** 2).sum(-1).mean()


def _update(context: "BackwardContext") -> "Tensor":
    """Returns -2 g / S [S, d]: the slope up to a symmetric part, which turns nothing."""
    return context.update * (-2.0 / (len(context.update) * context.processes.count))


def _network(asked: Asked) -> "Transform":
    """Returns the rotations of a network; t_k stays 0, for the second mean is solved at every step."""
    return module(asked, whole(asked.values, asked.width), _update)


SPEC = TransformSpec(
    "rigid_sgd", "Rigid motion by gradient", r"r_k = R_k z + t_k, \quad R_k = R_k(0)\, e^{A_k} \in SO(d)",
    "The same two least-squares problems, followed down their gradient instead of solved. The second is solved "
    "already at every step, so only the rotations move.",
    "Javaloy & Valera, first version, eq. 8", PARAMS,
    objective=r"\min_{R_k, t_k} \tfrac1N \sum_n \|R_k g_n - g_n^k\|^2 \quad "
    r"+\; \tfrac1N \sum_n \|R_k z_n + t_k - r_{n,k}\|^2",
    step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} \tfrac1N \sum_n \|R_k g_n - g_n^k\|^2",
    notation={
        **RIGID,
        "SO(d)": ("SO(d)", "the rotations of all d dimensions of z"),
        "g": ("g_n", "the rule's update at input n's feature, held constant"),
        "A": ("A_k", "the free parameters of that rotation: a skew-symmetric matrix"),
        RATE[0]: RATE,
    },
    blocks=whole, learning_rate="lr_rot", optimizer="rot_optimizer", rate_decay="rot_decay",
    compiled=CompiledTransform(_begin, _learn, _extent), readable=_Readable, network=_network,
)  # fmt: skip
