"""Diagnostics of two task gradients, from the gradients themselves.

The Gram matrix squares the condition number: of two gradients a millionth of a radian apart it keeps four digits. In
the two dimensions of a toy problem the part of one gradient across the other costs nothing, so condition number and
stationarity are got from it; all of them mean what `mtlcore.diagnostics` says.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats
from mtlcore.gram_diagnostics import EPS
from mtlcore.solvers.scaling import INACTIVE


@kernel(types.float64(Cube, types.float64, types.float64, types.float64))
def _area(gradients, a, b, c):
    """Returns |g_1| |g_2 - its part along g_1|, the longer gradient taken first; a, b, c: their inner products."""
    long, short = (0, 1) if a >= c else (1, 0)
    share = b / max(a, c)
    total = 0.0
    for n in range(gradients.shape[1]):
        for i in range(gradients.shape[2]):
            total += (gradients[short, n, i] - share * gradients[long, n, i]) ** 2
    return np.sqrt(max(a, c)) * np.sqrt(total)


@kernel(types.float64(Cube, types.int64, types.int64))
def _inner(gradients, i, j):
    """Returns the inner product of two tasks' gradients."""
    total = 0.0
    for n in range(gradients.shape[1]):
        for c in range(gradients.shape[2]):
            total += gradients[i, n, c] * gradients[j, n, c]
    return total


@kernel(types.void(types.float64, types.float64, types.float64, Floats))
def _angle_and_lengths(a, b, c, out):
    """Writes cosine, norm ratio, magnitude similarity and minimum cosine, for the inner products a, b, c."""
    limit = INACTIVE * max(a, c)
    first, second = np.sqrt(a) if a > limit else 0.0, np.sqrt(c) if c > limit else 0.0
    out[0], out[1] = 0.0, 1.0
    if first > 0.0 and second > 0.0:
        out[0] = min(max(b / second / first, -1.0), 1.0)
        out[1] = max(first, second) / min(first, second)
    out[2] = 2.0 * (np.sqrt(a) * np.sqrt(c)) / (a + c) if a + c > 0.0 else 1.0
    out[5] = out[0]  # two tasks are one pair


@kernel(types.void(Cube, Floats))
def diagnose_pair(gradients, out):
    """Writes the diagnostics of gradients [2, N, d] to out [6], in the order of `mtlcore.diagnostics.DIAGNOSTICS`.

    Without arrays of its own: a run is recorded at every step, and making one costs as much as all the rest.
    """
    a, b, c = _inner(gradients, 0, 0), _inner(gradients, 1, 0), _inner(gradients, 1, 1)
    _angle_and_lengths(a, b, c, out)
    top = max(a, c)
    if top <= 0.0:
        out[3], out[4] = 1.0, 0.0
        return
    area = _area(gradients, a, b, c)
    largest = 0.5 * (a + c) + np.hypot(0.5 * (a - c), b)
    out[3] = largest / max(area, np.sqrt(2.0 * EPS) * largest)
    if b >= min(a, c):
        out[4] = np.sqrt(min(a, c) / top)
    else:
        out[4] = area / np.sqrt(top) / np.sqrt(a + c - 2.0 * b)
