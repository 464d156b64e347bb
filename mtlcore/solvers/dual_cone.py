"""Projection onto the dual cone {d : <d, g_k> >= 0 for every k}: d = v + sum_k y_k g_k with y >= 0.

The dual quadratic program in y (GEM, Lopez-Paz & Ranzato 2017), by `quadratic`. Inner products are taken in
double-double because that program is: float64 ones beside it miss the optimality conditions on 32 tasks of rank 20
with whole numbers (tests/matrix_zoo.py).
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.quadratic import QUICK, minimize

ZERO_RATIO = 1e-15  # of norm(d)^2 over (sum abs(w_k) n_k)^2: the rounding of a float64 Gram matrix


@njit(types.int64(Matrix, Floats, Floats, Floats), cache=True, error_model="numpy")
def cone_multipliers(gram, v, yh, yl):
    """Writes y [K] in double-double to (yh, yl), for the projection of sum_k v_k g_k; returns OK or
    NOT_CONVERGED.

    gram [K, K]: scaled so that every diagonal entry is about 1, or 0; v [K] about 1.
    """
    K = v.size
    ch, cl, zeros = np.empty(K), np.empty(K), np.zeros(K)
    feasible = True
    for k in range(K):
        ch[k], cl[k] = _dd.row_dot(gram, k, v, zeros)
        yh[k] = yl[k] = 0.0
        feasible = feasible and ch[k] >= 0.0
    if feasible:
        return OK
    return minimize(gram, ch, cl, 0, np.array([1e-24, 0.0, 1e-20, -np.inf]), QUICK, yh, yl)


@njit(types.boolean(Matrix, Floats), cache=True, error_model="numpy")
def is_zero(gram, w):
    """Returns whether sum_k w_k g_k is 0 up to the rounding of the Gram matrix."""
    zeros = np.zeros(w.size)
    spread = 0.0
    for k in range(w.size):
        spread += abs(w[k]) * np.sqrt(gram[k, k])
    return _dd.bilinear(gram, w, zeros, w, zeros)[0] <= ZERO_RATIO * spread * spread


@njit(types.void(Matrix, Floats, Floats), cache=True, error_model="numpy")
def project_two(gram, m, w):
    """Writes the weights of (m_1 g_1 + m_2 g_2) / 2 projected onto the dual cone; at most one task opposes it."""
    w[0], w[1] = 0.5 * m[0], 0.5 * m[1]
    for k in range(2):
        inner = 0.5 * (m[k] * gram[k, k] + m[1 - k] * gram[0, 1])
        if inner < 0.0:
            w[k] -= inner / gram[k, k]
