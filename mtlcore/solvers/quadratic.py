"""Quadratic programs over the simplex or the non-negative orthant, by a primal active set.

Minimises x'Mx / 2 + c'x over x >= 0, with sum x = 1 if `off` is 1. Works on one face at a time: a Newton
step to the face's minimum, cut short where a weight reaches 0 (it leaves), then the task whose multiplier
is most wrong enters. The first round is plain float64 and only finds the face; the second judges gradients
in double-double; the third factors in double-double too, for gradients that are parallel to nearly all
digits, and adds the multiple of the identity that mends a matrix which rounding left indefinite. x is
double-double.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, Floats, Matrix
from mtlcore.solvers import faces as _face
from mtlcore.solvers.faces import ZERO_PIVOT
from mtlcore.solvers.vectors import Indices

Count = types.int64
QUICK, CHECKED, EXACT = 0, 1, 2
QUICK_TOLERANCE = 1e-13


@njit(types.int64(Indices, Count, Count), cache=True, error_model="numpy")
def drop(S, n, position):
    """Removes the entry at `position` from S[0..n); returns n - 1."""
    for i in range(position, n - 1):
        S[i] = S[i + 1]
    return n - 1


@njit(
    types.int64(Indices, Count, Floats, Floats, Floats, Indices, Count, types.float64),
    cache=True,
    error_model="numpy",
)
def entering(S, n, xh, gh, gl, banned, off, tolerance):
    """Returns the task outside the face whose multiplier is most negative, -1 if none is beyond tolerance."""
    best, worst = -1, -tolerance
    for k in range(gh.size):
        if xh[k] == 0.0 and banned[k] == 0:
            slack = (gh[k] - gh[S[0]]) + (gl[k] - gl[S[0]]) if off else gh[k] + gl[k]
            if slack < worst:
                inside = False
                for i in range(n):
                    inside = inside or S[i] == k
                if not inside:
                    best, worst = k, slack
    return best


@njit(
    types.UniTuple(types.float64, 2)(Indices, Count, Floats, Floats, Floats, Floats),
    cache=True,
    error_model="numpy",
)
def sizes(S, n, norms, xh, gh, gl):
    """Returns x'(Mx + c) and (sum_k x_k n_k)^2, the size it would have if no gradient opposed another."""
    value = spread = 0.0
    for i in range(n):
        value += xh[S[i]] * (gh[S[i]] + gl[S[i]])
        spread += xh[S[i]] * norms[S[i]]
    return value, spread * spread


@njit(
    types.int64(Matrix, Floats, Floats, Count, Floats, types.int64, Floats, Floats),
    cache=True,
    error_model="numpy",
)
def minimize(gram, ch, cl, off, tolerances, level, xh, xl):
    """Minimises x'Mx / 2 + c'x from the feasible x in (xh, xl), overwritten; returns OK or NOT_CONVERGED.

    gram [K, K], scaled so that its largest entries are about 1; c [K] in double-double; off 1 for the
    simplex. level: QUICK, or CHECKED for an x that is nearly right. tolerances: of a multiplier; the same
    relative to x'(Mx + c); of twice what the objective may still fall on a face when rounding stops the
    Newton steps; and the x'(Mx + c) that is as good as 0. The first, third and fourth are relative to
    (sum_k x_k n_k)^2 on the simplex, absolute else.
    """
    K = xh.size
    work, low = np.empty((K + 3, K)), np.empty((K + 3, K))
    gh, gl, norms = np.empty(K), np.empty(K), np.empty(K)
    S, banned = np.empty(K + 1, np.int64), np.zeros(K, np.int64)
    n = 0
    for k in range(K):
        norms[k] = np.sqrt(gram[k, k])
        if xh[k] > 0.0:
            S[n] = k
            n += 1
    factored, whole, last, newest, shift = 0, 0, np.inf, -1, 0.0
    for _ in range(100 + 30 * K):
        if level == QUICK:
            _face.quick_gradient(gram, ch, S, n, xh, gh, gl)
        else:
            _face.gradient(gram, shift, ch, cl, S, n, xh, xl, gh, gl)
        value, spread = 0.0, 1.0
        if off:
            value, spread = sizes(S, n, norms, xh, gh, gl)
            if level != QUICK and value <= tolerances[3] * spread:
                return OK
        tolerance = QUICK_TOLERANCE * spread
        if level != QUICK:
            tolerance = tolerances[0] * spread + tolerances[1] * value
        m = n - off
        least, pivot = ZERO_PIVOT if level == EXACT else 0.0, 0.0
        while factored < m:
            pivot = _face.grow(gram, shift, S, off, factored, work, low, level == EXACT)
            if not pivot > least:
                break
            factored += 1
        doubtful = factored < m
        if doubtful and level == EXACT:
            shift = _face.mend(gram, shift, S, off, factored, pivot, work, low)
            factored, whole, last = 0, 0, np.inf
            continue
        search = m > 0 and not doubtful and not (level == QUICK and whole > 0)
        if search and (_face.residual(S, n, off, gh, gl, work) > 0.1 * tolerance or level == QUICK):
            decrement = _face.newton(m, work, low, level == EXACT)
            stuck = whole > 0 and decrement > 1e-2 * last
            if not stuck:
                fresh = newest >= 0 and xh[newest] == 0.0
                blocking = _face.advance(S, n, off, work[K + 2], xh, xl)
                if blocking < 0:
                    whole, last = whole + 1, decrement
                else:
                    if fresh and S[blocking] == newest:
                        banned[newest] = 1
                    n, whole, last = drop(S, n, blocking), 0, np.inf
                    factored = max(min(factored, blocking - off), 0)
                continue
            doubtful = decrement > tolerances[2] * spread
            if doubtful and level == EXACT:
                return NOT_CONVERGED
        if doubtful:
            level, factored, whole, last = EXACT, 0, 0, np.inf
            continue
        k = entering(S, n, xh, gh, gl, banned, off, tolerance)
        if k >= 0:
            S[n] = k
            n, newest, whole, last = n + 1, k, 0, np.inf
        elif level == QUICK:
            level, whole, last, newest = CHECKED, 0, np.inf, -1
            for j in range(K):
                banned[j] = 0
        else:
            return OK
    return NOT_CONVERGED
