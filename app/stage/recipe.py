"""What a page needs to compute a view's runs by itself: names of kernels, numbers, and the words that go with them.

The page holds no formula and knows no method. A recipe names each run's kernels as the engine's manifest does, says
which of the view's fields stand in their parameters and in which order, and holds what is chosen now; the page lays
what a hand changes over it. What a problem is by itself are its facts, which are sent once.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from app.stage._methods import method_recipe, names_of
from app.stage.pack import Run
from app.view import LOOKING, RECORDS, View
from toy_problems import PROBLEMS
from toy_problems.problem import SOLVED, Problem

VERSION = 1
FRONT_POINTS = 121
FRONT_DIGITS = 5  # a ten-thousandth of a pixel


def recipe(view: View, runs: Sequence[Run], dark: bool | None = None) -> dict[str, Any]:
    """Returns the recipe of a view's runs as plain JSON values. runs: one for each of its methods, for their words."""
    words = _different(run.words for run in runs)
    texts = _different(text for run in runs for _, text in run.passages)
    keys = shaping(view)
    return {
        "version": VERSION,
        "facts": facts_name(view),
        "dark": dark,
        "records": RECORDS,
        "chosen": {key: value for key, value in view.picture.chosen.items() if key in keys},
        "pair": view["pair"],
        "defaults": {key: view.fields[key].default for key in keys},
        "choices": {key: list(view.fields[key].param.choices) for key in keys if _is_choice(view, key)},
        "fits": fits(view),
        "texts": texts,
        "words": words,
        "methods": [
            {
                **method_recipe(view, key),
                "title": run.title,
                "passages": [[int(step), texts.index(text)] for step, text in run.passages],
                "words": words.index(run.words),
            }
            for key, run in zip(view.methods, runs, strict=True)
        ],
    }


def _different(values: Iterable[Any]) -> list[Any]:
    """Returns each value once, in order; they need not be hashable."""
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def shaping(view: View) -> tuple[str, ...]:
    """Returns the keys of the view's fields that its runs depend on."""
    transforms = {p.name for spec in view.specs for p in spec.params}
    own = {key for key in view.fields if "." in key}
    shared = (
        "lr",
        "optimizer",
        "steps",
        "seed",
        "d",
        "s",
        "balance",
        "noise",
        "preferences",
        "starts",
        "record_every",
    )
    return tuple(key for key in view.fields if key in own or key in transforms or key in shared)


def _is_choice(view: View, key: str) -> bool:
    return key != "starts" and view.fields[key].param.kind == "choice"


def fits(view: View) -> dict[str, dict[str, Any]]:
    """Returns what else changes with d: for each d that is not chosen now the fields that no longer fit, and what they
    become; None for a field that goes back to its default. Of a d where nothing else changes there is no entry.
    """
    found = {}
    for dim in PROBLEMS[view.problem].dims:
        then = view.having("d", dim).chosen
        moved = {
            key: then.get(key)
            for key in view.chosen
            if key not in ("d", *LOOKING) and then.get(key) != view[key]
        }
        if moved:
            found[str(dim)] = moved
    return {"d": found}


def facts_name(view: View) -> str:
    """Returns the name of the facts that a view's recipe refers to: of another content another name."""
    return _facts(view.problem, view["tasks"])[0]


def facts(view: View) -> dict[str, Any]:
    """Returns what the view's problem is by itself, for so many tasks, as plain JSON values."""
    return _facts(view.problem, view["tasks"])[1]


def kernel_names(view: View) -> frozenset[str]:
    """Returns the names of all kernels that the view's runs call, as the engine's manifest has them."""
    problem = PROBLEMS[view.problem]
    own = (name for name in problem_kernels(problem).values() if name)
    return frozenset(own).union(*(names_of(view, key) for key in view.methods))


def problem_kernels(problem: Problem) -> dict[str, str | None]:
    """Returns the manifest's names of a problem's kernels by what they are; None for one that it has not."""
    names: dict[str, str | None] = {
        part: f"problem:{problem.key}:{part}" for part in ("loss", "constants", "solved", "pair_excess")
    }
    return names if problem.pair_excess is not None else names | {"pair_excess": None}


@lru_cache(maxsize=32)
def _facts(key: str, tasks: int) -> tuple[str, dict[str, Any]]:
    problem, front = PROBLEMS[key], PROBLEMS[key].front_of(tasks)
    told = {
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
        "front": None
        if front is None or problem.backbone
        else plain(np.round(front(FRONT_POINTS), FRONT_DIGITS)),
        "weighted_optimum": problem.weighted_optimum is not None,
        "solved": SOLVED,
        "batch": problem.batch,
    }
    return hashlib.blake2b(written(told).encode(), digest_size=4).hexdigest(), told


def _finite(points: Iterable[Any]) -> list[np.ndarray]:
    return [point for point in map(np.asarray, points) if np.isfinite(point).all()]


def plain(values: Any) -> Any:
    """Returns arrays, and tuples of numbers, as lists of floats."""
    return np.asarray(values, dtype=np.float64).tolist()


def written(value: Mapping[str, Any]) -> str:
    """Returns plain values as the shortest JSON, the same for the same values."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
