"""The singular value decomposition of a small square matrix, by one-sided Jacobi rotations (Hestenes 1958).

numba's own calls LAPACK through SciPy, which the product does without. Columns that belong to singular values at
rounding level are replaced by an orthonormal completion, so that both factors are always orthogonal.
"""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix

EPS = 2.220446049250313e-16
SWEEPS = 40


@kernel(types.float64(Matrix, types.int64, types.int64))
def _column_product(a, p, q):
    """Returns the inner product of columns p and q."""
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i, p] * a[i, q]
    return total


@kernel(types.void(Matrix, types.int64, types.int64, types.float64, types.float64))
def _turn(a, p, q, cosine, sine):
    """Turns columns p and q of a."""
    for i in range(a.shape[0]):
        left, right = a[i, p], a[i, q]
        a[i, p], a[i, q] = cosine * left - sine * right, sine * left + cosine * right


@kernel(types.boolean(Matrix, Matrix))
def _jacobi_sweep(u, v):
    """Makes every pair of columns of u orthogonal once, turning v along; returns whether any pair had to turn."""
    turned = False
    for p in range(u.shape[0]):
        for q in range(p + 1, u.shape[0]):
            off, left, right = _column_product(u, p, q), _column_product(u, p, p), _column_product(u, q, q)
            if abs(off) <= EPS * np.sqrt(left) * np.sqrt(right):
                continue
            turned = True
            half = 0.5 * (right - left) / off
            tangent = 1.0 / (abs(half) + elementary.hypot(half, 1.0))
            tangent = tangent if half >= 0.0 else -tangent
            cosine = 1.0 / elementary.hypot(tangent, 1.0)
            _turn(u, p, q, cosine, cosine * tangent)
            _turn(v, p, q, cosine, cosine * tangent)
    return turned


@kernel(types.void(Matrix, Floats, Matrix))
def _sort(u, s, v):
    """Writes the columns' lengths to s and brings the columns into the order of falling lengths."""
    size = s.size
    for p in range(size):
        s[p] = np.sqrt(_column_product(u, p, p))
    for p in range(size):
        best = p
        for q in range(p + 1, size):
            best = q if s[q] > s[best] else best
        s[p], s[best] = s[best], s[p]
        for i in range(size):
            u[i, p], u[i, best] = u[i, best], u[i, p]
            v[i, p], v[i, best] = v[i, best], v[i, p]


@kernel(types.float64(Matrix, types.int64, types.int64))
def _try_axis(u, column, axis):
    """Writes the axis' part across the columns before `column` to that column, normalised; returns its length."""
    size = u.shape[0]
    for i in range(size):
        u[i, column] = 1.0 if i == axis else 0.0
    length = 0.0
    for _ in range(2):  # twice is enough for orthogonality to rounding
        for p in range(column):
            part = _column_product(u, p, column)
            for i in range(size):
                u[i, column] -= part * u[i, p]
        now = np.sqrt(_column_product(u, column, column))
        length = now if length == 0.0 else length
        for i in range(size):
            u[i, column] /= max(now, EPS)
    return length


@kernel(types.float64(Matrix, Matrix))
def _scaled(a, out):
    """Writes a over its largest magnitude to out and returns that magnitude, 1 for a zero matrix."""
    top = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            top = max(top, abs(a[i, j]))
    top = top if top > 0.0 else 1.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, j] = a[i, j] / top
    return top


@kernel(types.int64(Matrix, Matrix, Floats, Matrix))
def svd(a, u, s, v):
    """Writes a = u diag(s) v^T, s falling, u and v orthogonal; returns the rank, counting s > d eps s_max."""
    size = a.shape[0]
    scale = _scaled(a, u)  # so that squares neither overflow nor vanish
    for i in range(size):
        for j in range(size):
            v[i, j] = 1.0 if i == j else 0.0
    for _ in range(SWEEPS):
        if not _jacobi_sweep(u, v):
            break
    _sort(u, s, v)
    rank = 0
    while rank < size and s[rank] > size * EPS * s[0]:
        for i in range(size):
            u[i, rank] /= s[rank]
        rank += 1
    for column in range(rank, size):
        best, longest = 0, -1.0
        for axis in range(size):
            length = _try_axis(u, column, axis)
            if length > longest:
                best, longest = axis, length
        _try_axis(u, column, best)
    for i in range(size):
        s[i] *= scale
    return rank


@kernel(types.float64(Matrix))
def determinant_sign(a):
    """Returns the sign of the determinant of an orthogonal matrix, by elimination with pivoting."""
    work = a.copy()
    size, sign = a.shape[0], 1.0
    for p in range(size):
        pivot = p
        for i in range(p + 1, size):
            pivot = i if abs(work[i, p]) > abs(work[pivot, p]) else pivot
        if pivot != p:
            sign = -sign
            for j in range(size):
                work[p, j], work[pivot, j] = work[pivot, j], work[p, j]
        sign = sign if work[p, p] > 0.0 else -sign
        for i in range(p + 1, size):
            factor = work[i, p] / work[p, p]
            for j in range(p, size):
                work[i, j] -= factor * work[p, j]
    return sign
