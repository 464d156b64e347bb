"""The random order in which a rule visits the other tasks."""

from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats
from mtlcore.solvers.scaling import Indices


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
