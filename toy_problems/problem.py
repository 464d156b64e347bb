"""What a toy problem is: its formula, compiled loss and gradient, optima, starts and success."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import types

from mtlcore.compiled.signatures import Floats, Matrix

Balance = Sequence[float]  # what each task's loss is multiplied by, [K], with mean 1
SOLVED = 0.05  # a task whose excess loss, with the task balance taken out, is below this is at its optimum
# r [N, d], task, data [...] (the problem's constants), gradient [N, d] (written) -> loss
LOSS = types.float64(Matrix, types.int64, Floats, Matrix)


@dataclass(frozen=True)
class Problem:
    """A toy problem with K tasks. `b` is the task balance, K numbers with mean 1; `d` the dimension of z.

    formula(xp, r [..., N, d], task, b) -> [...] is the plain definition, the same text for torch and numpy (xp),
    differentiated by the reference engine; kernel(r, task, data, gradient) is its compiled loss with the analytic
    gradient. A grid of points for a picture is r [..., 1, d].
    """

    key: str
    title: str
    equation: str  # LaTeX
    idea: str
    cite: str
    task_counts: tuple[int, ...]  # the K it takes, its own first
    task_names: Callable[[int], tuple[str, ...]] = field(repr=False)  # K -> what its tasks are called
    backbone: bool  # False: z itself is optimised (landscape)
    dims: tuple[int, ...]  # the d it takes, its own first
    starts: tuple[tuple[float, ...], ...]  # points in the first dimensions, repeated over the others
    bounds: tuple[tuple[float, float], tuple[float, float]]  # of a plotted pair
    defaults: Mapping[str, Any]  # ToyConfig fields that suit this problem
    formula: Callable[..., Any] = field(repr=False)
    kernel: Any = field(repr=False)
    data: Callable[[Balance], np.ndarray] = field(repr=False)  # b -> the kernel's constants
    minima: Callable[[int, Balance], np.ndarray] = field(repr=False)  # (d, b) -> [K]
    optima: Callable[[int, int], np.ndarray] = field(
        repr=False
    )  # (d, K) -> [K, d] in each task's own r_k space; NaN: none
    success: Callable[..., np.ndarray] = field(
        repr=False
    )  # (z [..., N, d], excess [..., K], b) -> bool [...]
    front: Callable[[int], np.ndarray] | None = field(
        default=None, repr=False
    )  # n -> points of the front of two tasks [n, 2]
    pair_excess: Callable[..., np.ndarray] | None = field(
        default=None, repr=False
    )  # (r [..., N, d], task, K) -> [..., d/2]
    points: np.ndarray | None = field(
        default=None, repr=False, compare=False
    )  # [N, 2] inputs; None: one, drawn
    labels: np.ndarray | None = field(
        default=None, repr=False, compare=False
    )  # [N] of `points`, -1 or +1, as the first task has them
    starts_name: str = "spread"  # what the list of starts is called: "paper" where it is published
    sees_views: bool = False  # success takes every task's view r [..., K, N, d] in the place of z
    angles: tuple[float, ...] = ()  # of the initial rotations, where the identity is a trap
    weighted_optimum: Callable[[np.ndarray, Balance], np.ndarray] | None = field(
        default=None, repr=False
    )  # (p [K], b) -> the one point [d] of lowest sum_k p_k L_k, where it is known
    steps_help: str = ""  # what to know when choosing how many steps to take
    # the symbols of the equation that mean something here alone: as written -> (shown, meaning)
    notation: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False, hash=False)

    @property
    def batch(self) -> int:
        """Returns N, the number of inputs."""
        return 1 if self.points is None else len(self.points)

    def front_of(self, tasks: int) -> Callable[[int], np.ndarray] | None:
        """Returns n -> points of the Pareto front [n, 2]; None where it is not known, as for more than two tasks."""
        return self.front if tasks == 2 else None


def unscaled(excess: np.ndarray, b: Balance) -> np.ndarray:
    """Returns excess losses [..., K] with the task balance b taken out again."""
    return np.asarray(excess / np.array(b))


def at_optimum(excess: np.ndarray, b: Balance) -> np.ndarray:
    """Returns which tasks are at their optimum, bool [..., K]: the one comparison with SOLVED, of excess [..., K]."""
    return np.asarray(unscaled(excess, b) < SOLVED)


def thresholds(b: Balance) -> np.ndarray:
    """Returns SOLVED as each task's own excess loss shows it, [K]: the same for all where the balance is even."""
    return SOLVED * np.array(b)


def all_at_optimum(z: np.ndarray, excess: np.ndarray, b: Balance) -> np.ndarray:
    """Returns the success of a problem whose tasks can all be at their optimum at once, bool [...]."""
    return np.asarray(at_optimum(excess, b).all(axis=-1))


def views_of(z: np.ndarray, matrices: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Returns r_k = A_k z + b_k: z [..., N, d], matrices [..., K, d, d], offsets [..., K, d] -> [..., K, N, d]."""
    return np.einsum("...kij,...nj->...kni", matrices, z) + offsets[..., None, :]


def succeeded(
    problem: Problem, b: Balance, z: np.ndarray, excess: np.ndarray, matrices: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Returns the problem's own success at every position, bool [...]."""
    return problem.success(views_of(z, matrices, offsets) if problem.sees_views else z, excess, b)


def solved_pairs(problem: Problem, r: np.ndarray) -> np.ndarray:
    """Returns which pairs of coordinates every task solves, by itself and at an even balance: r [..., K, N, d] ->
    bool [..., d/2]. Raises ValueError on a problem that has no pairs.
    """
    if problem.pair_excess is None:
        raise ValueError(f"pairs_solved: the problem {problem.key} has no pairs of dimensions.")
    tasks = r.shape[-3]
    return np.all([problem.pair_excess(r[..., k, :, :], k, tasks) < SOLVED for k in range(tasks)], axis=0)
