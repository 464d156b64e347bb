"""What a run returns: arrays with named axes, read-only, nothing hidden.

Axes: S starts, T + 1 recorded steps (0 is before the first update), K tasks, N points of the batch (1 but for
`opposite`), d feature dimensions. Everything at record t is evaluated at the position of record t, before the
update that leads on from there; the last record has its own gradients, weights and update too (never applied).
After a path stops (DIVERGED or SOLVER_FAILED) its last good record is repeated, so no array holds a NaN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from toy_problems._arrays import Records
from toy_problems.config import ToyConfig
from toy_problems.problem import succeeded, views_of

DIAGNOSTICS = ("cosine", "norm_ratio", "magnitude_similarity", "condition", "stationarity")


class Outcome(IntEnum):
    """How a path ended."""

    OK = 0
    DIVERGED = 1
    SOLVER_FAILED = 2


@dataclass(frozen=True)
class PathStatus:
    """How one path ended, and at which step it stopped (the number of steps taken)."""

    outcome: Outcome
    step: int


@dataclass(frozen=True)
class Trajectory:
    """The record of one run: S paths that share a configuration."""

    config: ToyConfig
    steps: np.ndarray  # [T + 1] int64: the step number of each record
    z: np.ndarray  # [S, T + 1, N, d] shared feature (on the landscape: theta)
    losses: np.ndarray  # [S, T + 1, K] as the problem defines them
    excess: np.ndarray  # [S, T + 1, K] losses minus their known minima, never below 0
    weights: np.ndarray  # [S, T + 1, K]
    gradients: np.ndarray  # [S, T + 1, K, N, d] of each task at the feature level, seen from z
    update: np.ndarray  # [S, T + 1, N, d] the rule's d at the feature level; z moves against it
    matrices: np.ndarray  # [S, T + 1, K, d, d] each task's view r_k = A_k z + b_k: A_k (identity outside m)
    offsets: np.ndarray  # [S, T + 1, K, d] b_k
    diagnostics: np.ndarray  # [S, T + 1, len(DIAGNOSTICS)] of the feature-level gradients
    rule_status: np.ndarray  # [S, T + 1] int8: mtlcore.Status of the rule at each record
    success: np.ndarray  # [S, T + 1] bool: the problem's own success; False once the path has stopped
    status: tuple[PathStatus, ...]  # [S]

    @property
    def r(self) -> np.ndarray:
        """Returns every task's view of the feature, r_k = A_k z + b_k: [S, T + 1, K, N, d]."""
        return views_of(self.z, self.matrices, self.offsets)

    @property
    def solved_at(self) -> np.ndarray:
        """Returns for each path the recorded step from which success holds to the end, -1 where it does not: [S]."""
        lost = np.flatnonzero  # the last record without success, path by path
        ends = [int(lost(~path)[-1]) + 1 if (~path).any() else 0 for path in self.success]
        return np.array([int(self.steps[i]) if i < self.steps.size else -1 for i in ends])


def record_steps(steps: int, every: int) -> np.ndarray:
    """Returns the step numbers that are recorded: every multiple of `every`, and the last."""
    kept = np.arange(0, steps + 1, every)
    return kept if kept[-1] == steps else np.append(kept, steps)


def assemble(
    config: ToyConfig, steps: np.ndarray, records: Sequence[Records], endings: Sequence[np.ndarray]
) -> Trajectory:
    """Returns the Trajectory of S paths' records; endings: outcome, steps taken and records written of each.

    The last good record of a path that stopped is repeated. Raises ValueError for a path with no first one.
    """
    for path, ending in zip(records, endings, strict=True):
        if ending[2] == 0:
            raise ValueError("initial: the first position has no finite loss; give smaller weights, or none.")
        for values in path:
            values[ending[2] :] = values[ending[2] - 1]
    arrays = {name: np.stack([getattr(path, name) for path in records]) for name in Records._fields}
    arrays["rule_status"] = arrays["rule_status"].astype(np.int8)
    going = np.array([np.arange(steps.size) < ending[2] for ending in endings])
    position = (arrays[name] for name in ("z", "excess", "matrices", "offsets"))
    success = succeeded(config.world, config.s, *position) & going
    for array in (*arrays.values(), steps, success):
        array.flags.writeable = False
    status = tuple(PathStatus(Outcome(int(ending[0])), int(ending[1])) for ending in endings)
    return Trajectory(config=config, steps=steps, success=success, status=status, **arrays)
