"""Sums and products of two float64 as two float64, without rounding (Dekker 1971; Knuth, volume 2, section 4.2.2)."""

from numba import types

from mtlcore.compiled.deferred import njit

Pair = types.UniTuple(types.float64, 2)
SPLITTER = 134217729.0  # 2^27 + 1: cuts 53 bits in two halves


@njit(Pair(types.float64, types.float64), cache=True)
def two_sum(a, b):
    """Returns a + b rounded, and what was rounded off."""
    high = a + b
    part = high - a
    return high, (a - (high - part)) + (b - part)


@njit(Pair(types.float64, types.float64), cache=True)
def quick_sum(a, b):
    """Returns what `two_sum` does, where a is 0 or abs(a) >= abs(b)."""
    high = a + b
    return high, b - (high - a)


@njit(Pair(types.float64, types.float64), cache=True)
def two_product(a, b):
    """Returns a b rounded, and what was rounded off; factors and product are far from the ends of float64's range."""
    high = a * b
    cut = SPLITTER * a
    a1 = cut - (cut - a)
    a2 = a - a1
    cut = SPLITTER * b
    b1 = cut - (cut - b)
    b2 = b - b1
    return high, ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2
