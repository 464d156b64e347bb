"""The spectrum of a Gram matrix, in float64 where that is enough and in double-double where it is not."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers.eigen import EPS, eigen, jacobi_dd
from mtlcore.solvers.vectors import copy_matrix, largest

SAFE = 1e-7  # relative eigenvalue that float64 gives to better than 1e-8


@njit(types.boolean(Matrix, Matrix, Matrix, Floats), cache=True, error_model="numpy")
def spectrum(gram, vh, vl, values):
    """Writes eigenvectors to the columns of (vh, vl), eigenvalues to values, and 0 for those that do not
    count.

    An eigenvalue counts above K eps times the largest. gram [K, K] is scaled to about 1; False if the
    solver fails.
    """
    K = values.size
    copy_matrix(gram, vh)
    copy_matrix(np.zeros((K, K)), vl)
    good = eigen(vh, values)
    top = largest(values)
    limit = K * EPS * top
    for k in range(K):
        if 0.5 * limit < values[k] < SAFE * top:
            good = False
    if not good:
        ah, al = np.empty((K, K)), np.zeros((K, K))
        copy_matrix(gram, ah)
        jacobi_dd(ah, al, vh, vl)
        for k in range(K):
            values[k] = ah[k, k]
        limit = K * EPS * largest(values)
        for i in range(K):
            for j in range(i):
                if not abs(ah[i, j]) <= 1e-20 * limit / EPS:
                    return False
    for k in range(K):
        if not values[k] > limit:
            values[k] = 0.0
    return True
