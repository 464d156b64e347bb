"""The mean loss over a plane of the shared feature, as a method's views see it at the end of a run."""

from dataclasses import dataclass

import numpy as np

from toy_problems import PROBLEMS, Trajectory

SIDE = 61


@dataclass(frozen=True)
class Ground:
    """height [len(y), len(x)] over a plane, paths [S, T + 1, 2] in it and their heights lift [S, T + 1]."""

    x: np.ndarray
    y: np.ndarray
    height: np.ndarray
    paths: np.ndarray
    lift: np.ndarray


def ground(run: Trajectory, start: int, pair: tuple[int, int]) -> Ground:
    """Returns the mean loss over the drawn pair of dimensions, the others held where the path ends.

    Views differ from start to start, so only that start's path lies on it; without views all paths do.
    """
    problem = PROBLEMS[run.config.problem]
    (left, right), (low, high) = problem.bounds
    x, y = np.linspace(left, right, SIDE), np.linspace(low, high, SIDE)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    still = bool((run.matrices == np.eye(run.config.d)).all() and not run.offsets.any()) and run.config.d == 2
    paths = run.z[:, :, 0] if still else run.z[start : start + 1, :, 0]
    paths = paths[..., list(pair)]
    return Ground(x, y, mean_loss(run, start, pair, grid), paths, mean_loss(run, start, pair, paths))


def mean_loss(run: Trajectory, start: int, pair: tuple[int, int], points: np.ndarray) -> np.ndarray:
    """Returns the mean task loss at points [..., 2] of the pair, seen through the final views: [...]."""
    problem, tasks = PROBLEMS[run.config.problem], run.matrices.shape[2]
    z = np.broadcast_to(run.z[start, -1, 0], (*points.shape[:-1], run.config.d)).copy()
    z[..., list(pair)] = points
    total = np.zeros(points.shape[:-1])
    for task in range(tasks):
        seen = z @ run.matrices[start, -1, task].T + run.offsets[start, -1, task]
        total += problem.formula(np, seen[..., None, :], task, run.config.scales)
    return total / tasks
