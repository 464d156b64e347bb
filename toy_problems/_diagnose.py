"""Diagnostics of two task gradients, from the gradients themselves.

The Gram matrix squares the condition number: of two gradients a millionth of a radian apart it keeps four digits. In
the two dimensions of a toy problem the part of one gradient across the other costs nothing, so condition number and
stationarity are got from it; they mean what `mtlcore.diagnostics` says of them.
"""

import numpy as np
from numba import types

from mtlcore._diagnostics import EPS, magnitude_similarity, mean_cosine, min_cosine, norm_ratio
from mtlcore.rules._types import Cube, Floats
from toy_problems._arrays import kernel
from toy_problems._balance import gram_of


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


@kernel(types.void(Cube, Floats))
def diagnose_pair(gradients, out):
    """Writes the diagnostics of gradients [2, N, d] to out [6], in the order of `mtlcore.diagnostics.DIAGNOSTICS`."""
    gram = np.empty((2, 2))
    gram_of(gradients, 0, gram)
    out[0], out[1], out[2] = mean_cosine(gram), norm_ratio(gram), magnitude_similarity(gram)
    out[5] = min_cosine(gram)
    a, b, c = gram[0, 0], gram[0, 1], gram[1, 1]
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
