"""From trajectories to the one payload of bytes that the stage draws. Pure: arrays in, bytes out.

Payload: 8 ASCII characters of digest, then deflated: uint32 header length, the header as JSON, the stream of numbers
(see `_series.Stream`). The digest names the content; the stage shows it once that content is painted.
"""

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.stage._levels import Plane, level_curves
from app.stage._series import Stream, thin
from toy_problems.problem import Problem
from toy_problems.trajectory import DIAGNOSTICS, Trajectory

FRAMES = 400
CLOUD_VALUES = 6_000  # numbers of a drawn batch per run: it is sent at fewer frames and joined by straight lines
LOSS_FLOOR = 1e-8  # of the excess loss, on a logarithmic axis
SOLVED = 0.05  # the excess loss that the regression problems' success asks for: a guide line
CURVES = ("cosine", "norm_ratio", "condition")
VERSION = 1


@dataclass(frozen=True)
class Run:
    """One row of the stage: a method's title, what it did, and the sentence that says so."""

    title: str
    trajectory: Trajectory
    sentence: str = ""


def pack(
    runs: Sequence[Run], problem: Problem | None, pair: tuple[int, int] = (0, 1), dark: bool | None = None
) -> bytes:
    """Returns the payload for one to four runs of one problem. `pair`: the two dimensions of z that are drawn.

    Raises ValueError when there is no run, when the runs are of different problems, dimensions or starts, or when
    `pair` does not name two of the dimensions. `dark`: None lets the page's own theme decide.
    """
    _check(runs, pair)
    assert problem is not None
    stream, first = Stream(), runs[0].trajectory
    dims = np.array(pair)
    moving = any(_turns(run.trajectory) for run in runs)
    centre, half = _view(runs, problem, dims)
    header: dict[str, Any] = {
        "version": VERSION,
        "dark": dark,
        "problem": problem.key,
        "title": problem.title,
        "tasks": list(problem.tasks),
        "d": int(first.z.shape[-1]),
        "pair": list(pair),
        "panels": _panels(problem, first, moving),
        "view": [*centre, half],
        "optima": _optima(problem, first, dims),
        "minima": _minima(first),
        "levels": _levels(stream, problem, first, pair, centre, half, moving),
        "front": _front(stream, problem, first, moving),
        "guide": SOLVED if problem.backbone and first.z.shape[2] == 1 else None,
        "labels": _labels(problem, first),
        "draggable": first.z.shape[2] == 1,
        "runs": [_run(stream, run, dims) for run in runs],
    }
    header["objective"] = _objective_box(runs, problem) if "objective" in header["panels"] else None
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    content = len(text).to_bytes(4, "little") + text + stream.bytes()
    return hashlib.blake2b(content, digest_size=4).hexdigest().encode() + zlib.compress(content, 6)


def digest(payload: bytes) -> str:
    """Returns the payload's name, the value of `data-digest` on the stage once it is painted."""
    return payload[:8].decode()


def _check(runs: Sequence[Run], pair: tuple[int, int]) -> None:
    if not runs:
        raise ValueError("runs takes at least one Run, got none.")
    kinds = {(r.trajectory.config.problem, r.trajectory.z.shape[0], *r.trajectory.z.shape[2:]) for r in runs}
    if len(kinds) > 1:
        raise ValueError(f"runs takes runs of one problem with the same starts and dimension, got {sorted(kinds)}.")
    d = runs[0].trajectory.z.shape[-1]
    if len(set(pair)) != 2 or not all(0 <= i < d for i in pair):
        raise ValueError(f"pair takes two different dimensions from 0 to {d - 1}, got {pair!r}.")


def _turns(trajectory: Trajectory) -> bool:
    """Returns whether any task sees something else than z itself."""
    eye = np.eye(trajectory.z.shape[-1])
    return bool((trajectory.matrices != eye).any() or trajectory.offsets.any())


def _panels(problem: Problem, first: Trajectory, moving: bool) -> list[str]:
    tasks = [f"r{k}" for k in range(first.losses.shape[-1])]
    if problem.backbone:
        return ["z", *tasks]
    return ["z", *(tasks if moving else []), "objective"]


def _view(runs: Sequence[Run], problem: Problem, dims: np.ndarray) -> tuple[tuple[float, float], float]:
    """Returns centre and half width of the square that z space and every r_k space show.

    It is the problem's own box, grown in steps (so that a slider does not make it jitter) to hold paths that leave it.
    """
    box = np.array(problem.bounds, dtype=np.float64)
    centre, half = box.mean(axis=1), float(np.ptp(box, axis=1).max()) / 2
    furthest = max(float(np.abs(run.trajectory.z[..., dims] - centre).max()) for run in runs)
    steps = np.clip(np.ceil((furthest / half - 0.98) / 0.25), 0, 4)
    return (float(centre[0]), float(centre[1])), half * (1 + 0.25 * float(steps))


def _optima(problem: Problem, first: Trajectory, dims: np.ndarray) -> list[list[float]]:
    points = np.asarray(problem.optima(first.z.shape[-1]), dtype=np.float64)
    return [[float(x) for x in point[dims]] for point in points]


def _minima(first: Trajectory) -> list[float]:
    return [float(x) for x in np.median((first.losses - first.excess).reshape(-1, first.losses.shape[-1]), axis=0)]


