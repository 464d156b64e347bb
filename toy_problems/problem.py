"""What a toy problem is: its formula, compiled loss and gradient, optima, starts and success."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import types

from mtlcore.compiled.signatures import Floats, Matrix

SOLVED = 0.05  # a task whose excess loss, with the task balance taken out, is below this is at its optimum
# r [N, d], task, data [...] (the problem's constants), gradient [N, d] (written) -> loss
LOSS = types.float64(Matrix, types.int64, Floats, Matrix)


@dataclass(frozen=True)
class Problem:
    """A toy problem with K = 2 tasks. `s` is the task balance, `d` the dimension of z.

    formula(xp, r [..., N, d], task, s) -> [...] is the plain definition, the same text for torch and numpy (xp),
    differentiated by the reference engine; kernel(r, task, data, gradient) is its compiled loss with the analytic
    gradient. A grid of points for a picture is r [..., 1, d].
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
    optima: Callable[[int], np.ndarray] = field(
        repr=False
    )  # d -> [K, d] in each task's own r_k space; NaN: none
    success: Callable[..., np.ndarray] = field(
        repr=False
    )  # (z [..., N, d], excess [..., K], s) -> bool [...]
    front: Callable[[int], np.ndarray] | None = field(
        default=None, repr=False
    )  # n -> points of the front [n, 2]
    pair_excess: Callable[..., np.ndarray] | None = field(
        default=None, repr=False
    )  # r [..., N, d], task -> [..., d/2]
    points: np.ndarray | None = field(
        default=None, repr=False, compare=False
    )  # [N, 2] inputs; None: one, drawn
    labels: np.ndarray | None = field(
        default=None, repr=False, compare=False
    )  # [N] of `points`, -1 or +1, as the first task has them
    starts_name: str = "spread"  # what the list of starts is called: "paper" where it is published
    sees_views: bool = False  # success takes every task's view r [..., K, N, d] in the place of z
    angles: tuple[float, ...] = ()  # of the initial rotations, where the identity is a trap
    weighted_optimum: Callable[[np.ndarray, float], np.ndarray] | None = field(
        default=None, repr=False
    )  # (p [K], s) -> the one point [d] of lowest sum_k p_k L_k, where it is known
    steps_help: str = ""  # what to know when choosing how many steps to take

    @property
    def batch(self) -> int:
        """Returns N, the number of inputs."""
        return 1 if self.points is None else len(self.points)


def task_scale(task: int, s: float) -> float:
    """Returns 2s for the first task and 2(1 - s) for the second: balance s = 0.5 is the published problem."""
    return 2.0 * s if task == 0 else 2.0 * (1.0 - s)


def unscaled(excess: np.ndarray, s: float) -> np.ndarray:
    """Returns excess losses [..., K] with the task balance taken out again."""
    return excess / np.array([task_scale(0, s), task_scale(1, s)])


def at_optimum(excess: np.ndarray, s: float) -> np.ndarray:
    """Returns which tasks are at their optimum, bool [..., K]: the one comparison with SOLVED, of excess [..., K]."""
    return np.asarray(unscaled(excess, s) < SOLVED)


def thresholds(s: float) -> np.ndarray:
    """Returns SOLVED as each task's own excess loss shows it, [K]: the same for all at balance 1/2."""
    return SOLVED * np.array([task_scale(0, s), task_scale(1, s)])


def all_at_optimum(z: np.ndarray, excess: np.ndarray, s: float) -> np.ndarray:
    """Returns the success of a problem whose tasks can all be at their optimum at once, bool [...]."""
    return np.asarray(at_optimum(excess, s).all(axis=-1))


def views_of(z: np.ndarray, matrices: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Returns r_k = A_k z + b_k: z [..., N, d], matrices [..., K, d, d], offsets [..., K, d] -> [..., K, N, d]."""
    return np.einsum("...kij,...nj->...kni", matrices, z) + offsets[..., None, :]


def succeeded(
    problem: Problem, s: float, z: np.ndarray, excess: np.ndarray, matrices: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Returns the problem's own success at every position, bool [...]."""
    return problem.success(views_of(z, matrices, offsets) if problem.sees_views else z, excess, s)


def solved_pairs(problem: Problem, r: np.ndarray) -> np.ndarray:
    """Returns which pairs of coordinates every task solves, by itself and at balance 1/2: r [..., K, N, d] ->
    bool [..., d/2]. Raises ValueError on a problem that has no pairs.
    """
    if problem.pair_excess is None:
        raise ValueError(f"pairs_solved: the problem {problem.key} has no pairs of dimensions.")
    tasks = range(r.shape[-3])
    return np.all([problem.pair_excess(r[..., k, :, :], k) < SOLVED for k in tasks], axis=0)
