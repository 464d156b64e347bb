"""Weights that give the update the same projection on every task gradient (IMTL-G), for scaled gradients
too.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, STATIONARY, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.linear import solve_refined
from mtlcore.solvers.min_norm import unit_stationary
from mtlcore.solvers.scaling import common_scale, own_scales, submatrix
from mtlcore.solvers.spectrum import EPS, spectrum
from mtlcore.solvers.vectors import Indices, fill, inner, total

RANGE = 1e-6  # of norm(1): how far 1 may be outside the range of the unit Gram matrix
CANCELLED = 1e-14  # of sum abs(t): below it weights cannot be made to sum to one


@njit(types.int64(Floats, Floats, types.float64, Floats), cache=True, error_model="numpy")
def normalise(t, f, least, w):
    """Writes least t_k / sum_j t_j f_j, so that the weights of e_k g_k sum to one; returns a status."""
    sh = sl = size = 0.0
    for k in range(t.size):
        ph, pl = _dd.two_prod(t[k], f[k])
        sh, sl = _dd.add(sh, sl, ph, pl)
        size += abs(ph)
    if abs(sh) <= CANCELLED * size:
        fill(w, 0.0)
        return NOT_CONVERGED
    for k in range(t.size):
        w[k] = least * (t[k] / sh)
    return OK


@njit(types.int64(Matrix, Floats, types.float64, Floats), cache=True, error_model="numpy")
def two_tasks(gram, f, least, w):
    """The weights of two tasks, proportional to 1 / n_k unless they are parallel (e / 2) or opposite (0)."""
    n1, n2 = np.sqrt(gram[0, 0]), np.sqrt(gram[1, 1])
    cosine = gram[0, 1] / (n1 * n2)
    sine2 = _dd.det2(gram[0, 0], gram[0, 1], gram[1, 1]) / (gram[0, 0] * gram[1, 1])
    far = 1.0 + abs(cosine)
    if sine2 / far <= 2.0 * EPS * far:
        if cosine < 0.0:
            fill(w, 0.0)
            return STATIONARY
        for k in range(2):
            w[k] = 0.5 * least / f[k] if f[k] > 0.0 else 0.5
        return OK
    t = np.empty(2)
    t[0], t[1] = n2, n1
    return normalise(t, f, least, w)


@njit(types.int64(Matrix, types.int64, Floats, types.float64, Floats), cache=True, error_model="numpy")
def shortest(basis, rows, f, least, w):
    """The weights of least norm with sum one in the span of the basis' first rows, then times e_k."""
    K = w.size
    t, size = np.zeros(K), 0.0
    for r in range(rows):
        for _ in range(2):
            for q in range(r):
                shared = inner(basis[r], basis[q])
                for i in range(K):
                    basis[r, i] -= shared * basis[q, i]
            norm = np.sqrt(inner(basis[r], basis[r]))
            if norm > 0.0:
                for i in range(K):
                    basis[r, i] /= norm
        part = total(basis[r])
        size += part * part
        for i in range(K):
            t[i] += part * basis[r, i]
    fill(w, 0.0)
    if size <= CANCELLED:
        return NOT_CONVERGED
    for i in range(K):
        w[i] = t[i] / size * (least / f[i]) if f[i] > 0.0 else 0.0
    return OK


@njit(types.void(Matrix, Floats, Matrix, Floats, Floats), cache=True, error_model="numpy")
def solve_spectrally(C, norms, vectors, values, y):
    """Writes y with C y = norms, C of full rank: by the spectrum of the unit matrix, residuals in
    double-double.
    """
    K = y.size
    yl, r, z = np.zeros(K), np.empty(K), np.empty(K)
    fill(y, 0.0)
    for _ in range(12):
        for i in range(K):
            nh, nl = _dd.sqrt(C[i, i], 0.0)
            ch, cl = _dd.row_dot(C, i, y, yl)
            r[i] = _dd.add(nh, nl, -ch, -cl)[0] / norms[i]
        for j in range(K):
            z[j] = 0.0
            for i in range(K):
                z[j] += vectors[i, j] * r[i] / values[j]
        for i in range(K):
            y[i], yl[i] = _dd.add(y[i], yl[i], inner(vectors[i], z) / norms[i], 0.0)


@njit(types.int64(Matrix, Floats, Floats, types.float64, Floats), cache=True, error_model="numpy")
def deficient(C, scale, f, least, w):
    """The minimum-norm weights by the unit Gram matrix's spectrum, for gradients that are (nearly)
    dependent.
    """
    K = w.size
    unit, norms = np.empty((K, K)), np.empty(K)
    vh, vl, values = np.empty((K, K)), np.empty((K, K)), np.empty(K)
    for i in range(K):
        norms[i] = np.sqrt(C[i, i])
    for i in range(K):
        for j in range(K):
            unit[i, j] = C[i, j] / (norms[i] * norms[j]) if i != j else 1.0
    if not spectrum(unit, vh, vl, values):
        fill(w, 0.0)
        return NOT_CONVERGED
    basis, outside, rows = np.zeros((K, K)), 0.0, 1
    for j in range(K):
        part = 0.0
        for i in range(K):
            part += vh[i, j]
        if values[j] > 0.0:
            for i in range(K):
                basis[0, i] += vh[i, j] * part / values[j]
        else:
            outside += part * part
            for i in range(K):
                basis[rows, i] = vh[i, j]
            rows += 1
    if outside > RANGE * RANGE * K:
        fill(w, 0.0)
        return STATIONARY if unit_stationary(C) else OK
    if rows == 1:
        solve_spectrally(C, norms, vh, values, basis[0])
        for i in range(K):
            basis[0, i] *= scale[i]
        return normalise(basis[0], f, least, w)
    for r in range(rows):
        for i in range(K):
            basis[r, i] *= f[i] * scale[i] / norms[i]
    return shortest(basis, rows, f, least, w)


@njit(
    types.int64(Matrix, Indices, types.int64, Floats, types.float64, Floats), cache=True, error_model="numpy"
)
def equal_projections(gram, index, count, f, least, w):
    """Writes w [K] with <d, u_k> equal and sum_k w_k / e_k = 1 over the active tasks, 0 elsewhere; a
    status.

    f [K]: e_min / e_k for gradients scaled to e_k g_k, `least` the e_min; ones and 1 for IMTL-G itself.
    Where the gradients are dependent the weights w_k / e_k have least norm; where no such d but 0 exists, w
    = 0.
    """
    fill(w, 0.0)
    if count == 0:
        return STATIONARY
    if count == 1:
        w[index[0]] = least
        return OK
    scale = np.empty(w.size)
    own_scales(gram, scale)
    C = submatrix(gram, index, count, scale)
    own, factor, x = np.empty(count), np.empty(count), np.empty(count)
    top = 0.0
    for i in range(count):
        top = max(top, scale[index[i]])
        factor[i] = f[index[i]]
    for i in range(count):
        own[i] = scale[index[i]] / top
    if count == 2:
        common_scale(gram, scale)
        status = two_tasks(submatrix(gram, index, count, scale), factor, least, x)
    else:
        yh, yl, nh, nl = np.empty(count), np.empty(count), np.empty(count), np.empty(count)
        for i in range(count):
            nh[i], nl[i] = _dd.sqrt(C[i, i], 0.0)
        if solve_refined(C, nh, nl, yh, yl):
            for i in range(count):
                yh[i] *= own[i]
            status = normalise(yh, factor, least, x)
        else:
            status = deficient(C, own, factor, least, x)
    for i in range(count):
        w[index[i]] = x[i]
    return status
