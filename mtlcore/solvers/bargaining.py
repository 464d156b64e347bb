"""Bargained weights: C x = h x^(-p) elementwise with x > 0, by damped Newton steps (Nash-MTL and FairGrad).

It is the minimum of x'Cx / 2 - sum_k h_k psi(x_k), psi' = x^(-p), which is convex, so each step is Newton's
in the relative changes of x with an exact search along it. Near the solution the residual is taken in
double-double. The active tasks are put on unit scale first, and stationary ones found.
"""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, STATIONARY, Cube, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.linear import factor, solve_ldl
from mtlcore.solvers.min_norm import STATIONARY_SQUARE, unit_stationary
from mtlcore.solvers.scaling import own_scales, submatrix
from mtlcore.solvers.vectors import Indices, copy, fill, largest

STOP = 1e-9  # of abs(C x - h x^(-p))_k over (abs(C) x + h x^(-p))_k
ENOUGH = 1e-12  # of a relative change of x, and of the Newton decrement over norm(d)
HUGE = 1e13  # an x that has grown this much has no balance to find


@njit(types.float64(types.float64, types.float64), cache=True, error_model="numpy")
def raised(x, exponent):
    """Returns x^exponent for x > 0; halves, which FairGrad's alpha of 2 asks for at every step, by a square root."""
    if exponent == 0.5:
        return np.sqrt(x)
    if exponent == -0.5:
        return 1.0 / np.sqrt(x)
    return elementary.power(x, exponent)


@njit(types.void(Floats, types.float64, Floats, Floats), cache=True, error_model="numpy")
def demand(h, p, x, q):
    """Writes h_k x_k^(-p) to q."""
    for k in range(x.size):
        q[k] = h[k] / x[k] if p == 1.0 else h[k] * raised(x[k], -p)


@njit(types.void(Matrix, Floats, types.float64, Floats), cache=True, error_model="numpy")
def first_guess(C, h, p, x):
    """Writes the solution for orthogonal gradients, scaled to the best length for these."""
    numerator = denominator = 0.0
    for k in range(x.size):
        x[k] = raised(h[k] / C[k, k], 1.0 / (1.0 + p))
        numerator += h[k] * raised(x[k], 1.0 - p)
    for i in range(x.size):
        for j in range(x.size):
            denominator += x[i] * C[i, j] * x[j]
    own = 0.0
    for k in range(x.size):
        own += x[k] * C[k, k] * x[k]
    x *= raised(numerator / max(denominator, 1e-6 * own), 1.0 / (1.0 + p))


@njit(
    types.float64(Matrix, Floats, Floats, types.float64, Floats, Floats, types.float64),
    cache=True,
    error_model="numpy",
)
def search(C, x, h, p, delta, q, bound):
    """Returns the step t along x (1 + t delta) that minimises the objective, within t < bound."""
    slope0 = curvature0 = 0.0
    for i in range(x.size):
        inner = cross = 0.0
        for j in range(x.size):
            inner += C[i, j] * x[j]
            cross += C[i, j] * x[j] * delta[j]
        slope0 += x[i] * delta[i] * inner
        curvature0 += x[i] * delta[i] * cross
    lo, hi, t = 0.0, bound, min(1.0, 0.5 * bound)
    for _ in range(12):
        slope, curvature = slope0 + t * curvature0, max(curvature0, 0.0)
        for k in range(x.size):
            grown = 1.0 + t * delta[k]
            force = q[k] / grown if p == 1.0 else q[k] * raised(grown, -p)
            slope -= delta[k] * x[k] * force
            curvature += p * delta[k] * delta[k] * x[k] * force / grown
        if slope > 0.0:
            hi = t
        else:
            lo = t
        move = slope / curvature
        if abs(move) <= 0.05 * t:
            break
        t = t - move if lo < t - move < hi else (0.5 * (lo + hi) if hi < 1e300 else 4.0 * t)
    return t


