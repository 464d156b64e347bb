"""A stream of random numbers decided by its seed alone, the same bits on every machine and in the page."""

import math
from collections.abc import Iterator

import numpy as np

from mtlcore.compiled.haar import haar
from mtlcore.compiled.normal import normals
from mtlcore.compiled.pcg64 import seeded, uniforms

Size = int | tuple[int, ...]


class Stream:
    """Numbers drawn from whole numbers, the seed: uniforms are those of numpy's `default_rng(entropy)`.

    A number costs one step of the generator, so portions of any size give the same numbers. Trailing zeros of the
    entropy make no difference: `Stream(3)` and `Stream(3, 0)` are the same. Raises ValueError for a negative number.
    """

    def __init__(self, *entropy: int) -> None:
        self.state = np.zeros(4, dtype=np.int64)  # what `mtlcore.compiled.pcg64` says of it
        seeded(np.array([word for number in entropy for word in _words(number)], dtype=np.int64), self.state)

    def random(self, size: Size) -> np.ndarray:
        """Returns the next uniforms in [0, 1)."""
        out = np.empty(size)
        uniforms(self.state, out.reshape(-1))
        return out

    def standard_normal(self, size: Size) -> np.ndarray:
        """Returns the next standard normals."""
        out = np.empty(size)
        normals(self.state, out.reshape(-1))
        return out

    def uniform(self, low: float, high: float, size: Size) -> np.ndarray:
        """Returns the next uniforms in [low, high)."""
        return low + (high - low) * self.random(size)

    def haar(self, m: int) -> np.ndarray:
        """Returns a rotation [m, m] drawn uniformly from SO(m)."""
        R = np.empty((m, m))
        haar(self.state, R)
        return R


def _words(number: int) -> Iterator[int]:
    """Gives a whole number's words of 32 bits, the lowest first; 0 has one."""
    if number < 0:
        raise ValueError(f"Stream: entropy takes whole numbers from 0 on, got {number}.")
    for _ in range(max(1, math.ceil(int(number).bit_length() / 32))):
        yield int(number) & 0xFFFFFFFF
        number = int(number) >> 32
