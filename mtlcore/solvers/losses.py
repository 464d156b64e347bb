"""Small kernels of the rules that look at losses."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats

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
        out[k] = np.exp(x[k] - top)
        total += out[k]
    for k in range(x.size):
        out[k] /= total