@njit(types.boolean(Matrix, Floats, Floats), cache=True, error_model="numpy")
def balanced(C, x, q):
    """Returns whether the residual is within STOP of what it is made of, for every task."""
    zeros = np.zeros(x.size)
    for i in range(x.size):
        size = q[i]
        for j in range(x.size):
            size += abs(C[i, j]) * x[j]
        rh, rl = _dd.row_dot(C, i, x, zeros)
        if not abs((rh - q[i]) + rl) <= STOP * size:
            return False
    return True


@njit(
    types.UniTuple(types.float64, 2)(Matrix, Floats, Floats, types.float64, Cube, Floats, types.boolean),
    cache=True,
)
def newton(C, x, q, p, work, delta, exact):
    """Writes the relative Newton step to delta; returns its squared decrement (-1: no step) and norm(d)^2.

    work [3, K, K] (K >= 2): the Hessian; its factor; in the third the factor's diagonal and zeros.
    """
    K = x.size
    hessian, lower, diagonal, zeros = work[0], work[1], work[2, 0], work[2, 1]
    right = zeros
    energy = 0.0
    for i in range(K):
        inner, rest = 0.0, 0.0
        for j in range(K):
            hessian[i, j] = x[i] * C[i, j] * x[j]
            inner += C[i, j] * x[j]
        if exact:
            inner, rest = _dd.row_dot(C, i, x, zeros)
        delta[i] = -x[i] * ((inner - q[i]) + rest)
        hessian[i, i] += p * x[i] * q[i]
        energy += x[i] * q[i]
    if not factor(hessian, lower, diagonal, 1e-15):
        return -1.0, energy
    decrement = 0.0
    copy(delta, right)
    solve_ldl(lower, diagonal, delta, K)
    for i in range(K):
        decrement += delta[i] * right[i]
        right[i] = 0.0
    return decrement, energy


@njit(types.int64(Matrix, Floats, types.float64, Floats), cache=True, error_model="numpy")
def proportional(C, h, p, x):
    """Writes the balanced x [K] > 0; returns OK, or NOT_CONVERGED with the x at which it gave up.

    C [K, K]: Gram matrix of gradients scaled to norms of about 1; h [K] > 0; p > 0.
    """
    K = x.size
    q, delta, work, best = np.empty(K), np.empty(K), np.zeros((3, K, K)), np.empty(K)
    first_guess(C, h, p, x)
    limit = HUGE * largest(x)
    exact, last = False, np.inf
    for _ in range(300):
        demand(h, p, x, q)
        decrement, energy = newton(C, x, q, p, work, delta, exact)
        if decrement < 0.0 or not largest(x) < limit:
            break
        change, bound = np.sqrt(decrement / energy), 1e300
        for k in range(K):
            change = max(change, abs(delta[k]))
            if delta[k] < 0.0:
                bound = min(bound, 0.99 / -delta[k])
        if exact and change <= ENOUGH:
            break
        if exact and not change < 0.5 * last:
            copy(best, x)
            demand(h, p, x, q)
            break
        last = change if exact else np.inf
        exact = change <= 1e-3
        step = 1.0 if change <= 0.03 else search(C, x, h, p, delta, q, bound)
        copy(x, best)
        for k in range(K):
            x[k] *= 1.0 + step * delta[k]
    return OK if balanced(C, x, q) else NOT_CONVERGED


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
        q = h[k] / x[k] if p == 1.0 else h[k] * raised(x[k], -p)
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
        x[0] = raised(1.0 / C[0, 0], 1.0 / (1.0 + p))
        status = OK
        h[0] = 1.0
    else:
        for i in range(count):
            top = max(top, 1.0 / scale[index[i]])
        for i in range(count):
            h[i] = raised(scale[index[i]] * top, 1.0 - p) * raised(m[i], p)
        status = settle(C, h, p, x)
    reach = 1.0 / scale[index[0]] if count == 1 else top
    factor = 1.0 if p == 1.0 else raised(reach, (p - 1.0) / (1.0 + p))
    for i in range(count):
        a[index[i]] = x[i] * scale[index[i]] * factor
    return status
