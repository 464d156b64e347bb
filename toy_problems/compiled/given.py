"""What a person gives as numbers a task, as the engine takes it: preferences of sum 1, a balance of mean 1.

`mtlcore.preferences.normalised` and `ToyConfig.scales` say the same in Python; these are for whoever has only kernels.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats
from mtlcore.preferences import ROUNDING


@njit(types.float64(Floats), cache=True, error_model="numpy")
def exact_sum(numbers):
    """Returns the sum of finite numbers, rounded once, as `math.fsum` does (Shewchuk 1997)."""
    parts, used = np.empty(numbers.size + 1), 0
    for i in range(numbers.size):
        x, kept = numbers[i], 0
        for j in range(used):
            y = parts[j]
            if abs(x) < abs(y):
                x, y = y, x
            high = x + y
            low = y - (high - x)
            if low != 0.0:
                parts[kept] = low
                kept += 1
            x = high
        parts[kept] = x
        used = kept + 1
    return rounded(parts, used)


@njit(types.float64(Floats, types.int64), cache=True, error_model="numpy")
def rounded(parts, used):
    """Returns the sum of so many numbers that do not overlap, the smallest first: to the nearest, a tie to even."""
    if used == 0:
        return 0.0
    at = used - 1
    total, low = parts[at], 0.0
    while at > 0 and low == 0.0:
        at -= 1
        before = total
        total = before + parts[at]
        low = parts[at] - (total - before)
    if at > 0 and ((low < 0.0 and parts[at - 1] < 0.0) or (low > 0.0 and parts[at - 1] > 0.0)):
        further = total + 2.0 * low
        if further - total == 2.0 * low:
            return further
    return total


@njit(types.void(Floats, types.float64, Floats), cache=True, error_model="numpy")
def normalise(given, total, out):
    """Writes given [n], numbers from 0 and not all of them 0, scaled so that they sum to total; left as they are where
    they do already, up to rounding.
    """
    top = given.max()
    for k in range(given.size):
        out[k] = given[k] / top
    all_of_it = exact_sum(out)
    near = abs(all_of_it * top - total) <= ROUNDING * given.size * total
    for k in range(given.size):
        out[k] = given[k] if near else out[k] / all_of_it * total


@njit(types.void(types.float64, Floats), cache=True, error_model="numpy")
def even_scales(s, out):
    """Writes the balance b [2] of two tasks of which the first counts s."""
    out[0] = 2.0 * s
    out[1] = 2.0 * (1.0 - s)
