"""Eigenvalues and eigenvectors of small symmetric matrices, in float64 and, where that is not enough, in
double-double.
"""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.vectors import copy_matrix, largest

F = types.float64
EPS = 2.220446049250313e-16
SAFE = 1e-7  # relative eigenvalue that float64 gives to better than 1e-8


@njit(
    types.void(Matrix, Matrix, types.int64, types.int64, F, F, F, F, types.boolean),
    cache=True,
    error_model="numpy",
)
def mix(ah, al, p, q, ch, cl, sh, sl, columns):
    """Replaces columns (or rows) p and q of a by their rotation c p - s q and s p + c q."""
    for i in range(ah.shape[0]):
        ip, jp, iq, jq = (i, p, i, q) if columns else (p, i, q, i)
        xh, xl, yh, yl = ah[ip, jp], al[ip, jp], ah[iq, jq], al[iq, jq]
        uh, ul = _dd.mul(ch, cl, xh, xl)
        wh, wl = _dd.mul(sh, sl, yh, yl)
        ah[ip, jp], al[ip, jp] = _dd.add(uh, ul, -wh, -wl)
        uh, ul = _dd.mul(sh, sl, xh, xl)
        wh, wl = _dd.mul(ch, cl, yh, yl)
        ah[iq, jq], al[iq, jq] = _dd.add(uh, ul, wh, wl)


@njit(types.void(Matrix, Matrix, Matrix, Matrix, types.int64, types.int64), cache=True, error_model="numpy")
def rotate_dd(ah, al, vh, vl, p, q):
    """One Jacobi rotation that makes a[p, q] zero."""
    nh, nl = _dd.add(ah[q, q], al[q, q], -ah[p, p], -al[p, p])
    th, tl = _dd.div(nh, nl, 2.0 * ah[p, q], 2.0 * al[p, q])
    if abs(th) > 1e150:
        th, tl = _dd.div(0.5, 0.0, th, tl)
    else:
        sh, sl = _dd.mul(th, tl, th, tl)
        sh, sl = _dd.add(sh, sl, 1.0, 0.0)
        sh, sl = _dd.sqrt(sh, sl)
        if th < 0.0:
            sh, sl = -sh, -sl
        sh, sl = _dd.add(th, tl, sh, sl)
        th, tl = _dd.div(1.0, 0.0, sh, sl)
    ch, cl = _dd.mul(th, tl, th, tl)
    ch, cl = _dd.add(ch, cl, 1.0, 0.0)
    ch, cl = _dd.sqrt(ch, cl)
    ch, cl = _dd.div(1.0, 0.0, ch, cl)
    sh, sl = _dd.mul(th, tl, ch, cl)
    mix(ah, al, p, q, ch, cl, sh, sl, True)
    mix(ah, al, p, q, ch, cl, sh, sl, False)
    mix(vh, vl, p, q, ch, cl, sh, sl, True)
    ah[p, q] = al[p, q] = ah[q, p] = al[q, p] = 0.0


@njit(types.void(Matrix, Matrix, Matrix, Matrix), cache=True, error_model="numpy")
def jacobi_dd(ah, al, vh, vl):
    """Diagonalises the symmetric matrix a in double-double by cyclic Jacobi rotations.

    a [K, K] is overwritten, its diagonal then holding the eigenvalues; v [K, K] gets the eigenvectors as
    columns.
    """
    K = ah.shape[0]
    for i in range(K):
        for j in range(K):
            vh[i, j] = 1.0 if i == j else 0.0
            vl[i, j] = 0.0
    for _ in range(40):
        turned = False
        top = 0.0
        for i in range(K):
            top = max(top, abs(ah[i, i]))
        for p in range(K - 1):
            for q in range(p + 1, K):
                size = np.sqrt(abs(ah[p, p] * ah[q, q]))
                if abs(ah[p, q]) > 1e-31 * size and abs(ah[p, q]) > 1e-33 * top:
                    rotate_dd(ah, al, vh, vl, p, q)
                    turned = True
        if not turned:
            return


@njit(types.void(Matrix, Matrix, Floats, Floats, types.float64, types.int64), cache=True, error_model="numpy")
def reflect(a, q, v, u, half, k):
    """Applies I - v v' / half on both sides of a's trailing block from k + 1, and to q from the right."""
    K = u.size
    inner = 0.0
    for i in range(k + 1, K):
        u[i] = 0.0
        for j in range(k + 1, K):
            u[i] += a[i, j] * v[j]
        u[i] /= half
        inner += u[i] * v[i]
    inner *= 0.5 / half
    for i in range(k + 1, K):
        u[i] -= inner * v[i]
    for i in range(k + 1, K):
        for j in range(k + 1, K):
            a[i, j] -= v[i] * u[j] + u[i] * v[j]
    for i in range(K):
        inner = 0.0
        for j in range(k + 1, K):
            inner += q[i, j] * v[j]
        inner /= half
        for j in range(k + 1, K):
            q[i, j] -= inner * v[j]


