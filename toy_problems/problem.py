"""What a toy problem is: its formula, compiled loss and gradient, optima, starts and success."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import types

from mtlcore.rules._types import Floats, Matrix

# r [N, d], task, data [...] (the problem's constants), gradient [N, d] (written) -> loss
LOSS = types.float64(Matrix, types.int64, Floats, Matrix)


@dataclass(frozen=True)
class Problem:
    """A toy problem with K = 2 tasks. `s` is the task balance, `d` the dimension of z.

    formula(xp, r, task, s) is the plain definition, the same text for torch and numpy (xp), differentiated by the
    reference engine; kernel(r, task, data, gradient) is its compiled loss with the analytic gradient.
    """

    key: str
    title: str
    equation: str  # LaTeX
    idea: str
    cite: str
    tasks: tuple[str, ...]
    backbone: bool  # False: z itself is optimised (landscape)
    dims: tuple[int, ...]  # the d it takes
    starts: tuple[tuple[float, ...], ...]  # points in the first two dimensions; repeated over pairs for d > 2
    bounds: tuple[tuple[float, float], tuple[float, float]]  # of a plotted pair
    defaults: Mapping[str, Any]  # ToyConfig fields that suit this problem
    formula: Callable[..., Any] = field(repr=False)
    kernel: Any = field(repr=False)
    data: Callable[[float], np.ndarray] = field(repr=False)  # s -> the kernel's constants
    minima: Callable[[int, float], np.ndarray] = field(repr=False)  # (d, s) -> [K]
    optima: Callable[[int], np.ndarray] = field(repr=False)  # d -> [K, d] in each task's own r_k space
    success: Callable[..., np.ndarray] = field(repr=False)  # (z [..., N, d], excess [..., K], s) -> bool [...]
    front: Callable[[int], np.ndarray] | None = field(default=None, repr=False)  # n -> points of the front [n, 2]
