"""Diagnostics of two or more task gradients from their Gram matrix."""

import numpy as np
from numba import types

from mtlcore.rules._types import Floats, Matrix
from toy_problems._arrays import kernel


@kernel(types.void(Matrix, Floats))
def diagnose(gram, out):
    """Writes cosine, norm ratio, magnitude similarity, condition number and stationarity of the first two tasks."""
    a, b, c = gram[0, 0], gram[0, 1], gram[1, 1]
    product = np.sqrt(a * c)
    out[0] = b / product if product > 0.0 else 0.0
    out[1] = np.sqrt(max(a, c) / min(a, c)) if min(a, c) > 0.0 else 1.0
    out[2] = 2.0 * product / (a + c) if a + c > 0.0 else 1.0
    middle, spread = 0.5 * (a + c), np.sqrt(0.25 * (a - c) ** 2 + b * b)
    out[3] = np.sqrt((middle + spread) / (middle - spread)) if middle - spread > 1e-15 * middle else 1.0
    out[4] = 0.0
