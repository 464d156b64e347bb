"""From trajectories to the one payload of bytes that the stage draws. Pure: arrays in, bytes out.

Payload: 8 ASCII characters of digest, one that says whether the rest is plain (0) or deflated (1), then the content:
uint32 header length, the header as JSON, the stream of numbers (see `_series.Stream`). The digest names the content;
the stage shows it once that content is painted. A browser can only inflate in turns with everything else it has to
do, which costs a slider's answer some 60 ms: what is small enough stays plain.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.stage._levels import Plane, level_curves, losses_at
from app.stage._runs import Path, add_run, at_start, composed, read_paths, series_of
from app.stage._series import Stream
from toy_problems.problem import Problem, thresholds
from toy_problems.trajectory import Trajectory

FRAMES = (400, 300, 220, 160, 110, 80, 60, 45)  # the first that stays within the limit
LIMIT = 95_000  # bytes; as text a third more, and 150 KB is what one update may carry
PLAIN = 64_000  # bytes that are not worth deflating
FRONT_POINTS = 121
SPACES = ("theta", "objective")
VERSION = 1


@dataclass(frozen=True)
class Run:
    """One row of the stage: a method's title, what it did, and the words that say so.

    `passages` holds (step, text) in the steps' order: the text that holds from that step on. `words` are the templates
    for a run like it that the page computes itself (`app.live_words`).
    """

    title: str
    trajectory: Trajectory
    passages: Sequence[tuple[int, str]] = ()
    words: Mapping[str, Any] = field(default_factory=dict)


def pack(
    runs: Sequence[Run], problem: Problem | None, pair: tuple[int, int] = (0, 1), dark: bool | None = None,
    held: bool = False,
) -> bytes:  # fmt: skip
    """Returns the payload for the runs, all of one problem. `pair`: the dimensions of z that are drawn.

    `dark`: None lets the page's own theme decide. `held`: the payload has the runs' start alone and nothing of what
    follows, in the square that shows them whole; no start can be dragged. Raises ValueError when there is no run, when
    the runs are of different problems, dimensions or starts, or when `pair` does not name two of the dimensions.
    """
    _check(runs, pair)
    assert problem is not None
    paths = [read_paths(run.trajectory, problem, pair) for run in runs]
    for frames in FRAMES:
        payload = _packed(runs, paths, problem, pair, dark, frames, held)
        if len(payload) <= LIMIT:
            break
    return payload


def _packed(
    runs: Sequence[Run], paths: list[list[Path]], problem: Problem, pair: tuple[int, int], dark: bool | None,
    frames: int, held: bool,
) -> bytes:  # fmt: skip
    stream, first = Stream(), runs[0].trajectory
    moving = any(path.turns for run in paths for path in run)
    front = _front(problem, first, moving)
    series = [series_of(r.trajectory, p, pair, frames) for r, p in zip(runs, paths, strict=True)]
    drawn, shared = composed(paths, series, problem, np.empty((0, 2)) if front is None else front[1])
    if held:
        drawn, paths = [one[:, :1] for one in drawn], [[at_start(path) for path in run] for run in paths]
    *centre, half = shared[:3].tolist()
    header: dict[str, Any] = {
        "version": VERSION,
        "dark": dark,
        "problem": problem.key,
        "title": problem.title,
        "tasks": list(first.config.task_names),
        "d": int(first.z.shape[-1]),
        "pair": list(pair),
        "panels": _panels(problem, first, moving),
        "view": [*centre, half],
        "optima": _optima(problem, first, np.array(pair)),
        "minima": problem.minima(first.config.d, first.config.scales).tolist(),
        "levels": _levels(stream, problem, first, pair, (centre[0], centre[1]), half, moving),
        "front": None if front is None else dict(zip(SPACES, (stream.add(f.T) for f in front), strict=True)),
        "star": _star(problem, first, moving),
        "objective": None if problem.backbone else shared[4:].tolist(),
        "guide": _guide(problem, first),
        "labels": None if problem.labels is None else [int(label > 0) for label in problem.labels],
        "draggable": first.z.shape[2] == 1 and not held,
        "runs": [
            {"title": run.title, "told": _told(run, held), **add_run(stream, own, one, pair)}
            for run, own, one in zip(runs, paths, drawn, strict=True)
        ],
    }
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    content = len(text).to_bytes(4, "little") + text + stream.bytes()
    name = hashlib.blake2b(content, digest_size=4).hexdigest().encode()
    return name + (b"0" + content if len(content) <= PLAIN else b"1" + zlib.compress(content, 6))


def _told(run: Run, held: bool) -> dict[str, list]:
    """Returns a run's different texts, and [step, which text] for each of its passages; of one held the first."""
    passages = run.passages[:1] if held else run.passages
    texts = list(dict.fromkeys(text for _, text in passages))
    return {"texts": texts, "passages": [[int(step), texts.index(text)] for step, text in passages]}


