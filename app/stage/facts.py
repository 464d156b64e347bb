"""What every problem is by itself, for the page: names of kernels, boxes, starts, optima, front. Sent once."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np

from app.engine.contents import OF_A_PROBLEM
from toy_problems import PROBLEMS
from toy_problems.problem import SOLVED, Problem

FRONT_POINTS = 121
FRONT_DIGITS = 5  # a ten-thousandth of a pixel


def all_facts() -> dict[str, dict[str, Any]]:
    """Returns the facts of every problem for every number of tasks it takes, by their names."""
    return {
        facts_name(key, tasks): facts(key, tasks) for key, p in PROBLEMS.items() for tasks in p.task_counts
    }


@cache
def facts_name(key: str, tasks: int) -> str:
    """Returns the name of a problem's facts: of another content another name."""
    return hashlib.blake2b(written(facts(key, tasks)).encode(), digest_size=4).hexdigest()


def problem_kernels(problem: Problem) -> dict[str, str | None]:
    """Returns the manifest's names of a problem's kernels by what they are; None for one that it has not."""
    return {
        part: None if getattr(problem, name) is None else f"problem:{problem.key}:{part}"
        for part, name in OF_A_PROBLEM.items()
    }


def facts(key: str, tasks: int) -> dict[str, Any]:
    """Returns what a problem is by itself, for so many tasks, as plain JSON values."""
    problem, front = PROBLEMS[key], PROBLEMS[key].front_of(tasks)
    drawn = front is not None and not problem.backbone
    return {
        "problem": key,
        "title": problem.title,
        "tasks": list(problem.task_names(tasks)),
        "dims": list(problem.dims),
        "kernels": problem_kernels(problem),
        "backbone": problem.backbone,
        "sees_views": problem.sees_views,
        "bounds": plain(problem.bounds),
        "points": None if problem.points is None else plain(problem.points),
        "labels": None if problem.labels is None else [int(label > 0) for label in problem.labels],
        "angles": plain(problem.angles),
        "starts": {"random": [[]], problem.starts_name: plain(problem.starts)},
        "optima": plain(
            _finite(problem.optima(max(problem.dims), tasks))
        ),  # of fewer dimensions: the first of them
        "front": plain(np.round(front(FRONT_POINTS), FRONT_DIGITS)) if drawn and front else None,
        "solved": SOLVED,
        "batch": problem.batch,
    }


def _finite(points: Iterable[Any]) -> list[np.ndarray]:
    return [point for point in map(np.asarray, points) if np.isfinite(point).all()]


def plain(values: Any) -> Any:
    """Returns arrays, and tuples of numbers, as lists of floats."""
    return np.asarray(values, dtype=np.float64).tolist()


def written(value: Mapping[str, Any]) -> str:
    """Returns plain values as the shortest JSON, the same for the same values."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
