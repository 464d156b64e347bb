"""The runs of one picture at few enough frames: series of paths, by the kernels that a page calls too."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.stage._series import Stream
from mtlcore.compiled.pointers import NOWHERE, address
from toy_problems.compiled.arrays import Records
from toy_problems.compiled.signatures import (
    CONSTANTS_POINTER,
    LOSS_POINTER,
    PAIR_EXCESS_POINTER,
    SUCCESS_POINTER,
)
from toy_problems.compiled.stage import columns as places
from toy_problems.compiled.stage.extent import FRAME, MOST, compose, furthest, sane
from toy_problems.compiled.stage.lag import has_lag, write_lag
from toy_problems.compiled.stage.path import write_cloud
from toy_problems.compiled.stage.series import any_view_turns, solved_from, write_frames
from toy_problems.problem import Problem
from toy_problems.trajectory import Trajectory

CURVES = 3  # cosine, norm ratio, condition number
VIEW = 6  # numbers of a task's view


@dataclass(frozen=True)
class Path:
    """One path as kernels read it, and what is known of it before a frame is drawn."""

    records: Records
    ending: np.ndarray  # outcome, steps taken, records written
    solved: int  # the step from which it is solved in the drawn pair; -1: it is not
    turns: bool  # whether any task sees something else than z itself
    lags: bool  # whether it has a lag (see toy_problems.compiled.stage.lag)
    reached: float  # how far it gets from the middle of the problem's box


def turns(trajectory: Trajectory) -> bool:
    """Returns whether any task sees something else than z itself."""
    views = zip(trajectory.matrices, trajectory.offsets, strict=True)
    return any(any_view_turns(matrices, offsets, len(matrices)) for matrices, offsets in views)


def read_paths(t: Trajectory, problem: Problem, pair: tuple[int, int]) -> list[Path]:
    """Returns every path of a run of a problem, seen in a pair of dimensions."""
    b, bounds = np.array(t.config.scales), np.array(problem.bounds, dtype=np.float64)
    pairs = NOWHERE if problem.pair_excess is None else address(problem.pair_excess, PAIR_EXCESS_POINTER)
    where = address(problem.solved, SUCCESS_POINTER), pairs, int(problem.sees_views), t.config.tasks
    share = 1.0 if problem.batch == 1 else MOST
    followed = has_lag(problem.known_optima(t.config.d, t.config.tasks), t.config.tasks, problem.batch)
    paths = []
    for start in range(len(t.z)):
        records, ending = t.path(start)
        written = int(ending[2])
        solved = solved_from(*where, records, written, b, *pair, t.config.record_every, t.config.steps)
        moving = any_view_turns(records.matrices, records.offsets, written)
        reached = furthest(records, sane(ending, len(t.steps)), *pair, bounds, share)
        paths.append(
            Path(records, ending, int(solved), bool(moving), bool(moving and followed), float(reached))
        )
    return paths


def at_start(path: Path) -> Path:
    """Returns a path of which only the first record is known: neither how it ends nor whether it is ever solved."""
    return replace(path, ending=np.array([0, 0, 1]), solved=-1)


def columns(tasks: int) -> np.ndarray:
    """Returns where each group of a series' columns begins (see `toy_problems.compiled.stage.columns`)."""
    out = np.empty(places.WIDTH + 1, dtype=np.int64)
    places.columns(tasks, out)
    return out


def series_of(t: Trajectory, paths: Sequence[Path], pair: tuple[int, int], frames: int) -> np.ndarray:
    """Returns the series of every path of a run, [S, F, C], at no more than `frames` frames."""
    config = t.config
    out = np.empty((len(paths), min(len(t.steps), frames), columns(config.tasks)[places.WIDTH]))
    problem, b = config.problem_spec, np.array(config.scales)
    optima = problem.known_optima(config.d, config.tasks)
    where = address(problem.kernel, LOSS_POINTER), address(problem.constants, CONSTANTS_POINTER)
    for path, series in zip(paths, out, strict=True):
        write_frames(path.records, path.ending, config.record_every, config.steps, b, *pair, series)
        if path.lags:
            write_lag(*where, optima, b, path.records, int(path.ending[2]), series)
    return out


