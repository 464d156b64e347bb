"""Which tasks are present in a step, and which numbers of a rule's state are theirs."""

from collections.abc import Callable
from typing import Any

import numpy as np


def present_tasks(active: Any, tasks: int) -> np.ndarray | None:
    """Returns the numbers of the tasks present, int64 [at most K]; None where all K are.

    active: K booleans, or None for all. Raises ValueError for another number of them, or what is no boolean.
    """
    if active is None:
        return None
    given = np.asarray(active)
    if given.dtype != np.bool_ or given.shape != (tasks,):
        raise ValueError(f"active takes {tasks} booleans, True for a task that is present, got {active!r}.")
    return None if given.all() else np.flatnonzero(given)


def state_layout(state_size: Callable[[int], int]) -> tuple[int, int, int]:
    """Returns how a state is made up: how many numbers of no task, blocks [K] and matrices [K, K], in this order."""
    common = state_size(0)
    one, two = state_size(1) - common, state_size(2) - common
    matrices = (two - 2 * one) // 2  # from b + c numbers for one task and 2 b + 4 c for two
    return common, one - matrices, matrices


def state_places(state_size: Callable[[int], int], tasks: int, present: np.ndarray) -> np.ndarray:
    """Returns where the state of the `present` tasks lies in the state of all K, in the order they would have alone.

    The layout is that of `RuleSpec.state_size`: numbers of no task, then blocks [K], then matrices [K, K].
    """
    common, blocks, matrices = state_layout(state_size)
    of_blocks = common + tasks * np.arange(blocks)[:, None] + present
    start = common + tasks * blocks
    squares = start + tasks * tasks * np.arange(matrices)[:, None, None]
    of_matrices = squares + tasks * present[:, None] + present
    return np.concatenate([np.arange(common), of_blocks.reshape(-1), of_matrices.reshape(-1)])
