"""Quantiles without sorting: a picture asks for one of some ten thousand numbers at every frame of a drag."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats


@kernel(types.void(Floats, types.int64, types.int64))
def select(values, count, k):
    """Puts the k-th smallest of the first `count` values at k, what is not greater before it, the others behind.

    Hoare's algorithm FIND (Communications of the ACM 4, 1961), in the form of Wirth (1976).
    """
    low, high = 0, count - 1
    while low < high:
        pivot, i, j = values[k], low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while pivot < values[j]:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if j < k:
            low = i
        if k < i:
            high = j


@kernel(types.float64(Floats, types.int64, types.float64))
def quantile(values, count, share):
    """Returns the quantile of the first `count` values, between two of them by a straight line; reorders them."""
    at = share * (count - 1)
    k = int(at)
    select(values, count, k)
    below, rest = values[k], at - k
    if k + 1 >= count:
        return below
    above = values[k + 1]
    for i in range(k + 2, count):
        above = min(above, values[i])
    return below + (above - below) * rest
