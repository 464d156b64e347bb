"""Compiled diagnostics of task gradients from their Gram matrix [K, K], defined for zero gradients too."""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers.min_norm import min_norm
from mtlcore.solvers.scaling import active_norms
from mtlcore.solvers.spectrum import eigen

EPS = 2.220446049250313e-16


@njit(types.float64(Matrix, Floats, types.int64, types.int64), cache=True)
def cosine(gram, norms, i, j):
    """Returns the cosine between two active tasks' gradients, within [-1, 1]; norms [K]: of `active_norms`."""
    return min(max(gram[i, j] / norms[i] / norms[j], -1.0), 1.0)


@njit(types.void(Matrix, Matrix), cache=True)
def cosines(gram, out):
    """Writes the cosine between every two tasks to out [K, K]; all 0 in the row and column of a zero one."""
    tasks = gram.shape[0]
    norms = np.empty(tasks)
    active_norms(gram, norms)
    for i in range(tasks):
        out[i, i] = 1.0 if norms[i] > 0.0 else 0.0
        for j in range(i):
            out[i, j] = cosine(gram, norms, i, j) if norms[i] > 0.0 and norms[j] > 0.0 else 0.0
            out[j, i] = out[i, j]


@njit(types.float64(Matrix), cache=True)
def mean_cosine(gram):
    """Returns the mean cosine over all pairs of active tasks; 0 where there is no pair."""
    tasks = gram.shape[0]
    norms = np.empty(tasks)
    active_norms(gram, norms)
    total, pairs = 0.0, 0
    for i in range(tasks):
        for j in range(i):
            if norms[i] > 0.0 and norms[j] > 0.0:
                total += cosine(gram, norms, i, j)
                pairs += 1
    return total / pairs if pairs > 0 else 0.0


@njit(types.float64(Matrix), cache=True)
def min_cosine(gram):
    """Returns the smallest cosine over all pairs of active tasks; 0 where there is no pair."""
    tasks = gram.shape[0]
    norms = np.empty(tasks)
    active_norms(gram, norms)
    least, pairs = 1.0, 0
    for i in range(tasks):
        for j in range(i):
            if norms[i] > 0.0 and norms[j] > 0.0:
                least = min(least, cosine(gram, norms, i, j))
                pairs += 1
    return least if pairs > 0 else 0.0


@njit(types.float64(Matrix), cache=True)
def norm_ratio(gram):
    """Returns the largest over the smallest norm of the active tasks, at least 1; 1 where none is active."""
    norms = np.empty(gram.shape[0])
    if active_norms(gram, norms) == 0:
        return 1.0
    least = np.inf
    for k in range(norms.size):
        if norms[k] > 0.0:
            least = min(least, norms[k])
    return norms.max() / least


@njit(types.float64(Matrix), cache=True)
def magnitude_similarity(gram):
    """Returns the mean over all pairs of 2 n_i n_j / (n_i^2 + n_j^2), in [0, 1]: 0 against a zero gradient.

    Two zero gradients, or no pair at all, give 1.
    """
    tasks = gram.shape[0]
    total = 0.0
    for i in range(tasks):
        for j in range(i):
            squares = max(gram[i, i], 0.0) + max(gram[j, j], 0.0)
            product = np.sqrt(max(gram[i, i], 0.0)) * np.sqrt(max(gram[j, j], 0.0))
            total += 2.0 * product / squares if squares > 0.0 else 1.0
    return total / (tasks * (tasks - 1) / 2) if tasks > 1 else 1.0


@njit(types.float64(Matrix), cache=True)
def condition_number(gram):
    """Returns sigma_max / sigma_min of the gradients; a sigma below sqrt(K eps) sigma_max counts as that."""
    tasks = gram.shape[0]
    top = 0.0
    for k in range(tasks):
        top = max(top, gram[k, k])
    if top <= 0.0:
        return 1.0
    if tasks == 2:
        half = 0.5 * (gram[0, 0] - gram[1, 1])
        largest = 0.5 * (gram[0, 0] + gram[1, 1]) + elementary.hypot(half, gram[0, 1])
        smallest = (gram[0, 0] * (gram[1, 1] / largest)) - gram[0, 1] * (gram[0, 1] / largest)
    else:
        values = np.empty(tasks)
        eigen(gram / top, values)
        largest, smallest = values.max(), values.min()
    return np.sqrt(largest / max(smallest, tasks * EPS * largest))


@njit(types.float64(Matrix), cache=True)
def stationarity(gram):
    """Returns the length of the min-norm point of the gradients' hull over the longest gradient, in [0, 1].

    Two gradients in closed form. Should the solver fail on more, the point it reached: an upper bound.
    """
    tasks = gram.shape[0]
    top = 0.0
    for k in range(tasks):
        top = max(top, gram[k, k])
    if top <= 0.0:
        return 0.0
    if tasks == 2:
        a, b, c = gram[0, 0], gram[0, 1], gram[1, 1]
        if b >= min(a, c):
            return np.sqrt(max(min(a, c), 0.0) / top)
        return np.sqrt(max(a * (c / top) - b * (b / top), 0.0) / (a + c - 2.0 * b))
    w = np.empty(tasks)
    ratio, spread, square = min_norm(gram, w), 0.0, 0.0
    for i in range(tasks):
        spread += w[i] * np.sqrt(max(gram[i, i], 0.0) / top)
        for j in range(tasks):
            square += w[i] * w[j] * (gram[i, j] / top)
    return np.sqrt(ratio) * spread if ratio >= 0.0 else np.sqrt(max(square, 0.0))


@njit(types.void(Matrix, Floats), cache=True)
def diagnose(gram, out):
    """Writes the diagnostics to out [6], in the order of `mtlcore.diagnostics.DIAGNOSTICS`."""
    out[0] = mean_cosine(gram)
    out[1] = norm_ratio(gram)
    out[2] = magnitude_similarity(gram)
    out[3] = condition_number(gram)
    out[4] = stationarity(gram)
    out[5] = min_cosine(gram)
