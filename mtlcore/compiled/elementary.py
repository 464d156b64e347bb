"""Elementary functions of the kernels' own, so that every machine and every browser computes the same bits.

Arithmetic and square roots are exact to the last bit everywhere; a C library's exp, log and sin are not, and in a
chaotic run one last digit is another picture. These use additions, multiplications, divisions, square roots and
integers alone. Each is within 1 unit in the last place, most within 0.51; tests/unit/test_elementary.py measures it.

Sources: P. T. P. Tang, Table-driven implementation of the exponential function in IEEE floating-point arithmetic, ACM
TOMS 15 (1989), and of the logarithm function, 16 (1990); T. J. Dekker, A floating-point technique for extending the
available precision, Numerische Mathematik 18 (1971); W. J. Cody and W. Waite, Software Manual for the Elementary
Functions (1980); M. H. Payne and R. N. Hanek, Radian reduction for trigonometric functions, SIGNUM Newsletter 18
(1983); C. F. Borges, An improved algorithm for hypot(a, b), ACM TOMS 47 (2021). Polynomials are Taylor's.
"""

import numpy as np
from numba import types

from mtlcore.compiled.bits import bits_of, float_of
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.double_steps import two_product
from mtlcore.compiled.exponential import exp, expm1, tanh
from mtlcore.compiled.logarithm import log, log1p, power
from mtlcore.compiled.trigonometry import cos, sin, sine_cosine

__all__ = [
    "binary_exponent", "cos", "exp", "expm1", "hypot", "log", "log1p", "power", "power_of_two", "sin", "sine_cosine",
    "tanh",
]  # fmt: skip


@njit(types.int64(types.float64), cache=True)
def binary_exponent(x):
    """Returns e with 2^(e - 1) <= x < 2^e, as frexp does, for x positive and finite."""
    if x < 2.2250738585072014e-308:
        return (bits_of(x * 18014398509481984.0) >> 52) - 1022 - 54
    return (bits_of(x) >> 52) - 1022


@njit(types.float64(types.int64), cache=True)
def power_of_two(n):
    """Returns 2^n for n from -1022 to 1023."""
    return float_of((n + 1023) << 52)


@njit(types.float64(types.float64, types.float64), cache=True)
def hypot(a, b):
    """Returns sqrt(a^2 + b^2) without overflow or underflow on the way, within 1 unit in the last place."""
    a, b = abs(a), abs(b)
    if a < b:
        a, b = b, a
    if b == 0.0 or not a < float("inf") or b != b:
        return float("inf") if a == float("inf") or b == float("inf") else a + b
    if b < a * 1e-17:
        return a
    scale = 1.0
    if not (a < 1e140 and b > 1e-140):
        scale = power_of_two(min(max(-binary_exponent(a), -1021), 1021))
    x, y = a * scale, b * scale
    size = np.sqrt(x * x + y * y)
    square, square_rest = two_product(size, size)
    first, first_rest = two_product(x, x)
    second, second_rest = two_product(y, y)
    error = ((square - first) - second) + (square_rest - first_rest - second_rest)
    return (size - error / (2.0 * size)) / scale
