"""What a league table says of a run: how soon, how near, by which way and at what cost."""

from typing import NamedTuple

import numpy as np

from toy_problems.trajectory import Trajectory


class Standing(NamedTuple):
    """A run's line in the table: means over its S starts, of the records that were kept."""

    solved: int  # starts that succeed at the end
    starts: int
    steps: float  # until success that lasts, the median over the starts that have it; NaN without one
    excess: float  # sum_k p_k (L_k - its minimum) at the end
    distance: float  # from the end to the lowest point of sum_k p_k L_k; NaN where a problem does not know it
    length: float  # of the path: the sum of |z_(t+1) - z_t| over its records
    reversals: float  # share of moves that go back: their inner product with the move before is negative; NaN of none
    passes: int  # backward passes through the shared network that a step takes


def standing(run: Trajectory) -> Standing:
    """Returns the line of a run in a league table.

    Moves are those between two records: with record_every above 1 what happens between them is not seen. Of a batch z
    is every input's feature together. A method that turns the tasks' views has no lowest point that stands still, so
    its distance is NaN.
    """
    config, solved = run.config, run.solved_at
    there = solved[solved >= 0]
    lengths, reversals = np.array([moves(run, start) for start in range(len(run.status))]).T
    return Standing(
        int((solved >= 0).sum()),
        len(run.status),
        float(np.median(there)) if there.size else np.nan,
        float((run.excess[:, -1] @ config.shares).mean()),
        distance(run),
        float(lengths.mean()),
        float(np.nanmean(reversals)) if np.isfinite(reversals).any() else np.nan,
        config.resolved.spec.backward_passes(config.tasks),
    )


def moves(run: Trajectory, start: int) -> tuple[float, float]:
    """Returns a path's length and the share of its moves that go back, NaN where there are fewer than two."""
    path = run.z[start][run.going[start]]
    steps = np.diff(path.reshape(len(path), -1), axis=0)
    steps = steps[(steps != 0.0).any(axis=1)]
    back = (steps[1:] * steps[:-1]).sum(axis=1) < 0.0
    return float(np.sqrt((steps**2).sum(axis=1)).sum()), float(back.mean()) if back.size else np.nan


def distance(run: Trajectory) -> float:
    """Returns how far from the lowest point of the weighted sum the paths end, the mean; NaN where it is not known."""
    problem, config = run.config.problem_spec, run.config
    turned = bool((run.matrices != np.eye(config.d)).any() or run.offsets.any())
    point = None if turned else problem.lowest_point(config.shares, config.scales)
    if point is None:
        return np.nan
    return float(np.linalg.norm(run.z[:, -1, 0] - point, axis=-1).mean())
