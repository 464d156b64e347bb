"""What Nash-MTL and FairGrad share: the active tasks on unit scale, the balance, the stationarity test."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, STATIONARY, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.min_norm import min_norm
from mtlcore.solvers.proportional import proportional
from mtlcore.solvers.scaling import Indices, own_scales, submatrix
from mtlcore.solvers.vectors import fill

STATIONARY_SQUARE = 1e-14  # of the unit gradients' min-norm point


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


@njit(types.int64(Matrix, Floats, types.float64, Floats), cache=True, error_model="numpy")
def settle(C, h, p, x):
    """Solves C x = h x^(-p); returns OK, STATIONARY (x is then 0) or NOT_CONVERGED.

    A solution shows by itself that the min-norm point is long enough, <v, d> >= min_k <u_k, d> for every
    convex combination v of unit gradients; only where that bound is too weak is the min-norm point
    computed.
    """
    status = proportional(C, h, p, x)
    least, square = np.inf, 0.0
    for k in range(x.size):
        q = h[k] / x[k] if p == 1.0 else h[k] * x[k] ** -p
        least = min(least, q / np.sqrt(C[k, k]))
        square += x[k] * q
    if status == OK and least * least > 2.0 * STATIONARY_SQUARE * square:
        return OK
    if unit_stationary(C):
        fill(x, 0.0)
        return STATIONARY
    return status


@njit(types.float64(types.float64, types.float64, types.float64, types.float64), cache=True)
def bargained_square(own, other, cosine, sine2):
    """Returns y^2 for y^2 + cos y z = own and z^2 + cos y z = other, own + other = 2; cos < 0 or cos > 0.

    With delta = (own - other) / 2 and R^2 = 1 - (delta sin)^2: y^2 = (1 + delta sin^2 - cos R) / sin^2, or, as
    the two roots' product is own^2 / sin^2, own^2 / (1 + delta sin^2 + cos R): each without cancellation on its
    side.
    """
    delta, square = 0.5 * (own - other), 1.0 - sine2
    root = np.sqrt(own * other + delta * delta * square)
    if cosine < 0.0:
        return (own - delta * square - cosine * root) / sine2
    return own * own / (own - delta * square + cosine * root)


@njit(types.int64(Matrix, Floats, Floats), cache=True, error_model="numpy")
def settle_two(gram, m, a):
    """The balance of two active tasks for p = 1, of powers m; returns OK or STATIONARY.

    For equal powers a_k n_k = (1 + cos)^(-1/2).
    """
    n1, n2 = np.sqrt(gram[0, 0]), np.sqrt(gram[1, 1])
    product = n1 * n2
    plus = 1.0 + gram[0, 1] / product
    if gram[0, 1] < 0.0:
        plus = _dd.det2(gram[0, 0], gram[0, 1], gram[1, 1]) / (product * (product - gram[0, 1]))
    if plus <= 2.0 * STATIONARY_SQUARE:
        a[0] = a[1] = 0.0
        return STATIONARY
    if m[0] == m[1]:
        a[0], a[1] = 1.0 / (n1 * np.sqrt(plus)), 1.0 / (n2 * np.sqrt(plus))
        return OK
    cosine = gram[0, 1] / product
    sine2 = _dd.det2(gram[0, 0], gram[0, 1], gram[1, 1]) / (gram[0, 0] * gram[1, 1])
    a[0] = np.sqrt(bargained_square(m[0], m[1], cosine, sine2)) / n1
    a[1] = np.sqrt(bargained_square(m[1], m[0], cosine, sine2)) / n2
    return OK


@njit(
    types.int64(Matrix, Indices, types.int64, Floats, types.float64, Floats), cache=True, error_model="numpy"
)
def bargain(gram, index, count, m, p, a):
    """Writes a [K] with M a = (a / m)^(-p) over the active tasks index[0..count), 0 elsewhere; returns a status.

    m [K] holds each active task's bargaining power, of mean 1, in the order of `index`.
    """
    fill(a, 0.0)
    if count == 0:
        return STATIONARY
    scale = np.empty(a.size)
    own_scales(gram, scale)
    C = submatrix(gram, index, count, scale)
    x, h, top = np.empty(count), np.ones(count), 0.0
    if count == 2 and p == 1.0:
        status = settle_two(C, m, x)
    elif count == 1:
        x[0] = (1.0 / C[0, 0]) ** (1.0 / (1.0 + p))
        status = OK
        h[0] = 1.0
    else:
        for i in range(count):
            top = max(top, 1.0 / scale[index[i]])
        for i in range(count):
            h[i] = (scale[index[i]] * top) ** (1.0 - p) * m[i] ** p
        status = settle(C, h, p, x)
    reach = 1.0 / scale[index[0]] if count == 1 else top
    factor = 1.0 if p == 1.0 else reach ** ((p - 1.0) / (1.0 + p))
    for i in range(count):
        a[index[i]] = x[i] * scale[index[i]] * factor
    return status
