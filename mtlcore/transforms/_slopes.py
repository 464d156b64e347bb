"""Kernels that several transforms share: slopes with respect to the matrices of the views."""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats, Matrix
from mtlcore.compiled.views import OPTIMIZER_STATE
from mtlcore.solvers.descent import descend

# Where a transform's numbers stand in Views.hp; BLOCKS: how many blocks one task has; OWN: what it likes.
RATE, DECAY, ADAM, BLOCKS, OWN = range(5)


@kernel(types.void(types.int64, types.float64, Cube, Matrix, Cube))
def outer(count, factor, local, other, pull):
    """Writes factor sum_n local_(k,n) other_n^T to every pull_k, `count` blocks of each task along the diagonal.

    local [K, N, d], other [N, d], pull [K count, s, s]: block j of a task reads the dimensions j s ... (j + 1) s - 1.
    """
    size = pull.shape[1]
    for k in range(local.shape[0]):
        for block in range(count):
            at, start = k * count + block, block * size
            for i in range(size):
                for j in range(size):
                    total = 0.0
                    for n in range(other.shape[0]):
                        total += local[k, n, start + i] * other[n, start + j]
                    pull[at, i, j] = factor * total


@kernel(types.void(Floats, OPTIMIZER_STATE, types.int64))
def follow_slope(hp, state, t):
    """Moves the free parameters one step against their slope, state.step, by the transform's own optimiser."""
    rate = hp[RATE] * elementary.power(hp[DECAY], t)
    descend(state.theta, state.step, state.first, state.second, rate, int(hp[ADAM]), t)


@kernel(Floats(types.float64, types.float64, types.float64, types.float64))
def descent(rate, decay, adam, own):
    """Returns the numbers that these kernels read of one block: learning rate, decay, whether Adam takes the steps, and
    one number of the transform's own.
    """
    numbers = np.empty(OWN + 1)
    numbers[RATE], numbers[DECAY], numbers[ADAM], numbers[BLOCKS], numbers[OWN] = rate, decay, adam, 1.0, own
    return numbers
