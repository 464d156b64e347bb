"""Inner products of K float32 gradients in the CPU's memory, read where they lie and summed in float64."""

from typing import Any

import numpy as np
from numba import carray, types
from numba.extending import intrinsic

from mtlcore.compiled.deferred import njit

BLOCK = 512  # coordinates: K blocks in float64 stay in a core's first cache
_FLOATS = types.CPointer(types.float32)


@intrinsic
def _floats_at(typingctx: Any, address: Any) -> Any:
    """Returns the pointer to the float32 numbers at an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(_FLOATS))

    return _FLOATS(types.int64), generate


@njit(
    types.void(types.int64[::1], types.int64, types.float64[:, ::1], types.float64[:, ::1]),
    cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"},
)  # fmt: skip
def add_products(addresses, size, wide, gram):
    """Adds to gram [K, K], on and above its diagonal, the products of K rows of `size` float32 at `addresses` [K].

    wide: float64 [K, BLOCK], room to work in.
    """
    tasks = len(addresses)
    for start in range(0, size, BLOCK):
        count = min(BLOCK, size - start)
        for k in range(tasks):
            row = carray(_floats_at(addresses[k]), size)
            for x in range(count):
                wide[k, x] = row[start + x]
        for i in range(tasks):
            j = i
            while j + 3 < tasks:  # four sums at once: each number of row i is read once for them
                a = b = c = d = 0.0
                for x in range(count):
                    number = wide[i, x]
                    a += number * wide[j, x]
                    b += number * wide[j + 1, x]
                    c += number * wide[j + 2, x]
                    d += number * wide[j + 3, x]
                gram[i, j] += a
                gram[i, j + 1] += b
                gram[i, j + 2] += c
                gram[i, j + 3] += d
                j += 4
            while j < tasks:
                a = 0.0
                for x in range(count):
                    a += wide[i, x] * wide[j, x]
                gram[i, j] += a
                j += 1


def products(pieces: list[tuple[np.ndarray, int]]) -> np.ndarray:
    """Returns the sum over pieces of their K x K products, float64 [K, K].

    pieces: where a piece's K rows begin, int64 [K], and how many float32 each of them has; at least one.
    """
    tasks = len(pieces[0][0])
    gram, wide = np.zeros((tasks, tasks)), np.empty((tasks, BLOCK))
    for addresses, size in pieces:
        add_products(addresses, size, wide, gram)
    return gram + np.triu(gram, 1).T