@njit(types.void(Matrix, Floats, Floats), cache=True, error_model="numpy")
def tridiagonalise(a, d, e):
    """Replaces a by the orthogonal Q with Q'aQ tridiagonal, by Householder reflections.

    d [K] gets the diagonal, e [K] the entries below it in e[1..K).
    """
    K = d.size
    v, u = np.empty(K), np.empty(K)
    q = np.zeros((K, K))
    for i in range(K):
        q[i, i] = 1.0
    for k in range(K - 2):
        tail = 0.0
        for i in range(k + 2, K):
            tail += a[i, k] * a[i, k]
        if tail > 0.0:
            norm = np.sqrt(tail + a[k + 1, k] * a[k + 1, k])
            alpha = -norm if a[k + 1, k] > 0.0 else norm
            v[k + 1] = a[k + 1, k] - alpha
            for i in range(k + 2, K):
                v[i] = a[i, k]
            half = 0.5 * (tail + v[k + 1] * v[k + 1])
            reflect(a, q, v, u, half, k)
            a[k + 1, k] = alpha
    for i in range(K):
        d[i] = a[i, i]
        e[i] = a[i, i - 1] if i > 0 else 0.0
    copy_matrix(q, a)


@njit(types.boolean(Floats, Floats, Matrix), cache=True, error_model="numpy")
def diagonalise(d, e, v):
    """Turns the tridiagonal (d, e) into its eigenvalues d, rotating v's columns along; False if it fails.

    Implicit QR steps with Wilkinson's shift, chasing the bulge from the top of each unreduced block.
    """
    K = d.size
    end = K - 1
    for _ in range(60 * K):
        while end > 0 and abs(e[end]) <= EPS * (abs(d[end]) + abs(d[end - 1])):
            e[end] = 0.0
            end -= 1
        if end == 0:
            return True
        begin = end
        while begin > 0 and abs(e[begin]) > EPS * (abs(d[begin]) + abs(d[begin - 1])):
            begin -= 1
        half = 0.5 * (d[end - 1] - d[end])
        root = elementary.hypot(half, e[end])
        shift = d[end] - e[end] * (e[end] / (half + root if half >= 0.0 else half - root))
        f, g = d[begin] - shift, e[begin + 1]
        for i in range(begin, end):
            r = elementary.hypot(f, g)
            c, s = (f / r, g / r) if r > 0.0 else (1.0, 0.0)
            if i > begin:
                e[i] = r
            x, y, z = d[i], e[i + 1], d[i + 1]
            d[i] = c * c * x + 2.0 * c * s * y + s * s * z
            d[i + 1] = s * s * x - 2.0 * c * s * y + c * c * z
            e[i + 1] = c * s * (z - x) + (c * c - s * s) * y
            if i < end - 1:
                f, g = e[i + 1], s * e[i + 2]
                e[i + 2] *= c
            for j in range(K):
                x, y = v[j, i], v[j, i + 1]
                v[j, i], v[j, i + 1] = c * x + s * y, c * y - s * x
    return False


@njit(types.boolean(Matrix, Floats), cache=True, error_model="numpy")
def eigen(a, values):
    """Replaces symmetric a [K, K] by its eigenvectors (columns) and writes the eigenvalues, in no order."""
    below = np.empty(values.size)
    tridiagonalise(a, values, below)
    return diagonalise(values, below, a)


@njit(types.boolean(Matrix, Matrix, Matrix, Matrix, Floats), cache=True, error_model="numpy")
def spectrum_of_pair(ch, cl, vh, vl, values):
    """Writes eigenvectors to the columns of (vh, vl), eigenvalues to values, and 0 for those that do not count.

    (ch, cl) [K, K] is symmetric, in double-double, and scaled to about 1. An eigenvalue counts above K eps times the
    largest. Where float64 cannot tell which count, or gives one to less than 1e-8, they come from double-double: an
    eigenvalue of 1e-12 makes entries rounded to float64 wrong by a ten-thousandth of the answer (tests/matrix_zoo.py,
    "6 near-duplicates of two"). False where the solver fails.
    """
    K = values.size
    copy_matrix(ch, vh)
    copy_matrix(np.zeros((K, K)), vl)
    good = eigen(vh, values)
    top = largest(values)
    limit = K * EPS * top
    for k in range(K):
        if 0.5 * limit < values[k] < SAFE * top:
            good = False
    if not good:
        ah, al = np.empty((K, K)), np.empty((K, K))
        copy_matrix(ch, ah)
        copy_matrix(cl, al)
        jacobi_dd(ah, al, vh, vl)
        for k in range(K):
            values[k] = ah[k, k]
        limit = K * EPS * largest(values)
        for i in range(K):
            for j in range(i):
                if not abs(ah[i, j]) <= 1e-20 * limit / EPS:
                    return False
    for k in range(K):
        if not values[k] > limit:
            values[k] = 0.0
    return True


@njit(types.boolean(Matrix, Matrix, Matrix, Floats), cache=True, error_model="numpy")
def spectrum(gram, vh, vl, values):
    """Writes what `spectrum_of_pair` does, for a matrix [K, K] of float64 numbers."""
    return spectrum_of_pair(gram, np.zeros(gram.shape), vh, vl, values)
