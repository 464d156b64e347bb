"""The alignment loss -sum_n <R_k^T gtil_n, v_n> (Javaloy & Valera 2021, eq. 3), for the transforms that descend it."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Matrix
from mtlcore.compiled.views import LEARN
from mtlcore.solvers.vectors import fill_matrix, length_of
from mtlcore.spec import Param
from mtlcore.transforms._rotations import turn
from mtlcore.transforms._slopes import BLOCKS, OWN, outer

ALIGNMENT = Param(
    "alignment", "Alignment loss", "choice", "paper", choices=("paper", "library"),
    help="paper: equation 3, minus the sum of ⟨R_kᵀ g̃_nk, v_n⟩. library: the authors' public package, the sum of "
    "‖R_kᵀ g̃_nk − c v_n‖² with c the length of the mean gradient. Its gradient is 2c times the paper's, so its "
    "rotations slow down as the tasks converge.",
)  # fmt: skip
OBJECTIVE = (
    r"\mathcal L^k_{\mathrm{rot}} = -\sum_n \langle R_k^\top \tilde g_{n,k},\, v_n \rangle, \quad "
    r"\tilde g_{n,k} = \nabla_{r_{n,k}} L_k, \quad v_n = \tfrac1K \sum_k u_{n,k}"
)
ALIGNING = {
    r"\mathcal L^k_{\mathrm{rot}}": (r"\mathcal L^k_{\mathrm{rot}}", "what the rotation of task k descends"),
    r"\tilde g": (r"\tilde g_{n,k}", "the gradient of task k at what it sees of input n, held constant"),
    "v": ("v_n", "where all gradients should point, held constant"),
    "u_": (
        "u_{n,k}",
        r"input n's row of $U_k = G_k / \|G_k\|$, $G_k$ task k's gradients at z over the whole batch",
    ),
}


@kernel(types.void(Cube, Matrix))
def _unit_mean(seen, target):
    """Writes v_n = mean_k u_(n,k) to target [N, d], u the unit gradients (0 for a zero gradient)."""
    fill_matrix(target, 0.0)
    for k in range(seen.shape[0]):
        length = length_of(seen, k)
        if length > 0.0:
            for n in range(target.shape[0]):
                for i in range(target.shape[1]):
                    target[n, i] += seen[k, n, i] / (seen.shape[0] * length)


@kernel(types.float64(Cube))
def _mean_length(seen):
    """Returns ||mean_k G_k||_F."""
    total = 0.0
    for n in range(seen.shape[1]):
        for i in range(seen.shape[2]):
            mean = 0.0
            for k in range(seen.shape[0]):
                mean += seen[k, n, i] / seen.shape[0]
            total += mean * mean
    return np.sqrt(total)


@kernel(LEARN)
def align(z, views, state, features, t):
    """Turns every view down its alignment loss: the paper's, or the squared form of the authors' package."""
    _unit_mean(features.seen, features.target)
    factor = -2.0 * _mean_length(features.seen) if views.hp[OWN] == 1.0 else -1.0
    outer(int(views.hp[BLOCKS]), factor, features.local, features.target, views.pull)
    turn(views, state, t)