def composed(
    runs: Sequence[Sequence[Path]], series: Sequence[np.ndarray], problem: Problem, front: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """Returns every run's series as drawn, and what they share, [8]: see `toy_problems.compiled.stage.extent`.

    front [n, 2]: the losses of points of the front that objective space shows; [0, 2] where it shows none.
    """
    tasks = runs[0][0].records.excess.shape[1]
    lengths = [one.shape[1] for one in series]
    together = np.zeros((sum(map(len, runs)), max(lengths), series[0].shape[2]))
    counts, at = np.zeros(len(together), dtype=np.int64), 0
    for paths, one in zip(runs, series, strict=True):
        together[at : at + len(one), : one.shape[1]] = one
        for path in paths:
            counts[at], at = sane(path.ending, one.shape[1]), at + 1
    shared, bounds = np.empty(FRAME), np.array(problem.bounds, dtype=np.float64)
    reached = max(path.reached for paths in runs for path in paths)
    compose(together, counts, tasks, bounds, reached, front, shared)
    firsts = np.cumsum([0, *map(len, runs)])
    return [together[i : i + len(p), :n] for i, p, n in zip(firsts, runs, lengths, strict=False)], shared


def add_run(
    stream: Stream, paths: Sequence[Path], series: np.ndarray, pair: tuple[int, int]
) -> dict[str, Any]:
    """Returns the header's entry of one run whose series [S, F, C] are as drawn; stored as rows, starts x channels."""
    starts, frames, _ = series.shape
    tasks = paths[0].records.excess.shape[1]
    at, flags = columns(tasks), columns(tasks)[places.FLAGS]

    def rows(group: int, width: int) -> np.ndarray:
        return series[:, :, at[group] : at[group] + width].transpose(0, 2, 1).reshape(-1, frames)

    moving, lagging = any(path.turns for path in paths), any(path.lags for path in paths)
    return {
        "starts": starts,
        "frames": frames,
        "steps": [int(x) for x in np.diff(series[0, :, at[places.STEP]], prepend=0.0)],
        "outcome": [[int(path.ending[0]), int(path.ending[1])] for path in paths],
        "solved": [path.solved for path in paths],
        "vanished": [_flips(one[:, flags] > 0.0) for one in series],
        "capped": [_flips(one[:, flags + 1] > 0.0) for one in series],
        "z": stream.add(rows(places.Z, 2), share=2),
        "excess": stream.add(rows(places.EXCESS, tasks), bits=13, share=tasks),
        "gradients": stream.add(rows(places.GRADIENTS, 2 * tasks), bits=10, order=1),
        "update": stream.add(rows(places.UPDATE, 2), bits=10, order=1),
        "curves": stream.add(rows(places.CURVES, CURVES), bits=10, order=1, share=CURVES),
        "view": stream.add(rows(places.VIEW, VIEW * tasks), bits=13, share=VIEW * tasks) if moving else None,
        "lag": stream.add(rows(places.LAG, 1), bits=10, order=1, share=1) if lagging else None,
        "cloud": _cloud(stream, paths, frames, pair),
    }


def _flips(states: np.ndarray) -> list[int]:
    """Returns the frames at which states [F] change, beginning with False."""
    return [int(i) for i in np.flatnonzero(np.diff(states, prepend=False))]


def _cloud(
    stream: Stream, paths: Sequence[Path], frames: int, pair: tuple[int, int]
) -> dict[str, Any] | None:
    """Returns the batch's points at fewer frames, `every` naming those frames; None for one input."""
    points = paths[0].records.z.shape[1]
    if points == 1:
        return None
    count = places.cloud_frames(frames, len(paths), points)
    drawn = np.empty((len(paths), count, 2 * points))
    for path, out in zip(paths, drawn, strict=True):
        write_cloud(path.records, int(path.ending[2]), frames, *pair, out)
    every = [int(places.record_of(c, count, frames)) for c in range(count)]
    rows = drawn.transpose(0, 2, 1).reshape(-1, count)
    return {"every": every, "points": stream.add(rows, bits=10, share=2)}
