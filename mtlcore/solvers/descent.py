"""Gradient descent and Adam (Kingma & Ba 2015) on a flat vector of parameters."""

from decimal import Decimal

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
DIGITS = 3  # of a step's number, in base 128: after 128^3 steps both powers are below the smallest float64
Table = types.Array(types.float64, 2, "C", readonly=True)
# beta^(i 128^j): a power of whole number is a product of three, quicker than any general power
POWERS_1, POWERS_2 = (
    np.array([[float(Decimal(beta) ** (i * 128**j)) for i in range(128)] for j in range(DIGITS)])
    for beta in ("0.9", "0.999")
)


@kernel(types.float64(Table, types.int64))
def decayed(powers, n):
    """Returns beta^n from the table of beta, for n >= 0."""
    if n >= 1 << 7 * DIGITS:
        return 0.0
    return powers[0, n & 127] * powers[1, n >> 7 & 127] * powers[2, n >> 14]


@kernel(types.void(Floats, Floats, Floats, Floats, types.float64, types.int64, types.int64))
def descend(theta, slope, first, second, lr, adam, t):
    """Moves theta one step against slope; first and second are Adam's moments, t counts the steps before this one."""
    if adam == 0:
        for i in range(theta.size):
            theta[i] -= lr * slope[i]
        return
    correction = np.sqrt(1.0 - decayed(POWERS_2, t + 1))
    rate = lr / (1.0 - decayed(POWERS_1, t + 1))
    for i in range(theta.size):
        first[i] += (1.0 - BETA_1) * (slope[i] - first[i])
        second[i] = BETA_2 * second[i] + (1.0 - BETA_2) * slope[i] * slope[i]
        theta[i] -= rate * first[i] / (np.sqrt(second[i]) / correction + EPSILON)
