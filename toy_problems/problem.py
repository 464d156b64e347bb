"""What a toy problem is: its formula, compiled loss and gradient, optima, starts and success."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mtlcore.compiled.pointers import address
from toy_problems.compiled.signatures import (
    CONSTANTS,
    LOSS,
    PAIR_EXCESS,
    PAIR_EXCESS_POINTER,
    SUCCESS,
    SUCCESS_POINTER,
    WEIGHTED_OPTIMUM,
)
from toy_problems.compiled.success import SOLVED, all_at_optimum, excess_of_pairs, judge

__all__ = [
    "CONSTANTS", "LOSS", "PAIR_EXCESS", "SOLVED", "SUCCESS", "WEIGHTED_OPTIMUM", "Balance", "Problem", "all_at_optimum",
    "at_optimum", "pair_excesses", "solved_pairs", "succeeded", "thresholds", "unscaled", "views_of",
]  # fmt: skip
Balance = Sequence[float]  # what each task's loss is multiplied by, [K], with mean 1


@dataclass(frozen=True)
class Problem:
    """A toy problem with K tasks. `b` is the task balance, K numbers with mean 1; `d` the dimension of z.

    formula(xp, r [..., N, d], task, b) -> [...] is the plain definition, the same text for torch and numpy (xp),
    differentiated by the reference engine. A grid of points for a picture is r [..., 1, d].
    kernel(r, task, data, gradient) is its compiled loss with the analytic gradient. The other kernels say what it
    reads, when a position is solved, and what is known beyond that: `toy_problems.compiled.signatures` has the
    signature of each, and the engines, the sweeps and the page all call the same ones.
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
    constants: Any = field(repr=False)  # (b, d) -> what `kernel` reads as data, and the minima [K]: CONSTANTS
    optima: Callable[[int, int], np.ndarray] = field(
        repr=False
    )  # (d, K) -> [K, d] in each task's own r_k space; NaN: none
    solved: Any = field(repr=False)  # (z, r, excess, b) -> whether this position is solved: SUCCESS
    front: Callable[[int], np.ndarray] | None = field(
        default=None, repr=False
    )  # n -> points of the front of two tasks [n, 2]
    pair_excess: Any = field(
        default=None, repr=False
    )  # (r, task, pair, K) -> the pair's excess loss: PAIR_EXCESS
    points: np.ndarray | None = field(
        default=None, repr=False, compare=False
    )  # [N, 2] inputs; None: one, drawn
    labels: np.ndarray | None = field(
        default=None, repr=False, compare=False
    )  # [N] of `points`, -1 or +1, as the first task has them
    starts_name: str = "spread"  # what the list of starts is called: "paper" where it is published
    sees_views: bool = False  # `solved` reads every task's view r
    angles: tuple[float, ...] = ()  # of the initial rotations, where the identity is a trap
    weighted_optimum: Any = field(
        default=None, repr=False
    )  # (p, b, out) writes the one point of lowest sum_k p_k L_k, where it is known: WEIGHTED_OPTIMUM
    steps_help: str = ""  # what to know when choosing how many steps to take
    # the symbols of the equation that mean something here alone: as written -> (shown, meaning)
    notation: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False, hash=False)

    @property
    def batch(self) -> int:
        """Returns N, the number of inputs."""
        return 1 if self.points is None else len(self.points)

    def data(self, d: int, b: Balance) -> np.ndarray:
        """Returns what `kernel` reads, [...]."""
        return np.asarray(self.constants(np.array(b, dtype=np.float64), d)[0])

    def minima(self, d: int, b: Balance) -> np.ndarray:
        """Returns every task's lowest loss, [K]."""
        return np.asarray(self.constants(np.array(b, dtype=np.float64), d)[1])

    def lowest_point(self, p: np.ndarray, b: Balance) -> np.ndarray | None:
        """Returns the one point [d] of lowest sum_k p_k L_k, p and b [K]; None where it is not known."""
        if self.weighted_optimum is None:
            return None
        out = np.empty(self.dims[0])
        self.weighted_optimum(np.array(p, dtype=np.float64), np.array(b, dtype=np.float64), out)
        return out

    def known_optima(self, d: int, tasks: int) -> np.ndarray:
        """Returns each task's optimum in its own space, [K, d]; those alone that are points, so [0, d] for labels."""
        points = np.array(self.optima(d, tasks), dtype=np.float64).reshape(-1, d)
        return points[np.isfinite(points).all(axis=1)]

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


def views_of(z: np.ndarray, matrices: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Returns r_k = A_k z + b_k: z [..., N, d], matrices [..., K, d, d], offsets [..., K, d] -> [..., K, N, d]."""
    return np.einsum("...kij,...nj->...kni", matrices, z) + offsets[..., None, :]


def _flat(values: np.ndarray, axes: int) -> np.ndarray:
    """Returns values [..., the last `axes` axes] with all axes before those as one, as kernels take them."""
    values = np.asarray(values, dtype=np.float64)
    return np.require(values.reshape(-1, *values.shape[values.ndim - axes :]), requirements=("C", "W"))


def succeeded(
    problem: Problem, b: Balance, z: np.ndarray, excess: np.ndarray, matrices: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Returns the problem's own success at every position, bool [...].

    z [..., N, d], excess [..., K], and every task's view: matrices [..., K, d, d], offsets [..., K, d].
    """
    out = np.empty(excess.shape[:-1], dtype=np.bool_)
    where = address(problem.solved, SUCCESS_POINTER), int(problem.sees_views), np.array(b, dtype=np.float64)
    judge(*where, _flat(z, 2), _flat(excess, 1), _flat(matrices, 3), _flat(offsets, 2), out.reshape(-1))
    return out


def pair_excesses(problem: Problem, r: np.ndarray, task: int, tasks: int) -> np.ndarray:
    """Returns one task's excess loss on each pair of coordinates at an even balance, [..., d/2].

    r [..., N, d] is what the task sees. Raises ValueError on a problem that has no pairs.
    """
    if problem.pair_excess is None:
        raise ValueError(f"pairs_solved: the problem {problem.key} has no pairs of dimensions.")
    out = np.empty((*r.shape[:-2], r.shape[-1] // 2))
    place = address(problem.pair_excess, PAIR_EXCESS_POINTER)
    excess_of_pairs(place, task, tasks, _flat(r, 2), out.reshape(-1, out.shape[-1]))
    return out


def solved_pairs(problem: Problem, r: np.ndarray) -> np.ndarray:
    """Returns which pairs of coordinates every task solves, by itself and at an even balance: r [..., K, N, d] ->
    bool [..., d/2]. Raises ValueError on a problem that has no pairs.
    """
    tasks = r.shape[-3]
    return np.all([pair_excesses(problem, r[..., k, :, :], k, tasks) < SOLVED for k in range(tasks)], axis=0)
