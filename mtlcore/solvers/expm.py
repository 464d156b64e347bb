"""The matrix exponential of a small matrix, and the adjoint of its derivative.

Scaling and squaring around the degree-16 Taylor polynomial, evaluated in blocks of four powers (Paterson &
Stockmeyer 1973). With norm(X)_1 <= 0.8 the truncation error is below 1e-16. Every product is kept, so that the adjoint
can run backwards through them (reverse-mode differentiation): about twice the cost of the exponential itself.
"""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Matrix
from mtlcore.solvers.vectors import copy_matrix, fill_matrix

REACH = 0.8  # largest norm of the scaled matrix
MOST_SQUARINGS = (
    24  # beyond norms of 1e7 an angle has no digits left: the result is NaN, and the path diverges
)
X1, X2, X3, X4, Y3, Y2, Y1, E0 = 0, 1, 2, 3, 4, 5, 6, 7  # slots of the work array
SCRATCH = E0 + MOST_SQUARINGS + 1  # six more matrices for the adjoint
SLOTS = SCRATCH + 6
INVERSE_FACTORIAL = 1.0 / np.cumprod(np.concatenate([[1.0], np.arange(1.0, 17.0)]))


@kernel(types.void(Matrix, Matrix, Matrix))
def multiply(a, b, out):
    """Writes a b to out, which is neither of them."""
    size = a.shape[0]
    for i in range(size):
        for j in range(size):
            out[i, j] = 0.0
        for k in range(size):
            factor = a[i, k]
            for j in range(size):
                out[i, j] += factor * b[k, j]


@kernel(types.void(Matrix, Matrix, Matrix))
def add_transposed_first(a, b, out):
    """Adds a^T b to out."""
    size = a.shape[0]
    for k in range(size):
        for i in range(size):
            factor = a[k, i]
            for j in range(size):
                out[i, j] += factor * b[k, j]


@kernel(types.void(Matrix, Matrix, Matrix, Matrix))
def add_transposed_second(a, b, out, turned):
    """Adds a b^T to out; turned is room for b^T, so that the inner loop runs along rows."""
    size = a.shape[0]
    for i in range(size):
        for j in range(size):
            turned[i, j] = b[j, i]
    for i in range(size):
        for k in range(size):
            factor = a[i, k]
            for j in range(size):
                out[i, j] += factor * turned[k, j]


@kernel(types.void(types.float64, Matrix, Matrix))
def _add_scaled(factor, a, out):
    """Adds factor a to out."""
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, j] += factor * a[i, j]


@kernel(types.void(Cube, types.int64, Matrix))
def _block(work, start, out):
    """Adds c_s I + c_(s+1) X + c_(s+2) X^2 + c_(s+3) X^3 to out, c the Taylor coefficients from `start`."""
    size = out.shape[0]
    for i in range(size):
        for j in range(size):
            out[i, j] += (
                INVERSE_FACTORIAL[start + 1] * work[X1, i, j]
                + INVERSE_FACTORIAL[start + 2] * work[X2, i, j]
                + INVERSE_FACTORIAL[start + 3] * work[X3, i, j]
            )
        out[i, i] += INVERSE_FACTORIAL[start]


@kernel(types.int64(Cube))
def _scale(work):
    """Divides work[X1] by a power of two until its 1-norm is at most REACH; returns the power, -1 where none does."""
    top = 0.0
    for j in range(work.shape[1]):
        column = 0.0
        for i in range(work.shape[1]):
            column += abs(work[X1, i, j])
        top = max(top, column) if column == column else np.inf
    squarings = 0
    while top > REACH and squarings <= MOST_SQUARINGS:
        top *= 0.5
        squarings += 1
    if squarings > MOST_SQUARINGS:
        return -1
    shrink = elementary.power_of_two(-squarings)
    for i in range(work.shape[1]):
        for j in range(work.shape[1]):
            work[X1, i, j] *= shrink
    return squarings


