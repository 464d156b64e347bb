"""The shortest vector of the convex hull of the task gradients."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.quadratic import QUICK, minimize
from mtlcore.solvers.scaling import common_scale

STATIONARY_RATIO = 1e-15  # of norm^2 over (sum a_k n_k)^2: the rounding of a float64 Gram matrix
STATIONARY_SQUARE = 1e-14  # of the unit gradients' min-norm point


@njit(types.int64(Matrix, Floats, Floats), cache=True, error_model="numpy")
def min_norm_dd(gram, xh, xl):
    """Writes the simplex weights of the min-norm point to (xh, xl); gram [K, K] scaled to about 1. OK or
    not.
    """
    K = xh.size
    shortest = 0
    for k in range(K):
        xh[k] = xl[k] = 0.0
        if gram[k, k] < gram[shortest, shortest]:
            shortest = k
    xh[shortest] = 1.0
    zeros = np.zeros(K)
    return minimize(gram, zeros, zeros, 1, np.array([1e-24, 1e-19, 1e-20, 1e-19]), QUICK, xh, xl)


@njit(types.float64(Matrix, Floats), cache=True, error_model="numpy")
def min_norm_two(gram, w):
    """The min-norm point of two gradients in closed form; returns as min_norm."""
    to_second, to_first = gram[0, 0] - gram[0, 1], gram[1, 1] - gram[0, 1]
    if to_second <= 0.0 or to_first <= 0.0:
        second = gram[1, 1] < gram[0, 0]
        w[0], w[1] = (0.0, 1.0) if second else (1.0, 0.0)
        if to_second == to_first:
            w[0] = w[1] = 0.5
        return 1.0 if max(gram[0, 0], gram[1, 1]) > 0.0 else 0.0
    total = to_second + to_first
    w[0], w[1] = to_first / total, to_second / total
    shortest = _dd.det2(gram[0, 0], gram[0, 1], gram[1, 1]) / total
    spread = w[0] * np.sqrt(gram[0, 0]) + w[1] * np.sqrt(gram[1, 1])
    return shortest / (spread * spread)


@njit(types.float64(Matrix, Floats), cache=True, error_model="numpy")
def min_norm_many(gram, w):
    """The min-norm point for any number of gradients, none of them zero; returns as min_norm."""
    K = w.size
    scale, scaled = np.empty(K), np.empty((K, K))
    common_scale(gram, scale)
    for i in range(K):
        for j in range(K):
            scaled[i, j] = gram[i, j] * scale[i] * scale[j]
    xl = np.empty(K)
    if min_norm_dd(scaled, w, xl) != OK:
        return -1.0
    value = _dd.bilinear(scaled, w, xl, w, xl)[0]
    spread = 0.0
    for k in range(K):
        spread += w[k] * np.sqrt(scaled[k, k])
    return max(value, 0.0) / (spread * spread)


@njit(types.float64(Matrix, Floats), cache=True, error_model="numpy")
def min_norm(gram, w):
    """Writes argmin over the simplex of norm(sum w_k g_k) to w [K]; zero gradients share the weight
    equally.

    Returns norm(sum w_k g_k)^2 / (sum w_k n_k)^2, which is 0 where 0 is in the convex hull and 1 where a
    single gradient is shortest; -1 where the solver failed.
    """
    K = w.size
    zeros = 0
    for k in range(K):
        if gram[k, k] <= 0.0:
            zeros += 1
    if zeros > 0:
        for k in range(K):
            w[k] = 1.0 / zeros if gram[k, k] <= 0.0 else 0.0
        return 0.0
    if K == 1:
        w[0] = 1.0
        return 1.0
    return min_norm_two(gram, w) if K == 2 else min_norm_many(gram, w)


@njit(types.boolean(Matrix), cache=True, error_model="numpy")
def unit_stationary(C):
    """Returns whether the min-norm point of the unit gradients is 0: w'Cw <= 1e-14."""
    K = C.shape[0]
    unit, norms, w = np.empty((K, K)), np.empty(K), np.empty(K)
    for k in range(K):
        norms[k] = np.sqrt(C[k, k])
    for i in range(K):
        for j in range(K):
            unit[i, j] = C[i, j] / (norms[i] * norms[j]) if i != j else 1.0
    ratio = min_norm(unit, w)
    return 0.0 <= ratio <= STATIONARY_SQUARE
