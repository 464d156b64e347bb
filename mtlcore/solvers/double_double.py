"""Double-double arithmetic: a number is the unevaluated sum of two float64 (high, low), about 32 digits.

A Gram matrix squares the conditioning of the gradients, so a weight vector is right to 1e-8 of the
gradients only if the equations it solves are checked to more digits than float64 has. The sums here are
exact (Knuth) and the products too (one fused multiply-add), as in Dekker 1971 and Ogita, Rump & Oishi 2005.
"""

import numpy as np
from numba import types
from numba.extending import intrinsic

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix

Pair = types.UniTuple(types.float64, 2)
F = types.float64


@intrinsic
def fma(typingctx, a, b, c):
    """a * b + c with one rounding."""

    def codegen(context, builder, signature, args):
        return builder.fma(*args)

    return F(F, F, F), codegen


@njit(Pair(F, F), cache=True, error_model="numpy")
def two_sum(a, b):
    """Returns a + b exactly, as (high, low)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@njit(Pair(F, F), cache=True, error_model="numpy")
def quick_two_sum(a, b):
    """Returns a + b exactly for abs(a) >= abs(b)."""
    s = a + b
    return s, b - (s - a)


@njit(Pair(F, F), cache=True, error_model="numpy")
def two_prod(a, b):
    """Returns a * b exactly, as (high, low)."""
    p = a * b
    return p, fma(a, b, -p)


@njit(Pair(F, F, F, F), cache=True, error_model="numpy")
def add(ah, al, bh, bl):
    """Returns a + b."""
    s, e = two_sum(ah, bh)
    t, f = two_sum(al, bl)
    s, e = quick_two_sum(s, e + t)
    return quick_two_sum(s, e + f)


@njit(Pair(F, F, F, F), cache=True, error_model="numpy")
def mul(ah, al, bh, bl):
    """Returns a * b."""
    p, e = two_prod(ah, bh)
    return quick_two_sum(p, e + (ah * bl + al * bh))


@njit(Pair(F, F, F, F), cache=True, error_model="numpy")
def div(ah, al, bh, bl):
    """Returns a / b."""
    q = ah / bh
    ph, pl = mul(bh, bl, q, 0.0)
    rh, rl = add(ah, al, -ph, -pl)
    q2 = rh / bh
    ph, pl = mul(bh, bl, q2, 0.0)
    rh, rl = add(rh, rl, -ph, -pl)
    s, e = quick_two_sum(q, q2)
    return add(s, e, rh / bh, 0.0)


@njit(Pair(F, F), cache=True, error_model="numpy")
def sqrt(ah, al):
    """Returns the square root of a, 0 for a <= 0."""
    if ah <= 0.0:
        return 0.0, 0.0
    x = np.sqrt(ah)
    ph, pl = two_prod(x, x)
    rh, rl = add(ah, al, -ph, -pl)
    s, e = quick_two_sum(x, rh / (2.0 * x))
    ph, pl = mul(s, e, s, e)
    rh, rl = add(ah, al, -ph, -pl)
    return add(s, e, rh / (2.0 * x), 0.0)


@njit(F(F, F, F), cache=True, error_model="numpy")
def det2(a, b, c):
    """Returns a c - b^2 for the matrix [[a, b], [b, c]], to full relative precision, never below 0."""
    p, e = two_prod(a, c)
    q, f = two_prod(b, b)
    return max((p - q) + (e - f), 0.0)


@njit(F(F, F, F), cache=True, error_model="numpy")
def sum3(a, b, c):
    """Returns a + b + c rounded once."""
    s, e = two_sum(a, b)
    t, f = two_sum(s, c)
    return t + (e + f)


@njit(Pair(Matrix, types.int64, Floats, Floats), cache=True, error_model="numpy")
def row_dot(matrix, row, xh, xl):
    """Returns sum_j matrix[row, j] x_j for x [K] in double-double."""
    s = e = 0.0
    for j in range(xh.size):
        if xh[j] != 0.0:
            p = matrix[row, j] * xh[j]
            s, t = two_sum(s, p)
            e += t + (fma(matrix[row, j], xh[j], -p) + matrix[row, j] * xl[j])
    return quick_two_sum(s, e)


@njit(Pair(Matrix, Floats, Floats, Floats, Floats), cache=True, error_model="numpy")
def bilinear(matrix, xh, xl, yh, yl):
    """Returns x' matrix y for x, y [K] in double-double."""
    sh = sl = 0.0
    for i in range(xh.size):
        if xh[i] != 0.0:
            gh, gl = row_dot(matrix, i, yh, yl)
            ph, pl = mul(gh, gl, xh[i], xl[i])
            sh, sl = add(sh, sl, ph, pl)
    return sh, sl
