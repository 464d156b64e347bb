"""Aligned-MTL: the gradient matrix with all its singular values made equal."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE, STATIONARY, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.scaling import common_scale, shares, submatrix
from mtlcore.solvers.spectrum import EPS, spectrum
from mtlcore.solvers.vectors import all_tasks, fill
from mtlcore.spec import MethodSpec, Param, RuleSpec

SMALLEST, MEDIAN, RMSE = 0, 1, 2


@njit(types.float64(Floats, types.int64), cache=True, error_model="numpy")
def chosen_square(values, scale):
    """Returns lambda_s from the eigenvalues that count (above 0): the least, the lower median, or their
    mean.
    """
    count, mean, least = 0, 0.0, np.inf
    for value in values:
        if value > 0.0:
            count, mean, least = count + 1, mean + value, min(least, value)
    if scale == RMSE:
        return mean / count
    if scale == MEDIAN:
        rank = (count - 1) // 2
        for value in values:
            below = upto = 0
            for other in values:
                below += 1 if 0.0 < other < value else 0
                upto += 1 if 0.0 < other <= value else 0
            if below <= rank < upto:
                return value
    return least


@njit(types.void(Matrix, types.int64, Floats, Floats), cache=True, error_model="numpy")
def two_tasks(gram, scale, m, w):
    """The weights for K = 2: M^(-1/2) = adj(M + r I) / (r sqrt(tr M + 2 r)), with r^2 = det M; m [2] is 2 p."""
    a, b, c = gram[0, 0], gram[0, 1], gram[1, 1]
    trace, determinant = a + c, _dd.det2(gram[0, 0], gram[0, 1], gram[1, 1])
    top = 0.5 * (trace + np.sqrt((a - c) * (a - c) + 4.0 * b * b))
    least = determinant / top
    if least <= 2.0 * EPS * top:
        x, y = (top - c, b) if a >= c else (b, top - a)
        inner = 0.5 * (m[0] * x + m[1] * y) / (x * x + y * y)
        w[0], w[1] = x * inner, y * inner
        return
    r = np.sqrt(determinant)
    factor = np.sqrt(0.5 * trace if scale == RMSE else least) / (2.0 * r * np.sqrt(trace + 2.0 * r))
    w[0] = factor * ((m[0] * c - m[1] * b) + m[0] * r)
    w[1] = factor * ((m[1] * a - m[0] * b) + m[1] * r)


@njit(RULE, cache=True, error_model="numpy")
def aligned_mtl(gram, losses, hp, noise, state, w):
    """w = sqrt(lambda_s) V diag(lambda^(-1/2)) V' p over eigenvalues above K eps lambda_max. hp: scale, p."""
    K = w.size
    m, top = np.empty(K), 0.0
    shares(hp, 1, all_tasks(K), K, m)
    for k in range(K):
        w[k] = m[k] / K
    for k in range(K):
        top = max(top, gram[k, k])
    if top <= 0.0:
        return STATIONARY
    scales = np.empty(K)
    common_scale(gram, scales)
    if K == 1:
        return OK
    scaled = submatrix(gram, all_tasks(K), K, scales)
    if K == 2:
        two_tasks(scaled, int(hp[0]), m, w)
        return OK
    vh, vl, values = np.empty((K, K)), np.empty((K, K)), np.empty(K)
    if not spectrum(scaled, vh, vl, values):
        return NOT_CONVERGED
    root = np.sqrt(chosen_square(values, int(hp[0])))
    fill(w, 0.0)
    for j in range(K):
        if values[j] > 0.0:
            sh = sl = 0.0
            for i in range(K):
                ph, pl = _dd.mul(vh[i, j], vl[i, j], m[i], 0.0)
                sh, sl = _dd.add(sh, sl, ph, pl)
            factor = root / np.sqrt(values[j]) * (sh / K)
            for i in range(K):
                w[i] += factor * vh[i, j]
    return OK


def aligned(rows: np.ndarray, w: np.ndarray, p: np.ndarray, values: Mapping[str, Any]) -> np.ndarray:
    """Returns the aligned gradients B G: orthogonal where all singular values count, and equally long."""
    left, singular, right = np.linalg.svd(rows)
    counts = singular > np.sqrt(rows.shape[-1] * EPS) * singular[..., :1]
    kept = counts.sum(-1)
    if values["scale"] == "rmse":
        common = np.sqrt((singular**2 * counts).sum(-1) / np.maximum(kept, 1))
    else:  # the singular values come in falling order: the last that counts, or the lower median
        place = kept - 1 if values["scale"] == "min" else kept // 2
        common = np.take_along_axis(singular, np.maximum(place, 0)[..., None], -1)[..., 0]
    return common[..., None, None] * (left * counts[..., None, :]) @ right


SPEC = RuleSpec(
    key="aligned_mtl",
    title="Aligned-MTL",
    equation=r"M = V \Lambda V^\top, \qquad w = \sqrt{\lambda_s}\, V \Lambda^{-1/2} V^\top p",
    idea="Conflict and dominance both show in the singular values of the gradient matrix: they are far "
    "apart. Replace the matrix by the nearest one whose singular values are all equal, so that the tasks "
    "become orthogonal and of one length, and average that by the preferences p. It settles only where the "
    "weighted loss sum p_k L_k is stationary, so it ends where p says, and its step is as long as the least "
    "independent direction allows.",
    cite="Senushkin et al. 2023 (CVPR), Algorithm 1",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=aligned_mtl,
    after=aligned,
    params=(
        Param(
            "scale", "Common singular value", "choice", "min", choices=("min", "median", "rmse"),
            help="Which singular value all of them get: the least, the (lower) median, or the root mean "
            "square.",
        ),
    ),
    preferences="positive",
    notation={
        "V": ("V", "the eigenvectors of M"),
        r"\Lambda": (r"\Lambda", "the eigenvalues of M, zeros left out"),
        r"\lambda_": (r"\lambda_s", "the eigenvalue that sets the common length"),
    },
    methods=(
        MethodSpec(
            "aligned_mtl", "Aligned-MTL", "aligned_mtl", cite="Senushkin et al. 2023, Algorithm 1",
            note="Replaces the gradients by the nearest orthogonal ones of equal length; ends where the given "
            "preferences say.",
        ),
        MethodSpec(
            "aligned_mtl_ub", "Aligned-MTL-UB", "aligned_mtl", level="features", cite="Senushkin et al. 2023",
            note="Aligned-MTL on the gradients at the shared feature: one backward through the backbone "
            "whatever K.",
        ),
    ),
    properties=frozenset({"permutation", "scale"}),
    exemptions={
        "sum_to_one": "The weights make the gradients orthonormal, whatever they sum to.",
        "nonnegative": "Undoing a correlation can take a negative weight.",
        "min_norm_nonincrease": "One more task changes every singular value; no shortest vector is sought.",
        "descent": "Exact for full rank; where the gradients are dependent a task may be opposed.",
        "equal_projections": "The aligned gradients have equal projections, the original ones do not.",
        "stationary_at_opposite": "Opposite gradients have rank 1: the answer is then their mean.",
    },
)  # fmt: skip
