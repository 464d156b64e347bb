"""How well the tasks are served: improvement over single-task networks, hypervolume, Pareto distance."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import numpy as np


class Improvement(NamedTuple):
    """The relative task improvement over the tasks, in percent; higher is better."""

    mean: float
    median: float
    max: float


def relative_task_improvement(metrics: Any, single: Any, lower_is_better: Any = False) -> np.ndarray:
    """Returns Delta_k = 100 (-1)^{l_k} (M_k - S_k) / S_k in percent, [..., K]; positive where sharing helped.

    metrics: [..., K] of the multi-task model; single: [K] of K single-task networks; lower_is_better: one
    bool, or [K]. Raises ValueError for another shape or a baseline of 0. Source: Javaloy & Valera 2021, eq.
    6.
    """
    return -_relative_drop(metrics, single, ~np.asarray(lower_is_better, dtype=bool))


def summarise(delta: Any) -> Improvement:
    """Returns mean, median and maximum over the tasks of one model's Delta_k [K], in percent."""
    values = np.asarray(delta, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"delta takes one number a task, got shape {list(values.shape)}.")
    return Improvement(float(values.mean()), float(np.median(values)), float(values.max()))


def delta_m(
    metrics: Any,
    single: Any,
    higher_is_better: Any,
    task_of: Sequence[int] | None = None,
    weighting: Literal["task", "metric"] = "task",
) -> np.ndarray:
    """Returns Delta m in percent, [...]: the mean drop against single-task networks; lower is better.

    metrics: [..., M], single: [M], higher_is_better: one bool or [M], for M metrics; task_of: [M], the task
    each one belongs to (each its own if not given). `task` averages a task's metrics first (1 / n_t) and then
    the tasks, `metric` averages all metrics alike. Raises ValueError for another shape, weighting, or a
    baseline of 0. Source: Senushkin et al. 2023, section 6.1, whose printed task-weighted formula lacks 1 /
    n_t and the factor 100 of its tables.
    """
    drop = _relative_drop(metrics, single, higher_is_better)
    if weighting not in ("task", "metric"):
        raise ValueError(f"weighting takes task or metric, got {weighting!r}.")
    if weighting == "metric" or task_of is None:
        return drop.mean(axis=-1)
    tasks = np.asarray(task_of)
    if tasks.shape != drop.shape[-1:]:
        raise ValueError(
            f"task_of takes {drop.shape[-1]} task numbers, one a metric, got shape {list(tasks.shape)}."
        )
    return np.mean([drop[..., tasks == task].mean(axis=-1) for task in np.unique(tasks)], axis=0)


def wilson_interval(successes: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Returns the interval (low, high) that holds the share behind `successes` of `total` independent trials.

    Unlike the usual one it is right near 0 and 1 and for few trials. Raises ValueError where the counts are none or
    the confidence does not lie between 0 and 1. Source: Wilson 1927, score interval without continuity correction.
    """
    if not 0 <= successes <= total or total < 1:
        raise ValueError(f"successes takes 0 to total, and total at least 1, got {successes} of {total}.")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence takes a number between 0 and 1, got {confidence!r}.")
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2.0) ** 2
    middle = (successes + z2 / 2.0) / (total + z2)
    spread = math.sqrt(z2 * (successes * (total - successes) / total + z2 / 4.0)) / (total + z2)
    low = 0.0 if successes == 0 else middle - spread
    return low, 1.0 if successes == total else middle + spread


def hypervolume(points: Any, reference: Any) -> float:
    """Returns the volume that losses `points` [n, K] dominate below `reference` [K], exactly.

    Points that are not below the reference in every task count nothing. Raises ValueError for another shape
    or a number that is not finite. Exclusive volumes are added up point by point (While et al. 2012), fit for
    tens of points.
    """
    losses = np.atleast_2d(np.asarray(points, dtype=np.float64))
    corner = np.asarray(reference, dtype=np.float64)
    if losses.size == 0:
        return 0.0
    if losses.ndim != 2 or corner.shape != losses.shape[1:]:
        raise ValueError(
            f"points take [n, K] and reference [K], got {list(losses.shape)} and {list(corner.shape)}."
        )
    if not (np.isfinite(losses).all() and np.isfinite(corner).all()):
        raise ValueError("points and reference take finite losses.")
    gains = corner - losses
    return _volume(_maximal(gains[(gains > 0.0).all(axis=1)]))


def distance_to_front(points: Any, front: Any) -> np.ndarray:
    """Returns the distance of each point [..., D] to a Pareto front, [...], in the points' units.

    front: [n, D], the corners of a polyline in order (n = 1 is a point); the nearest place may lie between
    two corners. Raises ValueError for another shape.
    """
    places, line = np.asarray(points, dtype=np.float64), np.atleast_2d(np.asarray(front, dtype=np.float64))
    if line.ndim != 2 or len(line) == 0 or places.shape[-1:] != line.shape[1:]:
        raise ValueError(
            f"points take [..., D] and front [n, D], got {list(places.shape)} and {list(line.shape)}."
        )
    start, way = (line[:-1], np.diff(line, axis=0)) if len(line) > 1 else (line, np.zeros_like(line))
    length2 = np.maximum((way**2).sum(axis=1), np.finfo(float).tiny)
    offset = places[..., None, :] - start
    share = np.clip((offset * way).sum(axis=-1) / length2, 0.0, 1.0)
    return np.linalg.norm(offset - share[..., None] * way, axis=-1).min(axis=-1)


def _relative_drop(metrics: Any, single: Any, higher_is_better: Any) -> np.ndarray:
    """Returns 100 (-1)^sigma (M - S) / S, positive where the metric got worse: [..., M]."""
    got, base = np.asarray(metrics, dtype=np.float64), np.asarray(single, dtype=np.float64)
    higher = np.asarray(higher_is_better, dtype=bool)
    if base.ndim != 1 or got.shape[-1:] != base.shape or higher.shape not in ((), base.shape):
        raise ValueError(
            "metrics take [..., M], single [M] and the direction one bool or [M], "
            f"got {list(got.shape)}, {list(base.shape)} and {list(higher.shape)}."
        )
    if not base.all():
        raise ValueError(
            f"single takes numbers other than 0, got 0 for metric {int(np.argmin(base != 0.0))}."
        )
    return 100.0 * np.where(higher, -1.0, 1.0) * (got - base) / base


def _maximal(gains: np.ndarray) -> np.ndarray:
    """Returns the rows that no other row is at least as large as in every column, once each."""
    rows = np.unique(gains, axis=0)
    beaten = [((rows >= row).all(axis=1) & (rows > row).any(axis=1)).any() for row in rows]
    return rows[~np.array(beaten, dtype=bool)]


def _volume(gains: np.ndarray) -> float:
    """Returns the volume of the union of the boxes between 0 and each row; in two columns by a sweep."""
    if len(gains) == 0:
        return 0.0
    if gains.shape[1] <= 2:
        order = gains[np.argsort(-gains[:, 0])]
        heights = order[:, -1] if gains.shape[1] == 2 else np.ones(len(order))
        floors = np.concatenate(([0.0], np.maximum.accumulate(heights)[:-1]))
        return float((order[:, 0] * np.maximum(heights - floors, 0.0)).sum())
    total = 0.0
    for i, row in enumerate(gains):
        shared = np.minimum(gains[i + 1 :], row)
        total += float(row.prod()) - _volume(_maximal(shared))
    return total
