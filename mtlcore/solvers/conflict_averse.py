"""CAGrad's inner problem: minimise F(x) = g_x.g0 + s norm(g_x) over the simplex, with s = c norm(g0).

Its optimality conditions are those of the quadratic program min norm(g_x)^2 / 2 + rho g_x.g0 over the
simplex, for the one rho at which norm(g_x) = rho s. Between changes of face x is affine in rho, so two
solutions on one face give the root in closed form.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.dual_cone import cone_multipliers
from mtlcore.solvers.min_norm import STATIONARY_RATIO, min_norm_dd
from mtlcore.solvers.quadratic import CHECKED, minimize
from mtlcore.solvers.vectors import copy, total

REGULAR, ORTHOGONAL = 10, 11  # outcomes of start: g_x is not 0 at the optimum, or is


@njit(types.float64(Matrix, Floats), cache=True, error_model="numpy")
def spread_square(gram, x):
    """Returns (sum_k x_k n_k)^2."""
    spread = 0.0
    for k in range(x.size):
        spread += x[k] * np.sqrt(gram[k, k])
    return spread * spread


@njit(types.int64(Matrix, types.float64, Floats, Floats, Floats, Floats), cache=True, error_model="numpy")
def start(gram, s, mean, xh, xl, y):
    """Writes a first x, from which F only falls, and returns REGULAR; or ORTHOGONAL with cone multipliers
    y.

    ORTHOGONAL: 0 is in the convex hull, and a point of the ball around g0 conflicts with no task: then g_x
    = 0 is optimal and the answer is g0 projected onto the dual cone.
    """
    K = xh.size
    if min_norm_dd(gram, xh, xl) != OK:
        return NOT_CONVERGED
    square = _dd.bilinear(gram, xh, xl, xh, xl)[0]
    if square > STATIONARY_RATIO * spread_square(gram, xh):
        return REGULAR
    yl = np.empty(K)
    if cone_multipliers(gram, mean, y, yl) != OK:
        return NOT_CONVERGED
    distance = np.sqrt(max(_dd.bilinear(gram, y, yl, y, yl)[0], 0.0))
    if distance <= s * (1.0 + 1e-12):
        return ORTHOGONAL
    size = total(y)
    for k in range(K):
        xh[k], xl[k] = _dd.div(y[k], yl[k], size, 0.0)
    return REGULAR


@njit(
    types.int64(Matrix, Floats, Floats, types.float64, types.float64, Floats, Floats),
    cache=True,
    error_model="numpy",
)
def shifted(gram, bh, bl, rho, square, xh, xl):
    """Moves x to argmin norm(g_x)^2 / 2 + rho b.x over the simplex; `square` is about norm(g_x)^2."""
    K = xh.size
    ch, cl = np.empty(K), np.empty(K)
    for k in range(K):
        ch[k], cl[k] = _dd.mul(bh[k], bl[k], rho, 0.0)
    ratio = square / spread_square(gram, xh)
    tolerances = np.array([max(1e-19 * ratio, 1e-29), 0.0, max(1e-20 * ratio, 1e-30), -np.inf])
    return minimize(gram, ch, cl, 1, tolerances, CHECKED, xh, xl)


@njit(
    _dd.Pair(types.float64, types.float64, types.float64, types.float64, types.float64),
    cache=True,
    error_model="numpy",
)
def minus_product(qh, ql, s2h, s2l, product):
    """Returns q - s2 * product in double-double."""
    ph, pl = _dd.mul(s2h, s2l, product, 0.0)
    return _dd.add(qh, ql, -ph, -pl)


@njit(
    types.float64(Floats, Floats, types.float64, types.float64, types.float64, types.float64),
    cache=True,
    error_model="numpy",
)
def next_rho(q, low, rho0, rho1, s2h, s2l):
    """Returns the rho at which norm(g_x)^2 = s^2 rho^2 if x is affine between rho0 and rho1; -1 if there is
    none.

    q: x0'Mx0, x0'Mx1, x1'Mx1, with low parts. Of two roots the one nearer to rho1.
    """
    step = rho1 - rho0
    ah, al = minus_product(q[0], low[0], s2h, s2l, rho0 * rho0)
    dh, dl = _dd.add(q[1], low[1], -q[0], -low[0])
    eh, el = _dd.add(q[2], low[2], -q[1], -low[1])
    bh, bl = minus_product(dh, dl, s2h, s2l, rho0 * step)
    eh, el = _dd.add(eh, el, -dh, -dl)
    ch, cl = minus_product(eh, el, s2h, s2l, step * step)
    if ch == 0.0 and bh == 0.0:
        return -1.0
    root = np.sqrt(max(bh * bh - ah * ch, 0.0))
    larger = -(bh + root) if bh >= 0.0 else root - bh
    first = rho0 + step * (ah / larger) if larger != 0.0 else -1.0
    second = rho0 + step * (larger / ch) if ch != 0.0 else -1.0
    if first <= 0.0 or (second > 0.0 and abs(second - rho1) < abs(first - rho1)):
        return second
    return first


@njit(
    types.boolean(Matrix, Floats, Floats, types.float64, types.float64, Floats, Floats),
    cache=True,
    error_model="numpy",
)
def find_root(gram, bh, bl, s2h, s2l, xh, xl):
    """Moves x to the minimiser of F; returns whether it was found. Safeguarded by a bracket around rho."""
    K = xh.size
    oldh, oldl, q, low = np.empty(K), np.empty(K), np.empty(3), np.empty(3)
    q[2], low[2] = _dd.bilinear(gram, xh, xl, xh, xl)
    lo, hi, rho0, rho = 0.0, 2.0 / np.sqrt(s2h), 0.0, 0.0
    for i in range(K):
        hi = max(hi, 2.0 * np.sqrt(gram[i, i] / s2h))
    candidate = np.sqrt(q[2] / s2h)
    for turn in range(200):
        if not lo < candidate < hi:
            candidate = 0.5 * (lo + hi)
        rho0, rho = rho, candidate
        copy(xh, oldh)
        copy(xl, oldl)
        q[0], low[0] = q[2], low[2]
        if shifted(gram, bh, bl, rho, q[2], xh, xl) != OK:
            return False
        q[2], low[2] = _dd.bilinear(gram, xh, xl, xh, xl)
        q[1], low[1] = _dd.bilinear(gram, oldh, oldl, xh, xl)
        gap = minus_product(q[2], low[2], s2h, s2l, rho * rho)[0]
        if gap > 0.0:
            lo = rho
        else:
            hi = rho
        if turn == 0 and rho0 == 0.0:
            candidate = np.sqrt(q[2] / s2h)
        candidate = next_rho(q, low, rho0, rho, s2h, s2l)
        if abs(candidate - rho) <= 1e-14 * rho or gap == 0.0 or hi - lo <= 4e-16 * hi:
            return True
        if turn % 8 == 7:
            candidate = 0.5 * (lo + hi)
    return False


@njit(types.int64(Matrix, types.float64, Floats, Floats, Floats, Floats), cache=True, error_model="numpy")
def conflict_averse(gram, c, m, xh, xl, omega):
    """Writes the weights of CAGrad's d = g0 + s g_x / norm(g_x) to omega [K]; returns OK or NOT_CONVERGED.

    gram [K, K]: K >= 2 active tasks, scaled to about 1. m [K]: K p, for g0 = sum p_k g_k.
    """
    K = xh.size
    bh, bl, y, mean = np.empty(K), np.empty(K), np.empty(K), np.empty(K)
    sh = sl = 0.0
    zeros = np.zeros(K)
    for k in range(K):
        bh[k], bl[k] = _dd.row_dot(gram, k, m, zeros)
        bh[k], bl[k] = _dd.div(bh[k], bl[k], float(K), 0.0)
        ph, pl = _dd.mul(bh[k], bl[k], m[k], 0.0)
        sh, sl = _dd.add(sh, sl, ph, pl)
        omega[k] = mean[k] = m[k] / K
    sh, sl = _dd.div(sh, sl, float(K), 0.0)
    if c == 0.0 or sh <= 1e-18 * spread_square(gram, omega):
        return OK
    s2h, s2l = _dd.two_prod(c, c)
    s2h, s2l = _dd.mul(s2h, s2l, sh, sl)
    s = np.sqrt(s2h)
    outcome = start(gram, s, mean, xh, xl, y)
    if outcome == ORTHOGONAL:
        for k in range(K):
            omega[k] += y[k]
        return OK
    if outcome != REGULAR:
        return NOT_CONVERGED
    if not find_root(gram, bh, bl, s2h, s2l, xh, xl):
        return NOT_CONVERGED
    qh, ql = _dd.bilinear(gram, xh, xl, xh, xl)
    qh, ql = _dd.sqrt(qh, ql)
    fh, fl = _dd.div(s, 0.0, qh, ql)
    for k in range(K):
        ph, pl = _dd.mul(xh[k], xl[k], fh, fl)
        omega[k] += ph
    return OK
