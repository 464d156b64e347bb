"""Which tasks still have a gradient: the sub-problem that several rules are applied to."""

import numpy as np
from numba import njit, types

from mtlcore.rules._types import Floats, Matrix

INACTIVE = 1e-12


@njit(types.int64(Matrix, Floats), cache=True)
def active_norms(gram, norms):
    """Writes n_k to norms [K], 0 for an inactive task (n_k <= 1e-12 max n); returns how many are active."""
    top = 0.0
    for k in range(norms.size):
        norms[k] = np.sqrt(max(gram[k, k], 0.0))
        top = max(top, norms[k])
    active = 0
    for k in range(norms.size):
        if norms[k] <= INACTIVE * top:
            norms[k] = 0.0
        else:
            active += 1
    return active
