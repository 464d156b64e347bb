"""The constants of `elementary`, computed from their definitions in decimal arithmetic: the same on every machine."""

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np

DIGITS = 60
PARTS = 32  # of a factor of two, for exp
FIRST, LAST = 89, 182  # of the intervals [j, j + 1) / 128 that the logarithm's reduced argument falls in
WORDS = 24  # of 64 bits of 2 / pi, and one of zeros before them


def pair(value: Decimal) -> tuple[float, float]:
    """Returns the two float64 whose sum is nearest to a number."""
    high = float(value)
    return high, float(value - Decimal(high))


def cut(value: Decimal, bits: int) -> float:
    """Returns a number rounded to so many bits, so that its products with small integers are exact."""
    mantissa, exponent = np.frexp(float(value))
    return float(np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits))


def pi_times(unit: int) -> int:
    """Returns pi times `unit`, a large power, to within some hundred, by Machin's formula."""

    def arctan(inverse: int) -> int:
        term = total = unit // inverse
        k = 1
        while term:
            term //= -inverse * inverse
            total += term // (2 * k + 1)
            k += 1
        return total

    return 4 * (4 * arctan(5) - arctan(239))


def two_over_pi() -> np.ndarray:
    """Returns the bits of 2 / pi after the binary point, uint64 [WORDS], with a word of zeros before them."""
    bits = 64 * (WORDS - 1)
    spare = 64
    unit = 1 << (bits + spare)
    whole = (2 * unit << bits) // pi_times(unit)
    words = [(whole >> (bits - 64 * (i + 1))) & (2**64 - 1) for i in range(WORDS - 1)]
    return np.array([0, *words], dtype=np.uint64)


with localcontext() as _context:
    _context.prec = DIGITS
    _ln2 = Decimal(2).ln()
    _pi = Decimal(pi_times(10**80)) / Decimal(10**80)
    POWERS = np.array([pair(Decimal(2) ** (Decimal(j) / PARTS)) for j in range(PARTS)])  # 2^(j / PARTS)
    CENTRES = np.array([1.0 if j in (127, 128) else (j + 0.5) / 128 for j in range(FIRST, LAST)])
    INVERSES = 1.0 / CENTRES
    CENTRE_LOGARITHMS = np.array([pair(Decimal(c).ln()) for c in map(float, CENTRES)])
    INVERSE_STEP = float(PARTS / _ln2)
    STEP_HIGH = cut(_ln2 / PARTS, 34)
    STEP_LOW, STEP_REST = pair(_ln2 / PARTS - Decimal(STEP_HIGH))
    LN2_HIGH = cut(_ln2, 42)
    LN2_LOW = float(_ln2 - Decimal(LN2_HIGH))
    HALF_PI_HIGH, HALF_PI_LOW = pair(_pi / 2)
    INVERSE_HALF_PI = float(2 / _pi)
    HALF_PI_1 = cut(_pi / 2, 33)
    HALF_PI_2 = cut(_pi / 2 - Decimal(HALF_PI_1), 33)
    HALF_PI_3, HALF_PI_4 = pair(_pi / 2 - Decimal(HALF_PI_1) - Decimal(HALF_PI_2))

TWO_OVER_PI = two_over_pi()


def taylor(*factorials_of: int, sign: int = 1) -> tuple[float, ...]:
    """Returns sign^i / n_i! for the given n."""
    values = []
    for i, n in enumerate(factorials_of):
        product = 1
        for factor in range(2, n + 1):
            product *= factor
        values.append(float(Fraction(sign**i, product)))
    return tuple(values)
