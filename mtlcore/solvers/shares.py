"""Preferences inside a kernel: how many equal parts each task counts for."""

from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers.scaling import Indices
from mtlcore.solvers.vectors import fill


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


@njit(types.void(Matrix, Floats, Floats), cache=True, error_model="numpy")
def project_two(gram, m, w):
    """Writes the weights of (m_1 g_1 + m_2 g_2) / 2 projected onto the dual cone; at most one task opposes it."""
    w[0], w[1] = 0.5 * m[0], 0.5 * m[1]
    for k in range(2):
        inner = 0.5 * (m[k] * gram[k, k] + m[1 - k] * gram[0, 1])
        if inner < 0.0:
            w[k] -= inner / gram[k, k]