def digest(payload: bytes) -> str:
    """Returns the payload's name, the value of `data-digest` on the stage once it is painted."""
    return payload[:8].decode()


def _check(runs: Sequence[Run], pair: tuple[int, int]) -> None:
    if not runs:
        raise ValueError("runs takes at least one Run, got none.")
    kinds = {
        (t.config.problem, t.config.tasks, t.z.shape[0], *t.z.shape[2:]) for t in (r.trajectory for r in runs)
    }
    if len(kinds) > 1:
        raise ValueError(
            f"runs takes runs of one problem, same tasks, starts and dimension, got {sorted(kinds)}."
        )
    d = runs[0].trajectory.z.shape[-1]
    if len(set(pair)) != 2 or not all(0 <= i < d for i in pair):
        raise ValueError(f"pair takes two different dimensions from 0 to {d - 1}, got {pair!r}.")


def _panels(problem: Problem, first: Trajectory, moving: bool) -> list[str]:
    tasks = [f"r{k}" for k in range(first.losses.shape[-1])]
    if problem.backbone:
        return ["z", *tasks]
    return ["z", *(tasks if moving else []), "objective"]


def _optima(problem: Problem, first: Trajectory, dims: np.ndarray) -> list[list[float]]:
    """Returns each task's optimum in its own space; none where the problem has none (labels, not points)."""
    points = np.asarray(problem.optima(first.z.shape[-1], first.config.tasks), dtype=np.float64)
    return [[float(x) for x in point[dims]] for point in points if np.isfinite(point).all()]


def _guide(problem: Problem, first: Trajectory) -> list[float] | None:
    """Returns the excess losses that success asks for, to draw a line at: one number for all tasks, or one for each
    where the task balance makes them differ. None where success asks for something else.
    """
    if not problem.backbone or first.z.shape[2] > 1:
        return None
    limits = [float(limit) for limit in thresholds(first.config.scales)]
    return limits if len(set(limits)) > 1 else limits[:1]


def _levels(
    stream: Stream, problem: Problem, first: Trajectory, pair: tuple[int, int], centre: tuple[float, float],
    half: float, moving: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """Returns one entry per family of level curves: of each task, or of sum p_k L_k where nothing turns.

    None for a batch, whose loss belongs to all its points together.
    """
    if problem.labels is not None:
        return []
    tasks = range(first.losses.shape[-1])
    families = list(tasks) if problem.backbone or moving else [None]
    shares = None if families[0] is not None else first.config.preferences
    plane = Plane(problem.key, first.config.scales, first.z.shape[-1], pair, centre, half, problem, shares)
    out = []
    for task in families:
        curves = level_curves(plane, task)
        points = [ring for _, polygons in curves for ring in polygons]
        flat = np.concatenate(points).T if points else np.zeros((2, 0))
        out.append(
            {
                "task": -1 if task is None else task,
                "values": [value for value, _ in curves],
                "rings": [[len(ring) for ring in polygons] for _, polygons in curves],
                "points": stream.add(flat, bits=11, order=1) if points else None,
            }
        )
    return out


def _front(problem: Problem, first: Trajectory, moving: bool) -> tuple[np.ndarray, np.ndarray] | None:
    """Returns the Pareto front in theta and in objective space, [n, 2] each; None where a view turns it away."""
    front = problem.front_of(first.config.tasks)
    if front is None or problem.backbone or moving:
        return None
    points = np.asarray(front(FRONT_POINTS), dtype=np.float64)
    return points, losses_at(problem, points, first.config.d, first.config.scales)


def _star(problem: Problem, first: Trajectory, moving: bool) -> dict[str, Any] | None:
    """Returns the optimum of sum p_k L_k in theta and in objective space, where it is known and no view turns."""
    at = None if moving else problem.lowest_point(first.config.shares, first.config.scales)
    if at is None:
        return None
    losses = losses_at(problem, at[None], first.config.d, first.config.scales)
    return dict(zip(SPACES, (at.tolist(), losses[0].tolist()), strict=True))
