"""What the tasks see of the feature, and their gradients seen from it."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix


@kernel(types.void(Matrix, Floats, Matrix, Matrix))
def look(A, b, z, r):
    """Writes r = A z + b to r [N, d] for the points z [N, d]."""
    for n in range(z.shape[0]):
        for i in range(z.shape[1]):
            total = b[i]
            for j in range(z.shape[1]):
                total += A[i, j] * z[n, j]
            r[n, i] = total


@kernel(types.void(Matrix, Matrix, Matrix))
def look_back(A, local, seen):
    """Writes the gradient seen from z, A^T local, to seen [N, d]."""
    for n in range(local.shape[0]):
        for j in range(local.shape[1]):
            total = 0.0
            for i in range(local.shape[1]):
                total += local[n, i] * A[i, j]
            seen[n, j] = total