@kernel(types.int64(Cube))
def exponentiate(work):
    """Writes expm(work[X1]) to work[E0 + s] and returns s; work[X1] is scaled. A hopeless matrix gives NaN."""
    squarings = _scale(work)
    if squarings < 0:
        fill_matrix(work[E0], np.nan)
        return 0
    multiply(work[X1], work[X1], work[X2])
    multiply(work[X2], work[X1], work[X3])
    multiply(work[X2], work[X2], work[X4])
    fill_matrix(work[Y3], 0.0)
    _add_scaled(INVERSE_FACTORIAL[16], work[X4], work[Y3])
    _block(work, 12, work[Y3])
    multiply(work[X4], work[Y3], work[Y2])
    _block(work, 8, work[Y2])
    multiply(work[X4], work[Y2], work[Y1])
    _block(work, 4, work[Y1])
    multiply(work[X4], work[Y1], work[E0])
    _block(work, 0, work[E0])
    for i in range(squarings):
        multiply(work[E0 + i], work[E0 + i], work[E0 + i + 1])
    return squarings


@kernel(types.void(Matrix, types.int64, Matrix, Matrix, Matrix))
def _spread(bar, start, to_1, to_2, to_3):
    """Adds the slope `bar` of a block's value to the slopes of X, X^2 and X^3."""
    size = bar.shape[0]
    for i in range(size):
        for j in range(size):
            to_1[i, j] += INVERSE_FACTORIAL[start + 1] * bar[i, j]
            to_2[i, j] += INVERSE_FACTORIAL[start + 2] * bar[i, j]
            to_3[i, j] += INVERSE_FACTORIAL[start + 3] * bar[i, j]


@kernel(types.void(Cube, Matrix, Matrix, Matrix, Matrix, Matrix))
def _through_powers(work, bar_1, bar_2, bar_3, bar_4, turned):
    """Carries the slopes of X^4 = X^2 X^2, X^3 = X^2 X and X^2 = X X on to X: adds to bar_1."""
    add_transposed_second(bar_4, work[X2], bar_2, turned)
    add_transposed_first(work[X2], bar_4, bar_2)
    add_transposed_second(bar_3, work[X1], bar_2, turned)
    add_transposed_first(work[X2], bar_3, bar_1)
    add_transposed_second(bar_2, work[X1], bar_1, turned)
    add_transposed_first(work[X1], bar_2, bar_1)


@kernel(types.void(Cube, types.int64, Matrix, Matrix))
def pull_back(work, squarings, bar, out):
    """Writes to out the gradient with respect to A of a function of expm(A), given its gradient bar there.

    work and squarings are as `exponentiate` left them for A. bar is overwritten.
    """
    spare, turned = work[SCRATCH], work[SCRATCH + 1]
    bar_1, bar_2, bar_3, bar_4 = work[SCRATCH + 2], work[SCRATCH + 3], work[SCRATCH + 4], work[SCRATCH + 5]
    for slot in range(SCRATCH + 2, SLOTS):
        fill_matrix(work[slot], 0.0)
    for i in range(squarings - 1, -1, -1):  # E' = E E
        fill_matrix(spare, 0.0)
        add_transposed_second(bar, work[E0 + i], spare, turned)
        add_transposed_first(work[E0 + i], bar, spare)
        copy_matrix(spare, bar)
    for stage in range(3):  # Y = X^4 Y' + block
        inner = work[Y1 - stage]
        _spread(bar, 4 * stage, bar_1, bar_2, bar_3)
        add_transposed_second(bar, inner, bar_4, turned)
        fill_matrix(spare, 0.0)
        add_transposed_first(work[X4], bar, spare)
        copy_matrix(spare, bar)
    _spread(bar, 12, bar_1, bar_2, bar_3)
    _add_scaled(INVERSE_FACTORIAL[16], bar, bar_4)
    _through_powers(work, bar_1, bar_2, bar_3, bar_4, turned)
    fill_matrix(out, 0.0)
    _add_scaled(elementary.power_of_two(-squarings), bar_1, out)
