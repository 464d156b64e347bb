"""Integers of 128 bits in two halves of 64."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit

M32, S32 = np.uint64(0xFFFFFFFF), np.uint64(32)


@njit(types.uint64(types.uint64, types.uint64), cache=True)
def product_high(a, b):
    """Returns the upper 64 of the 128 bits of a b."""
    a0, a1, b0, b1 = a & M32, a >> S32, b & M32, b >> S32
    middle = ((a0 * b0) >> S32) + ((a0 * b1) & M32) + ((a1 * b0) & M32)
    return a1 * b1 + ((a0 * b1) >> S32) + ((a1 * b0) >> S32) + (middle >> S32)
