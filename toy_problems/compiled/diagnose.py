"""Diagnostics of the task gradients, from the gradients themselves.

The Gram matrix squares the condition number: of two gradients a millionth of a radian apart it keeps four digits. In
the few dimensions of a toy problem the part of one gradient across the others costs nothing, so condition number and
stationarity are got from it; all of them mean what `mtlcore.diagnostics` says.
"""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats, Matrix
from mtlcore.gram_diagnostics import EPS, magnitude_similarity, mean_cosine, min_cosine, norm_ratio
from mtlcore.solvers.min_norm import min_norm
from mtlcore.solvers.scaling import INACTIVE
from mtlcore.solvers.svd import svd
from toy_problems.compiled.balance import combine, gram_of


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
def _diagnose_pair(gradients, out):
    """Writes the diagnostics of gradients [2, N, d] to out [6].

    Without arrays of its own: a run is recorded at every step, and making one costs as much as all the rest.
    """
    a, b, c = _inner(gradients, 0, 0), _inner(gradients, 1, 0), _inner(gradients, 1, 1)
    _angle_and_lengths(a, b, c, out)
    top = max(a, c)
    if top <= 0.0:
        out[3], out[4] = 1.0, 0.0
        return
    area = _area(gradients, a, b, c)
    largest = 0.5 * (a + c) + elementary.hypot(0.5 * (a - c), b)
    out[3] = largest / max(area, np.sqrt(2.0 * EPS) * largest)
    if b >= min(a, c):
        out[4] = np.sqrt(min(a, c) / top)
    else:
        out[4] = area / np.sqrt(top) / np.sqrt(a + c - 2.0 * b)


@kernel(types.void(Cube, Matrix))
def _triangle(gradients, out):
    """Writes the gradients in an orthonormal basis of their span to out [K, K], by the modified Gram-Schmidt process.

    Lengths, angles and singular values stay: out out^T is the Gram matrix, without having squared anything.
    """
    basis = gradients.copy()
    for k in range(out.shape[0]):
        row = basis[k]
        for j in range(out.shape[0]):
            out[k, j] = 0.0
        for j in range(k):
            for n in range(row.shape[0]):
                for c in range(row.shape[1]):
                    out[k, j] += row[n, c] * basis[j, n, c]
            for n in range(row.shape[0]):
                for c in range(row.shape[1]):
                    row[n, c] -= out[k, j] * basis[j, n, c]
        out[k, k] = np.sqrt(_inner(basis, k, k))
        for n in range(row.shape[0]):
            for c in range(row.shape[1]):
                row[n, c] /= out[k, k] if out[k, k] > 0.0 else 1.0


@kernel(types.float64(Cube))
def _condition(gradients):
    """Returns sigma_max / sigma_min of gradients [K, N, d]; a sigma below sqrt(K eps) sigma_max counts as that."""
    tasks = gradients.shape[0]
    triangle, left, right = np.empty((tasks, tasks)), np.empty((tasks, tasks)), np.empty((tasks, tasks))
    values = np.empty(tasks)
    _triangle(gradients, triangle)
    svd(triangle, left, values, right)
    return values[0] / max(values[tasks - 1], np.sqrt(tasks * EPS) * values[0]) if values[0] > 0.0 else 1.0


@kernel(types.float64(Cube, Matrix))
def _stationarity(gradients, gram):
    """Returns the length of the shortest vector of the gradients' hull over the longest gradient, in [0, 1]."""
    weights, shortest, top = np.empty(gram.shape[0]), np.empty(gradients.shape[1:]), 0.0
    for k in range(gram.shape[0]):
        top = max(top, gram[k, k])
    if top <= 0.0:
        return 0.0
    min_norm(gram, weights)
    combine(weights, gradients, shortest)
    total = 0.0
    for n in range(shortest.shape[0]):
        for c in range(shortest.shape[1]):
            total += shortest[n, c] ** 2
    return np.sqrt(total) / np.sqrt(top)


@kernel(types.void(Cube, Floats))
def diagnose(gradients, out):
    """Writes the diagnostics of gradients [K, N, d] to out [6], in the order of `mtlcore.diagnostics.DIAGNOSTICS`."""
    tasks = gradients.shape[0]
    if tasks == 2:
        _diagnose_pair(gradients, out)
        return
    gram = np.empty((tasks, tasks))
    gram_of(gradients, 0, gram)
    out[0], out[1], out[2] = mean_cosine(gram), norm_ratio(gram), magnitude_similarity(gram)
    out[3], out[4], out[5] = _condition(gradients), _stationarity(gradients, gram), min_cosine(gram)
