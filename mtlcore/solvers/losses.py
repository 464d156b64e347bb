"""Small kernels of the rules that look at losses."""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, Floats

FLOOR = 1e-12


@njit(types.void(Floats, Floats, Floats), cache=True)
def floor_losses(losses, first, floored):
    """Writes max(L_k, 1e-12 L_k(0)) to floored [K].

    first [K] holds L_k(0), the first positive loss, and 0 until there is one. A loss that was never positive
    stays 0: the caller decides what a task with nothing to lower gets.
    """
    for k in range(first.size):
        if first[k] <= 0.0 and losses[k] > 0.0:
            first[k] = losses[k]
        floored[k] = max(losses[k], FLOOR * first[k])


@njit(types.void(Floats, Floats), cache=True)
def softmax(x, out):
    """Writes exp(x) / sum exp(x) to out; -inf entries get 0. At least one entry is finite."""
    top = x.max()
    total = 0.0
    for k in range(x.size):
        out[k] = elementary.exp(x[k] - top)
        total += out[k]
    for k in range(x.size):
        out[k] /= total


@njit(types.int64(Floats, Floats, Floats), cache=True)
def positive_losses(losses, first, floored):
    """Writes what a rule divides a task by to floored [K], as floor_losses does; returns how many tasks count.

    A task whose loss was never positive has 0 and does not count. Where no loss ever was, all count, with 1 each.
    """
    floor_losses(losses, first, floored)
    count = 0
    for k in range(floored.size):
        if floored[k] > 0.0:
            count += 1
    if count > 0:
        return count
    for k in range(floored.size):
        floored[k] = 1.0
    return floored.size


@njit(types.int64(Floats), cache=True)
def representable(w):
    """Returns OK, or NOT_CONVERGED for weights that float64 cannot hold, which are then set to 0."""
    for k in range(w.size):
        if not np.isfinite(w[k]):
            w[:] = 0.0
            return NOT_CONVERGED
    return OK
