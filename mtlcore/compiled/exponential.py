"""exp, expm1, tanh and powers, from exp's table (Tang 1989) in two float64; see `elementary`."""

from numba import types

from mtlcore.compiled.bits import float_of
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.double_steps import quick_sum, two_product, two_sum
from mtlcore.compiled.elementary_tables import (
    INVERSE_STEP,
    PARTS,
    POWERS,
    STEP_HIGH,
    STEP_LOW,
    STEP_REST,
    taylor,
)

REAL = types.float64(types.float64)
Scaled = types.Tuple((types.int64, types.float64, types.float64))
ROUND = 6755399441055744.0  # 1.5 2^52: adding and taking it away rounds to a whole number
HIGHEST, LOWEST = 709.782712893384, -745.1332191019412  # beyond these exp is infinite or 0
T2, T3, T4, T5, T6, T7 = taylor(2, 3, 4, 5, 6, 7)
SHIFT = 5  # PARTS = 2^SHIFT
assert PARTS == 1 << SHIFT


@njit(types.Tuple((types.int64, types.float64, types.float64))(types.float64, types.float64), cache=True)
def reduced(x, low):
    """Returns (k, high, rest) with x + low = k log(2) / PARTS + high + rest, and abs(high) at most 0.0109."""
    k = (x * INVERSE_STEP + ROUND) - ROUND
    high, rest = two_sum(x - k * STEP_HIGH, -(k * STEP_LOW))
    return types.int64(k), high, rest + (low - k * STEP_REST)


@njit(types.Tuple((types.int64, types.float64))(types.float64), cache=True)
def nearly_reduced(x):
    """Returns (k, r) with x = k log(2) / PARTS + r, r rounded."""
    k = (x * INVERSE_STEP + ROUND) - ROUND
    return types.int64(k), (x - k * STEP_HIGH) - k * STEP_LOW


@njit(REAL, cache=True)
def series(r):
    """Returns (exp(r) - 1 - r) / r^2 for a reduced argument; in pairs, so that not every step waits for the last."""
    square = r * r
    return (T2 + r * T3) + square * ((T4 + r * T5) + square * (T6 + r * T7))


@njit(types.float64(types.float64, types.float64), cache=True)
def beyond_first(high, rest):
    """Returns exp(high + rest) - 1 - high, for a reduced argument."""
    return high * high * series(high) + (rest + high * rest)


@njit(Scaled(types.float64, types.float64), cache=True)
def exp_parts(x, low):
    """Returns (m, high, rest) with exp(x + low) = 2^m (high + rest), to about 2^-64."""
    k, high, rest = reduced(x, low)
    j = k & (PARTS - 1)
    power, power_rest = POWERS[j, 0], POWERS[j, 1]
    product, product_rest = two_product(power, high)
    result, result_rest = quick_sum(power, product)
    beyond = power * beyond_first(high, rest) + (product_rest + power_rest * (1.0 + high))
    return k >> SHIFT, result, result_rest + beyond


@njit(types.float64(types.float64, types.int64), cache=True)
def scaled(x, m):
    """Returns x 2^m, rounded once, for x about 1 and m from -1076 to 1024."""
    if m < -1021:
        return x * float_of((m + 1077) << 52) * 5.551115123125783e-17  # 2^-54
    if m > 1023:
        return x * float_of((m + 1022) << 52) * 2.0
    return x * float_of((m + 1023) << 52)


@njit(REAL, cache=True)
def exp(x):
    """Returns e^x, within 0.54 units in the last place."""
    if not LOWEST <= x <= HIGHEST:
        return x if x != x else (0.0 if x < 0.0 else float("inf"))
    k, r = nearly_reduced(x)
    j = k & (PARTS - 1)
    power = POWERS[j, 0]
    return scaled(power + (POWERS[j, 1] + power * (r + r * r * series(r))), k >> SHIFT)


@njit(types.UniTuple(types.float64, 2)(types.float64), cache=True)
def expm1_parts(x):
    """Returns e^x - 1 as the sum of two float64, for x from -40 to 700."""
    k, high, rest = reduced(x, 0.0)
    if k == 0:
        return two_sum(high, beyond_first(high, rest))
    m, high, rest = exp_parts(x, 0.0)
    power = float_of((m + 1023) << 52)
    above, left = two_sum(high * power, -1.0)
    return two_sum(above, left + rest * power)


@njit(REAL, cache=True)
def expm1(x):
    """Returns e^x - 1, within 0.54 units in the last place."""
    if abs(x) < 5e-17:
        return x
    if not -40.0 < x < 700.0:
        return -1.0 if x < 0.0 else exp(x)
    if abs(x) < 0.25:
        high, rest = expm1_parts(x)
        return high + rest
    k, r = nearly_reduced(x)
    j, power = k & (PARTS - 1), float_of(((k >> SHIFT) + 1023) << 52)
    above, left = two_sum(power * POWERS[j, 0], -1.0)
    return above + (left + power * (POWERS[j, 1] + POWERS[j, 0] * (r + r * r * series(r))))


@njit(REAL, cache=True)
def tanh(x):
    """Returns the hyperbolic tangent, within 1 unit in the last place."""
    size = abs(x)
    if size < 1e-9 or x != x:
        return x
    if size > 20.0:
        return 1.0 if x > 0.0 else -1.0
    if size > 1.0:
        far = 1.0 - 2.0 / (exp(2.0 * size) + 1.0)
        return far if x > 0.0 else -far
    above, above_rest = expm1_parts(2.0 * size)
    below, below_rest = two_sum(above, 2.0)
    below_rest += above_rest
    quotient = above / below
    product, product_rest = two_product(quotient, below)
    result = quotient + (((above - product) - product_rest) + above_rest - quotient * below_rest) / below
    return result if x > 0.0 else -result
