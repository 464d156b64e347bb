"""Plain copies of whole arrays: quicker to compile, and to run, than slice assignments with their broadcasting."""

from numba import types

from mtlcore.rules._types import Cube, Floats, Matrix
from toy_problems._arrays import kernel


@kernel(types.void(Floats, Floats))
def copy_row(source, target):
    """Copies source [n] to target."""
    for i in range(source.size):
        target[i] = source[i]


@kernel(types.void(Matrix, Matrix))
def copy_matrix(source, target):
    """Copies source [n, m] to target."""
    for i in range(source.shape[0]):
        for j in range(source.shape[1]):
            target[i, j] = source[i, j]


@kernel(types.void(Cube, Cube))
def copy_cube(source, target):
    """Copies source [n, m, l] to target."""
    for i in range(source.shape[0]):
        for j in range(source.shape[1]):
            for k in range(source.shape[2]):
                target[i, j, k] = source[i, j, k]


@kernel(types.void(Matrix, types.float64))
def fill_matrix(target, value):
    """Sets every entry of target [n, m]."""
    for i in range(target.shape[0]):
        for j in range(target.shape[1]):
            target[i, j] = value
