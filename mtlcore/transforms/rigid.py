"""Rotations and shifts that go towards a closed-form target.

Javaloy & Valera, first version of the paper, Algorithm 1 and appendix A.2 (whose H is the transpose of this one).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.compiled.views import LEARN, CompiledTransform, Views, views_at
from mtlcore.solvers.svd import determinant_sign, svd
from mtlcore.solvers.vectors import copy_matrix, fill_matrix
from mtlcore.spec import Param, TransformSpec
from mtlcore.transforms._rotations import whole
from mtlcore.transforms._shared import RIGID, ROT_INIT

A = Param(
    "a", "Share a", "float", 0.1, 0.0, 1.0, 0.01,
    help="How much of the way to its closed-form target every rigid motion goes in a step; 1 goes all the way.",
)  # fmt: skip
A_DECAY = Param(
    "a_decay", "Decay of the share", "float", 0.999, 0.9, 1.0, 0.0001,
    help="The share a is multiplied by this at every step, so that the motions settle before the network does.",
)  # fmt: skip

OPEN = 1e-8  # of a matrix' size: below it the nearest rotation of the plane is decided by rounding


@kernel(types.void(Matrix, Matrix, Matrix, types.int64, Matrix))
def _small_product(u, current, v, rank, out):
    """Writes U_0^T current V_0 to out [p, p], U_0 and V_0 the columns of u and v from `rank` on."""
    size = u.shape[0]
    for i in range(size - rank):
        for j in range(size - rank):
            total = 0.0
            for a in range(size):
                for b in range(size):
                    total += u[a, rank + i] * current[a, b] * v[b, rank + j]
            out[i, j] = total


@kernel(types.void(Matrix, Matrix, Matrix))
def _product_transposed(u, v, out):
    """Writes u v^T to out."""
    fill_matrix(out, 0.0)
    for i in range(u.shape[0]):
        for j in range(v.shape[0]):
            for k in range(u.shape[1]):
                out[i, j] += u[i, k] * v[j, k]


@kernel(types.void(Matrix, types.float64, Matrix))
def _nearest_orthogonal(a, sign, out):
    """Writes the orthogonal matrix of determinant `sign` with the largest tr(out^T a) to out."""
    size = a.shape[0]
    u, s, v = np.empty((size, size)), np.empty(size), np.empty((size, size))
    svd(a, u, s, v)
    if determinant_sign(u) * determinant_sign(v) != sign:
        for i in range(size):  # the flip costs least at the smallest singular value
            u[i, size - 1] = -u[i, size - 1]
    _product_transposed(u, v, out)


@kernel(types.boolean(Matrix, Matrix))
def _nearest_plane_rotation(a, out):
    """Writes the nearest rotation of the plane to out; returns False where a reflection leaves the angle open."""
    along, across = a[0, 0] + a[1, 1], a[1, 0] - a[0, 1]
    size = np.hypot(np.hypot(a[0, 0], a[0, 1]), np.hypot(a[1, 0], a[1, 1]))
    length = np.hypot(along, across)
    if length <= OPEN * size:
        return False
    out[0, 0] = out[1, 1] = along / length
    out[1, 0] = across / length
    out[0, 1] = -out[1, 0]
    return True


@kernel(types.void(Matrix, Matrix, Matrix))
def nearest_rotation(target, current, out):
    """Writes the maximiser of tr(R^T target) in SO(d) to out; of several, the one nearest to `current`.

    U_r V_r^T + U_0 Q V_0^T: where target has no say (its null space), Q follows the current rotation.
    """
    size = target.shape[0]
    if size == 2 and _nearest_plane_rotation(target, out):
        return
    u, s, v = np.empty((size, size)), np.empty(size), np.empty((size, size))
    rank = svd(target, u, s, v)
    if rank == 0:
        copy_matrix(current, out)
    elif rank == size:
        _nearest_orthogonal(target, 1.0, out)
    else:
        rest = size - rank
        small, q = np.empty((rest, rest)), np.empty((rest, rest))
        _small_product(u, current, v, rank, small)
        _nearest_orthogonal(small, determinant_sign(u) * determinant_sign(v), q)
        turned = u.copy()
        for i in range(size):
            for j in range(rest):
                turned[i, rank + j] = 0.0
                for k in range(rest):
                    turned[i, rank + j] += u[i, rank + k] * q[k, j]
        _product_transposed(turned, v, out)


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
    d, share = z.shape[1], views.hp[0] * views.hp[1] ** t
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


def _begin(R: np.ndarray, d: int, values: Mapping[str, Any]) -> tuple[Views, np.ndarray]:
    """Returns the views at R(0) without shifts; they have no free parameters."""
    return views_at(R.copy(), [values["a"], values["a_decay"]]), np.zeros(0)


SPEC = TransformSpec(
    "rigid", "Rigid motion", r"r_k = R_k z + t_k, \quad R_k \in SO(d)",
    "Each task sees the feature turned and shifted. At every step the best rotation of the shared update onto "
    "the task's own gradients is known in closed form, and the motion goes a share of the way there.",
    "Javaloy & Valera, first version, Algorithm 1", (A, A_DECAY, ROT_INIT),
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
    blocks=whole, compiled=CompiledTransform(_begin, _learn),
)  # fmt: skip
