"""The page makes the same plans as Python of the same view, whatever a hand changes, and so the same runs."""

import math
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from app.engine.contents import table
from app.offered import offered
from app.presets import PRESETS
from app.stage.recipe import kernel_names, shaping
from app.view import MAX_METHODS, View
from mtlcore.compiled.pointers import address
from mtlcore.param import Param
from tests.page_in_node import Asked, answers
from toy_problems import PROBLEMS
from toy_problems.compiled.plan import Plan
from toy_problems.compiled.stage.columns import WIDTH, cloud_frames, columns
from toy_problems.compiled.stage.run import frame_count, run_path
from toy_problems.plans import plans_of

COMPOSED = (
    "rotation_blocks+graddrop@last_shared", "none+unit-cagrad@features", "rotation+ema-nash_mtl@parameters",
    "none+unit-mgda@parameters", "affine+aligned_mtl@last_shared", "none+ema-gradvac@parameters",
)  # fmt: skip
MOST_FRAMES = 400
INFO = 6


def views() -> Iterator[View]:
    """Yields views that have every method that the page offers on every problem, for its least and its most tasks."""
    for problem, spec in PROBLEMS.items():
        for tasks in {spec.task_counts[0], spec.task_counts[-1]}:
            methods = (*offered(problem), *COMPOSED)
            for first in range(0, len(methods), MAX_METHODS):
                yield View(problem, methods[first : first + MAX_METHODS]).having("tasks", tasks)


def changes(view: View) -> Iterator[tuple[str, Any]]:
    """Yields values that a hand can give the view's fields, one at a time: the ends of each and something between."""
    for key in shaping(view):
        entry = view.fields[key]
        for value in (*candidates(key, entry.param, view), entry.default):
            try:
                checked = entry.check(value)
                moved = view.having(key, checked)
                [moved.config(method) for method in view.methods]
            except ValueError:
                continue
            if moved[key] == checked and view.refusal(key, checked) is None:
                yield (
                    key,
                    value if key in ("preferences", "balance") else checked,
                )  # which the page normalises


