"""Exact rescaling of Gram matrices by powers of two, and the sub-problem of the active tasks and their preferences."""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers.vectors import Indices, fill

INACTIVE = 1e-24  # of the largest squared norm: n_k <= 1e-12 max n
TINY, HUGE = 1e-100, 1e100  # squared norms whose products neither vanish nor overflow


@njit(types.float64(types.float64), cache=True, error_model="numpy")
def root_scale(square):
    """Returns the power of two s with s^2 * square in [1/2, 2), 1 for 0: scaling by it rounds nothing."""
    if square <= 0.0:
        return 1.0
    return elementary.power_of_two(-(elementary.binary_exponent(square) // 2))


@njit(types.float64(Matrix), cache=True, error_model="numpy")
def largest_square(gram):
    """Returns the largest diagonal entry: the largest squared gradient norm."""
    top = 0.0
    for k in range(gram.shape[0]):
        top = max(top, gram[k, k])
    return top


@njit(types.int64(Matrix, Indices), cache=True, error_model="numpy")
def find_active(gram, index):
    """Writes the active tasks' indices (n_k > 1e-12 max n) to the front of index [K]; returns how many."""
    limit = INACTIVE * largest_square(gram)
    count = 0
    for k in range(index.size):
        if gram[k, k] > limit:
            index[count] = k
            count += 1
    return count


@njit(Matrix(Matrix, Indices, types.int64, Floats), cache=True, error_model="numpy")
def submatrix(gram, index, count, scale):
    """Returns scale_i gram[i, j] scale_j over the first `count` indices; scale [K] is indexed by task."""
    out = np.empty((count, count))
    for i in range(count):
        for j in range(count):
            out[i, j] = gram[index[i], index[j]] * scale[index[i]] * scale[index[j]]
    return out


@njit(Matrix(Matrix), cache=True, error_model="numpy")
def ordinary(gram):
    """Returns gram, or, where products of its entries would vanish or overflow, a copy times a power of two."""
    K, top = gram.shape[0], largest_square(gram)
    if top <= 0.0 or TINY <= top <= HUGE:
        return gram
    scale, out = root_scale(top), np.empty((K, K))
    for i in range(K):
        for j in range(K):
            out[i, j] = gram[i, j] * scale * scale
    return out


@njit(types.void(Matrix, Floats), cache=True, error_model="numpy")
def common_scale(gram, scale):
    """Writes one power of two for all tasks to scale [K]: the largest scaled square is in [1/2, 2)."""
    scale[:] = root_scale(largest_square(gram))


@njit(types.void(Matrix, Floats), cache=True, error_model="numpy")
def own_scales(gram, scale):
    """Writes each task's own power of two to scale [K], so that every scaled square is in [1/2, 2) (or 0)."""
    for k in range(scale.size):
        scale[k] = root_scale(gram[k, k])


@njit(types.int64(Matrix, Floats), cache=True)
def active_norms(gram, norms):
    """Writes n_k to norms [K], 0 for an inactive task (n_k <= 1e-12 max n); returns how many are active."""
    limit = INACTIVE * largest_square(gram)
    active = 0
    for k in range(norms.size):
        norms[k] = 0.0
        if gram[k, k] > limit:
            norms[k] = np.sqrt(gram[k, k])
            active += 1
    return active


@njit(types.void(Floats, types.int64, Indices, types.int64, Floats), cache=True, error_model="numpy")
def shares(hp, first, index, count, m):
    """Writes count p_k of the tasks index[0..count) to m, p renormalised over them; 1 where they are all alike.

    hp holds p [K] from `first` on, or nothing there: equal preferences. A mean of x weighted by p is then
    sum_i m_i x_i / count, which is the plain mean, bit for bit, where the preferences are equal.
    """
    fill(m, 1.0)
    total, alike = 0.0, True
    if hp.size > first:
        for i in range(count):
            total += hp[first + index[i]]
            alike = alike and hp[first + index[i]] == hp[first + index[0]]
    if not alike:
        for i in range(count):
            m[i] = count * (hp[first + index[i]] / total)
