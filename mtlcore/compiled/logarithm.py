"""log, log1p and real powers, from the logarithm's table (Tang 1990) in two float64; see `elementary`."""

from numba import types

from mtlcore.compiled.bits import bits_of, float_of
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.double_steps import Pair, quick_sum, two_product, two_sum
from mtlcore.compiled.elementary_tables import (
    CENTRE_LOGARITHMS,
    CENTRES,
    FIRST,
    INVERSES,
    LN2_HIGH,
    LN2_LOW,
)
from mtlcore.compiled.exponential import HIGHEST, LOWEST, exp_parts, scaled

REAL = types.float64(types.float64)
BEGIN = 0x3FE6666666666666  # the bits of 0.7: the reduced argument is from 0.7 to 1.4
NORMAL = 2.2250738585072014e-308
THIRD = 1.0 / 3.0
UPPER = -(1 << 27)  # of the bits of a float64 those that hold its sign, exponent and first 26 digits


@njit(types.Tuple((types.int64, types.float64, types.int64))(types.float64), cache=True)
def mantissa_parts(x):
    """Returns (m, f, j) with x = 2^m f and f from 0.7 to 1.4, in the table's interval j."""
    extra = 0
    if x < NORMAL:
        x *= 18014398509481984.0  # 2^54
        extra = 54
    bits = bits_of(x)
    m = (bits - BEGIN) >> 52
    f = float_of(bits - (m << 52))
    return m - extra, f, types.int64(128.0 * f) - FIRST


@njit(types.float64(types.float64, types.float64), cache=True)
def log_and(x, more):
    """Returns log(x) + more, for x positive and finite and a small summand."""
    m, f, j = mantissa_parts(x)
    u = (f - CENTRES[j]) * INVERSES[j]
    whole, square = types.float64(m), u * u
    tail = (THIRD - 0.25 * u) + square * ((0.2 - u * (1 / 6)) + square * (1 / 7 - 0.125 * u))
    high, lost = quick_sum(whole * LN2_HIGH, CENTRE_LOGARITHMS[j, 0])
    high, left = quick_sum(high, u)
    more += (lost + left) + (CENTRE_LOGARITHMS[j, 1] + whole * LN2_LOW)
    return high + (more + (u * square * tail - 0.5 * square))


@njit(Pair(types.float64), cache=True)
def log_parts(x):
    """Returns log(x) as the sum of two float64, to about 2^-64, for x positive and finite.

    u, its square and its product with the centre are exact, because u has 26 bits and the centre 8.
    """
    m, f, j = mantissa_parts(x)
    away = f - CENTRES[j]
    u = float_of(bits_of(away * INVERSES[j]) & UPPER)
    rest = (away - u * CENTRES[j]) * INVERSES[j]
    whole, square = types.float64(m), u * u
    tail = (THIRD - 0.25 * u) + square * ((0.2 - u * (1 / 6)) + square * (1 / 7 - 0.125 * u))
    high, lost = quick_sum(whole * LN2_HIGH, CENTRE_LOGARITHMS[j, 0])
    high, left = quick_sum(high, u)
    high, more = quick_sum(high, -0.5 * square)
    lost += (left + more) + (CENTRE_LOGARITHMS[j, 1] + whole * LN2_LOW)
    return quick_sum(
        high, lost + (u * square * tail + rest * ((1.0 - u) * (1.0 + square) * (1.0 + square * square)))
    )


@njit(REAL, cache=True)
def log(x):
    """Returns the natural logarithm, within 1 unit in the last place: -inf for 0, NaN below."""
    if not 0.0 < x < float("inf"):
        return -float("inf") if x == 0.0 else (x if x > 0.0 else float("nan"))
    return log_and(x, 0.0)


@njit(REAL, cache=True)
def log1p(x):
    """Returns log(1 + x), within 1 unit in the last place: -inf for -1, NaN below."""
    if not -1.0 < x < float("inf"):
        return x if x > 0.0 else (-float("inf") if x == -1.0 else float("nan"))
    if abs(x) < 1e-9:
        return x - 0.5 * x * x
    high, rest = two_sum(1.0, x)
    return log_and(high, rest / high)


@njit(types.float64(types.float64, types.float64), cache=True)
def power(x, y):
    """Returns x^y for x >= 0, within 1 unit in the last place; NaN for a negative x."""
    if y == 0.0 or x == 1.0:
        return 1.0
    if not 0.0 < x < float("inf") or not abs(y) < 1e300:
        return _power_at_the_ends(x, y)
    high, rest = log_parts(x)
    if not abs(high * y) < 750.0:
        return float("inf") if (high > 0.0) == (y > 0.0) else 0.0
    if abs(high * y) < 1e-17:
        return 1.0
    product, product_rest = two_product(high, y)
    low = product_rest + rest * y
    if not LOWEST <= product <= HIGHEST:
        return 0.0 if product < 0.0 else float("inf")
    m, high, rest = exp_parts(product, low)
    return scaled(high + rest, m)


@njit(types.float64(types.float64, types.float64), cache=True)
def _power_at_the_ends(x, y):
    """Returns x^y where x is 0, infinite, negative or no number, or y is no ordinary one."""
    if x != x or y != y or x < 0.0:
        return float("nan")
    grows = x > 1.0
    return float("inf") if grows == (y > 0.0) else 0.0
