"""Gradient descent and Adam (Kingma & Ba 2015) on a flat vector of parameters."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


@kernel(types.void(Floats, Floats, Floats, Floats, types.float64, types.int64, types.int64))
def descend(theta, slope, first, second, lr, adam, t):
    """Moves theta one step against slope; first and second are Adam's moments, t counts the steps before this one."""
    if adam == 0:
        for i in range(theta.size):
            theta[i] -= lr * slope[i]
        return
    correction = np.sqrt(1.0 - BETA_2 ** (t + 1))
    rate = lr / (1.0 - BETA_1 ** (t + 1))
    for i in range(theta.size):
        first[i] += (1.0 - BETA_1) * (slope[i] - first[i])
        second[i] = BETA_2 * second[i] + (1.0 - BETA_2) * slope[i] * slope[i]
        theta[i] -= rate * first[i] / (np.sqrt(second[i]) / correction + EPSILON)
