"""One run's series for the stage: paths, arrows, views and small curves, at few enough frames."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.stage._series import Stream, thin
from toy_problems import pairs_solved
from toy_problems.trajectory import DIAGNOSTICS, Outcome, Trajectory

CLOUD_VALUES = (
    6_000  # numbers of a drawn batch per run: it is sent at fewer frames and joined by straight lines
)
LOSS_FLOOR = 1e-8  # of the excess loss, on a logarithmic axis
CURVES = ("cosine", "norm_ratio", "condition")
LONGEST = 1.25  # an arrow is at most this many times the usual longest


@dataclass(frozen=True)
class Frame:
    """What all runs of one picture share: the drawn dimensions, the paths' box, the arrows' unit."""

    dims: np.ndarray  # [2]
    low: np.ndarray  # [2]: a path that leaves the box is held at its edge
    high: np.ndarray  # [2]
    unit: float  # root of a gradient's norm that is drawn at full size
    frames: int  # at most


def turns(trajectory: Trajectory) -> bool:
    """Returns whether any task sees something else than z itself."""
    eye = np.eye(trajectory.z.shape[-1])
    return bool((trajectory.matrices != eye).any() or trajectory.offsets.any())


def sane_records(t: Trajectory) -> list[int]:
    """Returns for each path how many records say what to look at: all, or the first of one that diverged."""
    return [1 if path.outcome is Outcome.DIVERGED else len(t.steps) for path in t.status]


def arrow_unit(trajectories: list[Trajectory], dims: np.ndarray) -> float:
    """Returns the usual longest arrow, which is drawn at full size: a tenth of the gradients are longer."""
    norms = [
        np.linalg.norm(path[:end].sum(axis=2)[..., dims], axis=-1).ravel()
        for t in trajectories
        for path, end in zip(t.gradients, sane_records(t), strict=True)
    ]
    usual = float(np.sqrt(np.quantile(np.concatenate(norms), 0.9)))
    return usual if usual > 0 else 1.0


def add_run(stream: Stream, t: Trajectory, frame: Frame) -> dict[str, Any]:
    """Returns the header's entry of one run; its series are stored as rows, starts x channels."""
    dims, index = frame.dims, thin(len(t.steps), frame.frames)
    excess = np.log10(np.maximum(t.excess[:, index], LOSS_FLOOR))
    z = t.z[:, index].mean(axis=2)
    reach = 4 * float((frame.high - frame.low).max())
    view = np.clip(_pair_view(t, index, z, dims), -reach, reach)
    path = np.clip(z[..., dims], frame.low, frame.high)
    gradients = _arrows(t.gradients[:, index].sum(axis=3)[..., dims], frame.unit)
    update = _arrows(t.update[:, index].sum(axis=2)[..., dims], frame.unit)
    vanished, capped = t.vanished, t.capped
    curves = np.stack([_held(_curve(t, name), vanished)[:, index] for name in CURVES], axis=-1)
    steps = t.steps[index]
    return {
        "starts": t.z.shape[0],
        "frames": len(index),
        "steps": [int(steps[0]), *(int(x) for x in np.diff(steps))],
        "outcome": [[int(path.outcome), int(path.step)] for path in t.status],
        "solved": [int(x) for x in solved_at(t, dims)],
        "vanished": [_flips(path) for path in vanished[:, index]],
        "capped": [_flips(path) for path in capped[:, index]],
        "z": stream.add(_rows(path), share=2),
        "excess": stream.add(_rows(excess), bits=13, share=excess.shape[-1]),
        "gradients": stream.add(_rows(gradients), bits=10, order=1),
        "update": stream.add(_rows(update), bits=10, order=1),
        "curves": stream.add(_rows(curves), bits=10, order=1, share=len(CURVES)),
        "view": stream.add(_rows(view), bits=13, share=view.shape[-1]) if turns(t) else None,
        "cloud": _cloud(stream, t, index, dims),
    }


def solved_at(t: Trajectory, dims: np.ndarray) -> np.ndarray:
    """Returns from which step on each path is solved, as drawn: of several pairs the drawn one; -1 where not: [S]."""
    first, second = (int(i) for i in dims)
    if t.config.d == 2 or first % 2 or second != first + 1:
        return t.solved_at
    return replace(t, success=pairs_solved(t)[..., first // 2]).solved_at


def _held(values: np.ndarray, vanished: np.ndarray) -> np.ndarray:
    """Returns values [S, T + 1] with the last that means something wherever the gradients have vanished."""
    last = np.maximum.accumulate(np.where(vanished, 0, np.arange(values.shape[1])), axis=1)
    return np.take_along_axis(values, last, axis=1)


def _flips(states: np.ndarray) -> list[int]:
    """Returns the frames at which states [F] change, beginning with False."""
    return [int(i) for i in np.flatnonzero(np.diff(states, prepend=False))]


def _rows(values: np.ndarray) -> np.ndarray:
    """Returns values [S, F, ...] as rows [S * channels, F]."""
    starts, frames = values.shape[:2]
    return values.reshape(starts, frames, -1).transpose(0, 2, 1).reshape(-1, frames)


def _arrows(vectors: np.ndarray, unit: float) -> np.ndarray:
    """Returns vectors [..., 2] as drawn: as long as the root of their norm in `unit`s: small ones show."""
    norm = np.linalg.norm(vectors, axis=-1, keepdims=True)
    length = np.minimum(np.sqrt(norm) / unit, LONGEST)
    return vectors / np.where(norm > 0, norm, 1.0) * length


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
    """Returns one diagnostic [S, T + 1] as drawn: of ratio and condition number the logarithm to base 10."""
    values = t.diagnostics[..., DIAGNOSTICS.index(name)]
    if name == "cosine":
        return np.clip(np.nan_to_num(values), -1.0, 1.0)
    return np.log10(np.clip(np.nan_to_num(values, nan=1.0, posinf=1e16), 1e-16, 1e16))


def _cloud(stream: Stream, t: Trajectory, index: np.ndarray, dims: np.ndarray) -> dict[str, Any] | None:
    """Returns the batch's points at fewer frames, `every` naming those frames; None for one input."""
    starts, _, points, _ = t.z.shape
    if points == 1:
        return None
    frames = thin(len(index), max(12, CLOUD_VALUES // (starts * points * 2)))
    drawn = _rows(t.z[:, index[frames]][..., dims])
    return {"every": [int(x) for x in frames], "points": stream.add(drawn, bits=10, share=2)}
