"""Which tasks still have a gradient: the sub-problem that several rules are applied to."""

import numpy as np
from numba import types

from mtlcore._deferred import njit
from mtlcore.rules._scaling import INACTIVE, largest_square
from mtlcore.rules._types import Floats, Matrix


@njit(types.int64(Matrix, Floats), cache=True)
def active_norms(gram, norms):
    """Writes n_k to norms [K], 0 for an inactive task (n_k <= 1e-12 max n); returns how many are active."""
    limit = INACTIVE * largest_square(gram)
    active = 0
    for k in range(norms.size):
        norms[k] = 0.0
        if gram[k, k] > limit:
            norms[k] = np.sqrt(gram[k, k])
            active += 1
    return active
