"""What lessons can ask about a run: each measure takes a trajectory, and where it needs one a task from 1, of the first
start.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from app.sentences import NEAR_SUM
from mtlcore.diagnostics import DIAGNOSTICS
from toy_problems import Trajectory, pairs_solved
from toy_problems.problems.landscape import optimum_distance

Measure = Callable[..., float]
RISEN = 1.01  # a loss this many times as high as at the start has risen


def solved(run: Trajectory) -> bool:
    """Returns whether every start ends solved."""
    return bool(run.success[:, -1].all())


def reached(run: Trajectory) -> int:
    """Returns how many starts end solved: on the landscape, on the Pareto front."""
    return int(run.success[:, -1].sum())


def solved_pairs(run: Trajectory) -> int:
    """Returns how many pairs of dimensions end solved."""
    return int(pairs_solved(run)[0, -1].sum())


def at_star(run: Trajectory) -> int:
    """Returns how many starts of the landscape end on the front near the optimum of the weighted sum."""
    theta, config = run.z[:, -1, 0], run.config
    away = optimum_distance(theta, config.scales, config.preferences)
    return int((run.success[:, -1] & (away <= NEAR_SUM)).sum())


def excess(run: Trajectory, task: int) -> float:
    """Returns a task's excess loss in the end."""
    return float(run.excess[0, -1, task - 1])


def first_excess(run: Trajectory, task: int) -> float:
    """Returns a task's excess loss at the start."""
    return float(run.excess[0, 0, task - 1])


def mean_excess(run: Trajectory) -> float:
    """Returns the mean of all tasks' excess losses in the end, over all starts."""
    return float(run.excess[:, -1].mean())


def rises(run: Trajectory, task: int) -> bool:
    """Returns whether a task's excess loss is ever clearly above where it began."""
    return bool(run.excess[0, :, task - 1].max() > RISEN * run.excess[0, 0, task - 1])


def x(run: Trajectory) -> float:
    """Returns the first coordinate of where the path ends."""
    return float(run.z[0, -1, 0, 0])


def y(run: Trajectory) -> float:
    """Returns the second coordinate of where the path ends."""
    return float(run.z[0, -1, 0, 1])


def to_optimum(run: Trajectory, task: int) -> float:
    """Returns how far the task's view of the path's end is from the task's optimum."""
    optima = run.config.problem_spec.optima(run.z.shape[-1], run.config.tasks)
    return float(np.linalg.norm(run.r[0, -1, task - 1, 0] - optima[task - 1]))


def min_to_optimum(run: Trajectory) -> float:
    """Returns the least of all tasks' distances to their optima."""
    return min(to_optimum(run, task) for task in range(1, run.config.tasks + 1))


def weight(run: Trajectory, task: int) -> float:
    """Returns a task's weight at the first step."""
    return float(run.weights[0, 0, task - 1])


def last_weight(run: Trajectory, task: int) -> float:
    """Returns a task's weight in the end."""
    return float(run.weights[0, -1, task - 1])


def least_weight(run: Trajectory, task: int) -> float:
    """Returns a task's least weight of all steps."""
    return float(run.weights[0, :, task - 1].min())


def length(run: Trajectory, task: int) -> float:
    """Returns how long a task's gradient is at the first step, at the rule's own level."""
    return float(np.sqrt(run.gram[0, 0, task - 1, task - 1]))


def update_length(run: Trajectory) -> float:
    """Returns how long the update is at the first step."""
    return float(np.linalg.norm(run.update[0, 0]))


def last_update_length(run: Trajectory) -> float:
    """Returns how long the update is in the end."""
    return float(np.linalg.norm(run.update[0, -1]))


def gain(run: Trajectory, task: int) -> float:
    """Returns how steeply the first update lowers a task's loss: its inner product with the task's gradient, both at
    the rule's own level.
    """
    return float(run.weights[0, 0] @ run.gram[0, 0, task - 1])


def cosine(run: Trajectory) -> float:
    """Returns the least cosine of two gradients at the first step."""
    return float(run.diagnostics[0, 0, DIAGNOSTICS.index("min_cosine")])


def last_cosine(run: Trajectory) -> float:
    """Returns the least cosine of two gradients in the end."""
    return float(run.diagnostics[0, -1, DIAGNOSTICS.index("min_cosine")])


def condition(run: Trajectory) -> float:
    """Returns the condition number of the gradients that the rule is given at the first step."""
    return float(run.before_rule[0, 0, 2])


def condition_after(run: Trajectory) -> float:
    """Returns the condition number after the rule at the first step, where the rule says what it makes."""
    return float("nan") if run.after_rule is None else float(run.after_rule[0, 0, 2])


def turned(run: Trajectory, task: int) -> float:
    """Returns by how many degrees a task's view of the first two dimensions has turned from start to end."""
    angles = [
        np.arctan2(run.matrices[0, at, task - 1, 1, 0], run.matrices[0, at, task - 1, 0, 0]) for at in (0, -1)
    ]
    return float(abs(np.degrees((angles[1] - angles[0] + np.pi) % (2.0 * np.pi) - np.pi)))


def steps(run: Trajectory) -> int:
    """Returns how many steps the run lasts."""
    return int(run.steps[-1])


def solved_at(run: Trajectory) -> float:
    """Returns the step from which the first start is solved, -1 where it never is."""
    return float(run.solved_at[0])


_OF_A_RUN = (
    solved, reached, solved_pairs, at_star, mean_excess, min_to_optimum, x, y, update_length, cosine, last_cosine,
    condition, condition_after, last_update_length, steps, solved_at,
)  # fmt: skip
_OF_A_TASK = (
    excess, first_excess, rises, to_optimum, weight, last_weight, least_weight, length, gain, turned,
)  # fmt: skip
# By name: how many whole numbers a measure takes behind the method, and how it is computed.
MEASURES: Mapping[str, tuple[int, Measure]] = MappingProxyType(
    {measure.__name__: (0, measure) for measure in _OF_A_RUN}
    | {measure.__name__: (1, measure) for measure in _OF_A_TASK}
)
