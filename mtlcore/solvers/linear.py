"""Factorizations of small symmetric matrices, grown one row at a time, in float64 and in double-double."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.vectors import fill

Count = types.int64


@njit(types.float64(Matrix, Floats, Floats, Count), cache=True, error_model="numpy")
def append_row(lower, diagonal, row, i):
    """Extends L D L' by row i of the matrix, row[0..i]; returns the new pivot D_i (row is overwritten)."""
    pivot = row[i]
    for j in range(i):
        value = row[j]
        for t in range(j):
            value -= lower[j, t] * row[t]
        row[j] = value
        lower[i, j] = value / diagonal[j]
        pivot -= value * lower[i, j]
    diagonal[i] = pivot
    return pivot


@njit(types.float64(Matrix, Matrix, Floats, Floats, Floats, Floats, Count), cache=True, error_model="numpy")
def append_row_dd(lh, ll, dh, dl, rh, rl, i):
    """As append_row, in double-double."""
    ph, pl = rh[i], rl[i]
    for j in range(i):
        vh, vl = rh[j], rl[j]
        for t in range(j):
            qh, ql = _dd.mul(lh[j, t], ll[j, t], rh[t], rl[t])
            vh, vl = _dd.add(vh, vl, -qh, -ql)
        rh[j], rl[j] = vh, vl
        lh[i, j], ll[i, j] = _dd.div(vh, vl, dh[j], dl[j])
        qh, ql = _dd.mul(vh, vl, lh[i, j], ll[i, j])
        ph, pl = _dd.add(ph, pl, -qh, -ql)
    dh[i], dl[i] = ph, pl
    return ph


@njit(types.void(Matrix, Floats, Floats, Count), cache=True, error_model="numpy")
def solve_ldl(lower, diagonal, x, n):
    """Replaces x[0..n) by the solution of L D L' y = x."""
    for i in range(n):
        for t in range(i):
            x[i] -= lower[i, t] * x[t]
    for i in range(n):
        x[i] /= diagonal[i]
    for i in range(n - 1, -1, -1):
        for t in range(i + 1, n):
            x[i] -= lower[t, i] * x[t]


@njit(types.void(Matrix, Matrix, Floats, Floats, Floats, Floats, Count), cache=True, error_model="numpy")
def solve_ldl_dd(lh, ll, dh, dl, xh, xl, n):
    """As solve_ldl, in double-double."""
    for i in range(n):
        for t in range(i):
            qh, ql = _dd.mul(lh[i, t], ll[i, t], xh[t], xl[t])
            xh[i], xl[i] = _dd.add(xh[i], xl[i], -qh, -ql)
    for i in range(n):
        xh[i], xl[i] = _dd.div(xh[i], xl[i], dh[i], dl[i])
    for i in range(n - 1, -1, -1):
        for t in range(i + 1, n):
            qh, ql = _dd.mul(lh[t, i], ll[t, i], xh[t], xl[t])
            xh[i], xl[i] = _dd.add(xh[i], xl[i], -qh, -ql)


@njit(types.boolean(Matrix, Matrix, Floats, types.float64), cache=True, error_model="numpy")
def factor(matrix, lower, diagonal, least):
    """Factors the whole matrix; returns False at a pivot not above `least` times its diagonal entry."""
    row = np.empty(diagonal.size)
    for i in range(diagonal.size):
        for j in range(i + 1):
            row[j] = matrix[i, j]
        if not append_row(lower, diagonal, row, i) > least * matrix[i, i]:
            return False
    return True


@njit(types.boolean(Matrix, Floats, Floats, Floats, Floats), cache=True, error_model="numpy")
def solve_refined(matrix, bh, bl, xh, xl):
    """Solves matrix x = b to double-double accuracy; returns False where the matrix is not well enough
    definite.

    b, x [K] in double-double. One float64 factorization, then Newton's corrections with exact residuals,
    which gain a factor of about 1e16 / condition each.
    """
    n = bh.size
    lower, diagonal, delta = np.empty((n, n)), np.empty(n), np.empty(n)
    if not factor(matrix, lower, diagonal, 1e-12):
        return False
    fill(xh, 0.0)
    fill(xl, 0.0)
    last = np.inf
    for _ in range(30):
        size, top = 0.0, 0.0
        for k in range(n):
            gh, gl = _dd.row_dot(matrix, k, xh, xl)
            gh, gl = _dd.add(bh[k], bl[k], -gh, -gl)
            delta[k] = gh
        solve_ldl(lower, diagonal, delta, n)
        for k in range(n):
            xh[k], xl[k] = _dd.add(xh[k], xl[k], delta[k], 0.0)
            size, top = max(size, abs(delta[k])), max(top, abs(xh[k]))
        if size <= 1e-25 * top:
            return True
        if not size < 0.5 * last:
            return False
        last = size
    return False
