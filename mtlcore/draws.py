"""The random numbers that a rule draws in a step: of which kind, how many, and the drawing itself."""

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import numpy as np

Noise = Literal["none", "normal", "order", "coordinate"]
NOISE_SIZE: Mapping[str, Callable[[int, int], int]] = {
    "none": lambda tasks, dim: 0,
    "normal": lambda tasks, dim: tasks,  # K standard normals
    "order": lambda tasks, dim: tasks * tasks,  # K x K uniforms: row i sorted gives i's order over j
    "coordinate": lambda tasks, dim: dim,  # one uniform per coordinate
}


class Source(Protocol):
    """What random numbers come from: `mtlcore.streams.Stream`, or a generator of numpy's."""

    def random(self, size: tuple[int, ...], /) -> np.ndarray:
        """Returns uniforms in [0, 1)."""
        ...

    def standard_normal(self, size: tuple[int, ...], /) -> np.ndarray:
        """Returns standard normals."""
        ...


def draw_noise(kind: Noise, size: tuple[int, ...], source: Source) -> np.ndarray:
    """Returns random numbers of the given kind: standard normals for `normal`, else uniforms in [0, 1)."""
    return source.standard_normal(size) if kind == "normal" else source.random(size)
