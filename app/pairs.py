"""Which pairs of dimensions a run has solved, record by record."""

import numpy as np

from toy_problems import PROBLEMS
from toy_problems.problem import PAIR_LIMIT
from toy_problems.trajectory import Trajectory


def solved_pairs(run: Trajectory) -> np.ndarray | None:
    """Returns whether every task is at its optimum in a pair: bool [S, T + 1, d / 2]; None without pairs.

    A pair counts as the problems' own success does: the excess loss it adds is below the limit for each task.
    """
    pair_excess = PROBLEMS[run.config.problem].pair_excess
    if pair_excess is None:
        return None
    views = run.r  # [S, T + 1, K, N, d]
    return np.all([pair_excess(views[:, :, k], k) < PAIR_LIMIT for k in range(views.shape[2])], axis=0)
