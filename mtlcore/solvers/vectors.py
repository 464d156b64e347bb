"""Filling, copying and measuring small arrays, compiled once: slices would be compiled where they stand."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Cube, Floats, Matrix

Indices = types.Array(types.int64, 1, "C")


@njit(types.void(Floats, types.float64), cache=True, error_model="numpy")
def fill(x, value):
    """Writes value to every entry of x."""
    for k in range(x.size):
        x[k] = value


@njit(types.void(Floats, Floats), cache=True, error_model="numpy")
def copy(source, target):
    """Writes source to target, of the same length."""
    for k in range(source.size):
        target[k] = source[k]


@njit(types.void(Matrix, Matrix), cache=True, error_model="numpy")
def copy_matrix(source, target):
    """Writes source to target, of the same shape."""
    for i in range(source.shape[0]):
        for j in range(source.shape[1]):
            target[i, j] = source[i, j]


@njit(types.void(Cube, Cube), cache=True, error_model="numpy")
def copy_cube(source, target):
    """Writes source to target, of the same shape."""
    for i in range(source.shape[0]):
        for j in range(source.shape[1]):
            for k in range(source.shape[2]):
                target[i, j, k] = source[i, j, k]


@njit(types.void(Matrix, types.float64), cache=True, error_model="numpy")
def fill_matrix(x, value):
    """Writes value to every entry of x."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            x[i, j] = value


@njit(types.float64(Floats), cache=True, error_model="numpy")
def largest(x):
    """Returns the largest entry."""
    top = x[0]
    for k in range(1, x.size):
        top = max(top, x[k])
    return top


@njit(types.float64(Floats), cache=True, error_model="numpy")
def total(x):
    """Returns the sum of the entries."""
    result = 0.0
    for k in range(x.size):
        result += x[k]
    return result


@njit(types.float64(Floats, Floats), cache=True, error_model="numpy")
def inner(x, y):
    """Returns the inner product."""
    result = 0.0
    for k in range(x.size):
        result += x[k] * y[k]
    return result


@njit(Indices(types.int64), cache=True, error_model="numpy")
def all_tasks(count):
    """Returns 0, 1, ..., count - 1."""
    out = np.empty(count, np.int64)
    for k in range(count):
        out[k] = k
    return out


@njit(types.float64(Cube, types.int64), cache=True, error_model="numpy")
def length_of(gradients, k):
    """Returns the Frobenius norm of task k's gradient, of gradients [K, N, d]."""
    result = 0.0
    for n in range(gradients.shape[1]):
        for i in range(gradients.shape[2]):
            result += gradients[k, n, i] ** 2
    return np.sqrt(result)


@njit(types.void(Floats, types.int64, Indices), cache=True, error_model="numpy")
def random_order(noise, row, order):
    """Writes the tasks to order [K], sorted by row `row` of the K x K uniforms in noise (insertion sort)."""
    K = order.size
    base = row * K
    for k in range(K):
        position = k
        while position > 0 and noise[base + order[position - 1]] > noise[base + k]:
            order[position] = order[position - 1]
            position -= 1
        order[position] = k
