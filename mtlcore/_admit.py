"""The cheap compiled check that every call of a rule goes through."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix

GivenFloats = types.Array(types.float64, 1, "C", readonly=True)
GivenMatrix = types.Array(types.float64, 2, "C", readonly=True)
GOOD, NOT_FINITE, NOT_SYMMETRIC, NEGATIVE_SQUARE, NO_GRAM, BAD_LOSS, NEGATIVE_LOSS = range(7)
SYMMETRY = 1e-6  # relative to the largest squared norm: a float32 product is symmetric to about 1e-7
NEGATIVE = 1e-9  # of L_k(0): a loss further below 0 is not rounding


@njit(types.UniTuple(types.int64, 3)(GivenMatrix, Matrix), cache=True)
def admit_gram(gram, out):
    """Writes the symmetrised matrix to out [K, K]; returns (code, i, j), the entry a complaint is about."""
    tasks = gram.shape[0]
    top = 0.0
    for i in range(tasks):
        if not np.isfinite(gram[i, i]):
            return NOT_FINITE, i, i
    for i in range(tasks):
        for j in range(tasks):
            if not np.isfinite(gram[i, j]):
                return NOT_FINITE, i, j
        if gram[i, i] < 0.0:
            return NEGATIVE_SQUARE, i, i
        top = max(top, gram[i, i])
    slack = SYMMETRY * top
    for i in range(tasks):
        out[i, i] = gram[i, i]
        for j in range(i):
            if abs(gram[i, j] - gram[j, i]) > slack:
                return NOT_SYMMETRIC, i, j
            out[i, j] = 0.5 * gram[i, j] + 0.5 * gram[j, i]
            out[j, i] = out[i, j]
            if abs(out[i, j]) > np.sqrt(out[i, i]) * np.sqrt(out[j, j]) + slack:
                return NO_GRAM, i, j
    return GOOD, 0, 0


@njit(types.UniTuple(types.int64, 2)(GivenFloats, Floats, Floats), cache=True)
def admit_losses(losses, first, out):
    """Writes the losses, rounding below 0 set to 0, to out [K]; returns (code, task).

    first [K] keeps each task's first positive loss. A task that had no positive loss yet is measured by the
    largest L_j(0).
    """
    top = 0.0
    for k in range(losses.size):
        if not np.isfinite(losses[k]):
            return BAD_LOSS, k
        top = max(top, first[k] if first[k] > 0.0 else losses[k])
    for k in range(losses.size):
        if losses[k] < -NEGATIVE * (first[k] if first[k] > 0.0 else top):
            return NEGATIVE_LOSS, k
    for k in range(losses.size):
        if first[k] <= 0.0:
            first[k] = max(losses[k], 0.0)
        out[k] = max(losses[k], 0.0)
    return GOOD, 0