def _levels(
    stream: Stream, problem: Problem, first: Trajectory, pair: tuple[int, int], centre: tuple[float, float],
    half: float, moving: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """Returns one entry per family of level curves: of each task, or of the mean loss where nothing turns."""
    plane = Plane(problem.key, first.config.s, first.z.shape[-1], pair, centre, half, problem)
    tasks = range(first.losses.shape[-1])
    families = list(tasks) if problem.backbone or moving else [None]
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


def _front(stream: Stream, problem: Problem, first: Trajectory, moving: bool) -> dict[str, Any] | None:
    """Returns the Pareto front in theta and in objective space, where no view turns it away."""
    if problem.front is None or problem.backbone or moving:
        return None
    points = np.asarray(problem.front(121), dtype=np.float64)
    return {
        "theta": stream.add(points.T),
        "objective": stream.add(_losses_at(problem, points, first).T),
    }


def _losses_at(problem: Problem, points: np.ndarray, first: Trajectory) -> np.ndarray:
    """Returns the losses [P, K] at points [P, 2] of theta space."""
    tasks = range(first.losses.shape[-1])
    return np.stack([problem.formula(np, points[:, None, :], k, first.config.s) for k in tasks], axis=-1)


def _objective_box(runs: Sequence[Run], problem: Problem) -> list[float]:
    """Returns [low 1, high 1, low 2, high 2] of the objective space: every path and the front, with some air."""
    points = [run.trajectory.losses.reshape(-1, run.trajectory.losses.shape[-1])[:, :2] for run in runs]
    if problem.front is not None:
        points.append(_losses_at(problem, np.asarray(problem.front(31), dtype=np.float64), runs[0].trajectory)[:, :2])
    both = np.concatenate(points)
    low, high = both.min(axis=0), both.max(axis=0)
    air = np.where(high > low, 0.07 * (high - low), 1.0)
    return [float(x) for pair in zip(low - air, high + air, strict=True) for x in pair]


def _labels(problem: Problem, first: Trajectory) -> list[int] | None:
    """Returns each point's class for the first task, where the problem draws a batch."""
    points = first.z.shape[2]
    if points == 1:
        return None
    return [int(x) for x in np.asarray(problem.data(first.config.s), dtype=np.float64)[:points] > 0]


def _run(stream: Stream, run: Run, dims: np.ndarray) -> dict[str, Any]:
    """Returns the header's entry of one run, after storing its series: rows are starts x channels, over frames."""
    t = run.trajectory
    index = thin(len(t.steps), FRAMES)
    excess = np.log10(np.maximum(t.excess[:, index], LOSS_FLOOR))
    z = t.z[:, index].mean(axis=2)
    view = _pair_view(t, index, z, dims)
    curves = np.stack([_curve(t, name)[:, index] for name in CURVES], axis=-1)
    steps = t.steps[index]
    return {
        "title": run.title,
        "sentence": run.sentence,
        "starts": t.z.shape[0],
        "frames": len(index),
        "steps": [int(steps[0]), *(int(x) for x in np.diff(steps))],
        "outcome": [[int(path.outcome), int(path.step)] for path in t.status],
        "solved": [int(x) for x in t.solved_at],
        "z": stream.add(_rows(z[..., dims]), share=2),
        "excess": stream.add(_rows(excess), bits=13, share=excess.shape[-1]),
        "gradients": stream.add(_rows(_arrows(t.gradients[:, index].sum(axis=3)[..., dims])), bits=10, order=1),
        "update": stream.add(_rows(_arrows(t.update[:, index].sum(axis=2)[..., dims])), bits=10, order=1),
        "curves": stream.add(_rows(curves), bits=10, order=1, share=len(CURVES)),
        "view": stream.add(_rows(view), bits=13, share=view.shape[-1]) if _turns(t) else None,
        "cloud": _cloud(stream, t, index, dims),
    }


def _rows(values: np.ndarray) -> np.ndarray:
    """Returns values [S, F, ...] as rows [S * channels, F]."""
    starts, frames = values.shape[:2]
    return values.reshape(starts, frames, -1).transpose(0, 2, 1).reshape(-1, frames)


def _arrows(vectors: np.ndarray) -> np.ndarray:
    """Returns vectors [..., 2] with the square root of their length: what is drawn, so that small ones are seen."""
    norm = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.sqrt(np.where(norm > 0, norm, 1.0))


def _pair_view(t: Trajectory, index: np.ndarray, z: np.ndarray, dims: np.ndarray) -> np.ndarray:
    """Returns [S, F, K * 6]: for each task the drawn pair's 2 x 2 block of A_k, row by row, and its offset.

    The offset holds what the dimensions that are not drawn contribute, so the current point is where it is.
    """
    matrices, offsets = t.matrices[:, index], t.offsets[:, index]
    r = np.einsum("sfkij,sfj->sfki", matrices, z) + offsets
    block = matrices[..., dims[:, None], dims[None, :]]
    shift = r[..., dims] - np.einsum("sfkij,sfj->sfki", block, z[..., dims])
    return np.concatenate([block.reshape(*block.shape[:3], 4), shift], axis=-1).reshape(*z.shape[:2], -1)


def _curve(t: Trajectory, name: str) -> np.ndarray:
    """Returns one diagnostic [S, T + 1] as it is drawn: ratio and condition number as their logarithm to base 10."""
    values = t.diagnostics[..., DIAGNOSTICS.index(name)]
    if name == "cosine":
        return np.clip(np.nan_to_num(values), -1.0, 1.0)
    return np.log10(np.clip(np.nan_to_num(values, nan=1.0, posinf=1e16), 1e-16, 1e16))


def _cloud(stream: Stream, t: Trajectory, index: np.ndarray, dims: np.ndarray) -> dict[str, Any] | None:
    """Returns the batch's points at fewer frames: `every` names the frames they belong to. None for one input."""
    starts, _, points, _ = t.z.shape
    if points == 1:
        return None
    frames = thin(len(index), max(12, CLOUD_VALUES // (starts * points * 2)))
    drawn = _rows(t.z[:, index[frames]][..., dims])
    return {"every": [int(x) for x in frames], "points": stream.add(drawn, bits=10, share=2)}
