"""Rotations drawn uniformly from SO(m), the Haar measure, as products of plane rotations.

Source: the subgroup algorithm of P. Diaconis and M. Shahshahani, Probability in the Engineering and Informational
Sciences 1 (1987), in G. W. Stewart's form, SIAM Journal on Numerical Analysis 17 (1980), with plane rotations
(Givens) in the place of reflections, so that the determinant is 1 throughout.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.normal import normals
from mtlcore.compiled.pcg64 import Words
from mtlcore.compiled.signatures import Floats, Matrix


@kernel(types.void(Floats, Floats, Matrix))
def carry(x, rest, R):
    """Multiplies the last rows of R [m, m] from the left by a rotation whose first column is x / |x|, x without zeros.

    It is the product of rotations in the planes of neighbouring rows, the first pair's done first. rest (written): the
    length of x from each entry on; the last is the entry itself, with its sign.
    """
    last, first = x.size - 1, R.shape[0] - x.size
    rest[last] = x[last]
    for i in range(last - 1, -1, -1):
        rest[i] = np.sqrt(x[i] * x[i] + rest[i + 1] * rest[i + 1])
    for i in range(last):
        cosine, sine, row = x[i] / rest[i], rest[i + 1] / rest[i], first + i
        for j in range(first, R.shape[1]):
            upper, lower = R[row, j], R[row + 1, j]
            R[row, j] = cosine * upper - sine * lower
            R[row + 1, j] = sine * upper + cosine * lower


@kernel(types.void(Words, Matrix))
def haar(state, R):
    """Writes a rotation drawn uniformly from SO(m) to R [m, m], and moves the stream's state [4] on.

    It takes m (m + 1) / 2 - 1 normals: a direction in the last 2 dimensions, then in the last 3, and so on to m.
    """
    m = R.shape[0]
    drawn, rest = np.empty(m), np.empty(m)
    for i in range(m):
        for j in range(m):
            R[i, j] = 1.0 if i == j else 0.0
    for size in range(2, m + 1):
        x = drawn[:size]
        normals(state, x)
        carry(x, rest[:size], R)
