"""The rotation nearest to a matrix, where several are to a current one.

The maximiser of tr(R^T target) in SO(d) from the singular value decomposition (Kabsch 1976), rank by S > d eps S_max;
what the target leaves open follows the current rotation, which is the same problem in its null space.
"""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Matrix
from mtlcore.solvers.svd import determinant_sign, svd
from mtlcore.solvers.vectors import copy_matrix, fill_matrix

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
    size = elementary.hypot(elementary.hypot(a[0, 0], a[0, 1]), elementary.hypot(a[1, 0], a[1, 1]))
    length = elementary.hypot(along, across)
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
