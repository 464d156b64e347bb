"""sin and cos: the argument less a multiple of pi / 2 (Cody & Waite; Payne & Hanek 1983), then Taylor's series."""

import numpy as np
from numba import types

from mtlcore.compiled.bits import bits_of, float_of
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.double_steps import quick_sum, two_product, two_sum
from mtlcore.compiled.elementary_tables import (
    HALF_PI_1,
    HALF_PI_2,
    HALF_PI_3,
    HALF_PI_4,
    HALF_PI_HIGH,
    HALF_PI_LOW,
    INVERSE_HALF_PI,
    TWO_OVER_PI,
    taylor,
)
from mtlcore.compiled.wide import product_high

REAL = types.float64(types.float64)
ROUND = 6755399441055744.0  # 1.5 2^52: adding and taking it away rounds to a whole number
NEAR = 0.7853981633974483  # pi / 4: nothing to take away
CLOSE = 1e-6  # nearer than this to a multiple of pi / 2 two parts of it are not enough
FAR = 1e6  # beyond this the multiple of pi / 2 is no longer small
Reduced = types.Tuple((types.int64, types.float64, types.float64))
S3, S5, S7, S9, S11, S13, S15, S17 = (-value for value in taylor(3, 5, 7, 9, 11, 13, 15, 17, sign=-1))
C4, C6, C8, C10, C12, C14, C16 = taylor(4, 6, 8, 10, 12, 14, 16, sign=-1)
M32, S2, S6, S32, S62, S63, S64 = map(np.uint64, (0xFFFFFFFF, 2, 6, 32, 62, 63, 64))
ZERO, ONE = np.uint64(0), np.uint64(1)


@njit(types.uint64(types.int64), cache=True)
def bits_from(at):
    """Returns 64 bits of 2 / pi, from bit `at` of the table on."""
    word, shift = at >> 6, types.uint64(at & 63)
    if shift == ZERO:
        return TWO_OVER_PI[word]
    return (TWO_OVER_PI[word] << shift) | (TWO_OVER_PI[word + 1] >> (S64 - shift))


@njit(Reduced(types.float64), cache=True)
def far_reduced(x):
    """Returns (n, high, rest) with x = (4 i + n) pi / 2 + high + rest for a positive x beyond FAR.

    Of x 2 / pi only what is not a multiple of 4 is computed, in 192 bits: of 2 / pi the bits that matter are those
    that begin where x's last bit makes them weigh 2.
    """
    bits = bits_of(x)
    exponent = (bits >> 52) - 1075
    mantissa = types.uint64((bits & 0xFFFFFFFFFFFFF) | 0x10000000000000)
    at = exponent + 62
    a2, a1, a0 = bits_from(at), bits_from(at + 64), bits_from(at + 128)
    low = mantissa * a0
    middle = mantissa * a1 + product_high(mantissa, a0)
    carry = ONE if middle < mantissa * a1 else ZERO
    high = mantissa * a2 + product_high(mantissa, a1) + carry
    n = types.int64(high >> S62)
    high, middle, low = (high << S2) | (middle >> S62), (middle << S2) | (low >> S62), low << S2
    negative = high >> S63 == ONE
    if negative:
        n += 1
        high, middle = ~high, ~middle  # all but the last of 192 bits
    part, rest = two_sum((high >> S32) * 2.0**-32, (high & M32) * 2.0**-64)
    part, lost = two_sum(part, (middle >> S32) * 2.0**-96)
    part, rest = two_sum(part, rest + (lost + (middle & M32) * 2.0**-128))
    if negative:
        part, rest = -part, -rest
    product, product_rest = two_product(part, HALF_PI_HIGH)
    high_part, lost = two_sum(product, product_rest + (part * HALF_PI_LOW + rest * HALF_PI_HIGH))
    return n & 3, high_part, lost


@njit(Reduced(types.float64), cache=True)
def reduced_angle(x):
    """Returns (n, high, rest) with x = (4 i + n) pi / 2 + high + rest and abs(high) at most about pi / 4."""
    if abs(x) <= NEAR:
        return 0, x, 0.0
    if abs(x) > FAR:
        n, high, rest = far_reduced(abs(x))
        return (n, high, rest) if x > 0.0 else (-n & 3, -high, -rest)
    count = (x * INVERSE_HALF_PI + ROUND) - ROUND
    high, rest = two_sum(x - count * HALF_PI_1, -(count * HALF_PI_2))
    if abs(high) > CLOSE:
        high, rest = quick_sum(high, rest - count * HALF_PI_3)
        return types.int64(count) & 3, high, rest
    product, product_rest = two_product(count, HALF_PI_3)
    high, lost = two_sum(high, -product)
    high, rest = two_sum(high, (rest + lost) - (product_rest + count * HALF_PI_4))
    return types.int64(count) & 3, high, rest


@njit(types.float64(types.float64, types.float64), cache=True)
def near_sine(x, rest):
    """Returns sin(x + rest) for abs(x) up to about pi / 4."""
    z = x * x
    w = z * z
    tail = ((S5 + z * S7) + w * (S9 + z * S11)) + (w * w) * ((S13 + z * S15) + w * S17)
    return x + (z * x * (S3 + z * tail) + rest * (1.0 - 0.5 * z))


@njit(types.float64(types.float64, types.float64), cache=True)
def near_cosine(x, rest):
    """Returns cos(x + rest) for abs(x) up to about pi / 4."""
    z = x * x
    w = z * z
    tail = ((C4 + z * C6) + w * (C8 + z * C10)) + (w * w) * ((C12 + z * C14) + w * C16)
    half = 0.5 * z
    value = 1.0 - half
    return value + (((1.0 - value) - half) + (w * tail - x * rest))


@njit(types.UniTuple(types.float64, 2)(types.float64), cache=True)
def sine_cosine(x):
    """Returns sin(x) and cos(x), within 1 unit in the last place: NaN for an infinite x."""
    if not abs(x) < float("inf"):
        return float("nan"), float("nan")
    if abs(x) < 1e-8:
        return x, 1.0
    n, high, rest = reduced_angle(x)
    sine, cosine = bits_of(near_sine(high, rest)), bits_of(near_cosine(high, rest))
    exchanged = (sine ^ cosine) & -(n & 1)  # by bits: a branch would be guessed wrong every other time
    first = float_of((sine ^ exchanged) ^ ((n & 2) << 62))
    second = float_of((cosine ^ exchanged) ^ (((n + 1) & 2) << 62))
    return first, second


@njit(REAL, cache=True)
def sin(x):
    """Returns the sine, within 1 unit in the last place."""
    return sine_cosine(x)[0]


@njit(REAL, cache=True)
def cos(x):
    """Returns the cosine, within 1 unit in the last place."""
    return sine_cosine(x)[1]