def candidates(key: str, param: Param, view: View) -> list[Any]:
    """Returns some values for a field, not all of which it need take."""
    tasks, d = view["tasks"], view["d"]
    uneven = tuple(0.5 + k / 3.0 for k in range(tasks))
    if key == "starts":
        return [*param.choices, ((0.1, -0.7) * (d // 2),), ((1.5, 0.25) * (d // 2), (-1.0, 0.3) * (d // 2))]
    if key in ("preferences", "balance"):
        return [uneven, (1.0,) * tasks, uneven[::-1]]
    if param.kind in ("choice", "bool"):
        return list(param.choices) or [True, False]
    if param.kind == "vector":
        return [uneven]
    high = min(param.high, 1000.0)
    low = max(param.low, -1.0)
    between = math.sqrt(low * high) if low > 0.0 else 0.37 * high
    return [round(x) if param.kind == "int" else float(x) for x in (low, between, high)]


@cache
def names_at() -> dict[int, list[str]]:
    """Returns the names of the table's kernels by where they are in this process."""
    found: dict[int, list[str]] = {}
    for name, kernel in table().items():
        found.setdefault(address(kernel, kernel.get_function_type()), []).append(name)
    return found


def differing(plan: Plan, page: dict[str, Any], addressed: list[str]) -> Iterator[str]:
    """Yields the fields in which the page's plan is another one."""
    for name, at in plan.kernels._asdict().items():
        if page[f"kernels.{name}"] != (names_at()[at] if at else []):
            yield f"kernels.{name}"
    for name, value in plan._asdict().items():
        if name == "kernels":
            continue
        got = page[name]
        if isinstance(got, dict):
            got = np.reshape(got["numbers"], got["shape"])
        if name == "start" and len(got):
            got = np.tile(got, plan.dim // len(got))  # the first coordinates are repeated over the others
        expected = np.array(value, dtype=np.float64)
        if name == "rule_hp" and plan.kernels.rule and value.size and names_at().get(int(value[0])):
            if names_at()[int(value[0])] != addressed:
                yield "the rule within the modifier"
            expected, got = expected[1:], got[1:]
        if not np.array_equal(expected, np.asarray(got, dtype=np.float64)):
            yield f"{name}: {expected} {got}"


def check(asked: list[Asked]) -> None:
    """Asserts that the page's plans are Python's, of the view as the hand's changes leave it."""
    for one, told in zip(asked, answers(asked), strict=True):
        moved = one.view
        for key, value in one.live.items():
            moved = moved.having(key, value)
        for method, paths, addressed in zip(moved.methods, told["plans"], told["addresses"], strict=True):
            plans = plans_of(moved.config(method))
            assert len(plans) == len(paths), (method, one.live)
            for plan, page in zip(plans, paths, strict=True):
                assert list(differing(plan, page, addressed)) == [], (one.view, method, dict(one.live))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_pages_plans_are_pythons_whatever_a_hand_changes(problem: str) -> None:
    of_it = [view for view in views() if view.problem == problem]
    check(
        [
            Asked(view, live)
            for view in of_it
            for live in ({}, *({key: value} for key, value in changes(view)))
        ]
    )


def test_a_view_of_ones_own_is_what_the_hands_changes_are_laid_over() -> None:
    view = View("avocado", ("rotograd", "none+unit-cagrad@features", "uniform"))
    for key, value in {
        "d": 8,
        "m": 6,
        "lr": 0.01,
        "s": 0.3,
        "preferences": (0.8, 0.2),
        "starts": "spread",
    }.items():
        view = view.having(key, value)
    assert {"d", "m", "s", "preferences"} <= view.chosen.keys()
    check([Asked(view, {key: value}) for key, value in changes(view)])
    for dim in (2, 4, 16):
        then = view.having("d", dim)
        check([Asked(view, {"d": dim, key: value}) for key, value in changes(then) if key != "d"])


def test_starts_of_another_dimension_give_way() -> None:
    view = View("avocado", ("rotograd",)).having("d", 4).having("starts", ((1.0, 2.0, 0.5, -1.0),))
    assert view["starts"] != view.fields["starts"].default
    check([Asked(view, {"d": dim}) for dim in (2, 4, 8)])


def test_every_kernel_that_a_recipe_names_is_one_of_the_builds() -> None:
    for view in views():
        assert kernel_names(view) <= table().keys()


def series_of(plans: list[Plan], pair: int, optima: np.ndarray) -> Iterator[tuple[str, list[int], float]]:
    """Yields of each path the digest of its series and cloud, its info and how far it gets, as Python computes them."""
    for plan in plans:
        begins = np.zeros(WIDTH + 1, dtype=np.int64)
        columns(plan.scales.size, begins)
        frames = frame_count(plan.steps, plan.record_every, MOST_FRAMES)
        batch = len(plan.points)
        few = cloud_frames(frames, len(plans), batch) if batch > 1 else 0
        series, cloud = np.zeros((frames, begins[-1])), np.zeros((few, 2 * batch if few else 0))
        info, start = np.zeros(INFO, dtype=np.int64), np.zeros(plan.dim)
        reached = run_path(plan, pair, optima, series, cloud, info, start)
        yield sha256(series.tobytes() + cloud.tobytes()).hexdigest(), info.tolist(), reached


def test_every_presets_runs_have_the_same_bits_in_the_page() -> None:
    check_runs([Asked(preset.view, run=True) for preset in PRESETS.values()])


def test_another_pair_of_dimensions_is_told_in_the_page_too() -> None:
    view = View("nonconvex", ("rotograd", "graddrop")).having("d", 8).having("noise", 0.1).having("steps", 30)
    check_runs([Asked(view.having("pair", pair), run=True) for pair in (1, 3)])


def check_runs(asked: list[Asked]) -> None:
    """Asserts that every path's series, cloud, info and reach are Python's, to the last bit."""
    for one, told in zip(asked, answers(asked), strict=True):
        for method, paths in zip(one.view.methods, told["paths"], strict=True):
            config = one.view.config(method)
            optima = config.problem_spec.known_optima(config.d, config.tasks)
            here = list(series_of(plans_of(config), one.view.pair[0] // 2, optima))
            page = [(path["hash"], path["info"], path["reached"]) for path in paths]
            assert page == here, (one.view, method)
