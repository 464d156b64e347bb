"""The page's engine, in node, against the server's: the same kernels, so the same bits, whatever is run."""

from typing import Any

import numpy as np
import pytest

from app.engine import contents
from mtlcore import METHODS
from tests.in_node import Call, run
from toy_problems import PROBLEMS, ToyConfig
from toy_problems.compiled.arrays import Records
from toy_problems.compiled.layout import draw, prepare
from toy_problems.compiled.stage.columns import WIDTH
from toy_problems.plans import addresses, plans_of

STEPS = 25
METHODS_HERE = [key for key, spec in METHODS.items() if spec.transform_spec.in_playground]
COMPOSED = [
    "rotation_blocks+graddrop@last_shared", "none+graddrop@parameters", "rotation+mgda@parameters",
    "affine+aligned_mtl@last_shared", "rotation+unit-cagrad@features", "none+unit-imtl@parameters",
    "rigid+ema-gradvac@last_shared", "none+ema-nash_mtl@parameters",
]  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {
    "its own": {},
    "the other optimiser and noise": {"optimizer": "other", "noise": 0.3},
    "preferences and an uneven balance": {"preferences": (0.7, 0.3), "s": 0.3},
    "three tasks": {"tasks": 3},
    "five tasks, with preferences": {"tasks": 5, "preferences": (0.1, 0.2, 0.4, 0.2, 0.1)},
    "16 dimensions": {"d": 16},
    "16 dimensions by Adam, three tasks and noise": {"d": 16, "tasks": 3, "noise": 0.5, "optimizer": "adam"},
    "the third start, thinned": {"starts": "all", "record_every": 7},
}


def configured(problem: str, method: str, settings: dict[str, Any]) -> ToyConfig | None:
    """Returns a configuration, None where the problem or the method does not take these settings."""
    own = PROBLEMS[problem].defaults
    other = "adam" if own["optimizer"] == "sgd" else "sgd"
    given = {"steps": STEPS, "seed": 3, **settings}
    if given.get("optimizer") == "other":
        given["optimizer"] = other
    if given.get("starts") == "all":
        given["starts"] = PROBLEMS[problem].starts_name
    try:
        return ToyConfig(problem=problem, method=method, **given)
    except ValueError:
        return None


def records_of(config: ToyConfig) -> Call:
    """Returns the call that runs the configuration's last path and writes down all that is recorded of it."""
    plan = plans_of(config)[-1]
    room = prepare(plan, draw(plan)).records
    records = Records(*(np.zeros(array.shape, array.dtype) for array in room))
    return Call("run_records", plan, records, np.zeros(3, dtype=np.int64))


def takes(problem: str, settings: str) -> bool:
    """Returns whether a problem takes these settings at all."""
    return configured(problem, "uniform", SETTINGS[settings]) is not None


CASES = [(problem, settings) for problem in PROBLEMS for settings in SETTINGS if takes(problem, settings)]


def test_every_setting_is_taken_by_problems():
    assert {settings for _, settings in CASES} == set(SETTINGS)


@pytest.mark.parametrize(("problem", "settings"), CASES)
def test_every_method_on_every_problem(problem, settings):
    asked = [configured(problem, method, SETTINGS[settings]) for method in (*METHODS_HERE, *COMPOSED)]
    configs = [config for config in asked if config]
    calls = [records_of(config) for config in configs]
    run(calls)
    assert len(configs) > len(METHODS_HERE) / 2  # some rules take no preferences
    assert {
        c.method: found for c, call in zip(configs, calls, strict=True) if (found := call.differing())
    } == {}
    went = [call.flat["ending"][2] > 1 for call in calls]
    assert sum(went) > 0.9 * len(went)  # from the published starts a few overshoot before their second record


FRAMES = 12
ROOM = (20_000, 500)  # points and polygons of level curves


def drawn(config: ToyConfig) -> Call:
    """Returns the call that runs the configuration's last path and writes what the stage draws of it."""
    plan, problem = plans_of(config)[-1], config.problem_spec
    frames = contents.entries()["frame_count"](config.steps, config.record_every, FRAMES)
    begins = np.zeros(WIDTH + 1, dtype=np.int64)
    contents.entries()["columns"](config.tasks, begins)
    cloud = np.zeros((5, 2 * problem.batch) if problem.batch > 1 else (0, 0))
    series, info = np.zeros((frames, begins[-1])), np.zeros(6, dtype=np.int64)
    optima = problem.known_optima(config.d, config.tasks)
    return Call("run_path", plan, 0, optima, series, cloud, info, np.zeros(config.d))


def level_curves(config: ToyConfig, k: int) -> Call:
    """Returns the call that writes the level curves of one task, or for k = K of all tasks together."""
    kernels, problem, tasks = addresses(config), config.problem_spec, config.tasks
    shares = np.eye(tasks)[k] if k < tasks else config.shares
    optima, square = problem.optima(config.d, tasks), np.array([0.1, -0.2, 4.5])
    points, polygons = ROOM
    written = np.zeros(8), np.zeros((2, points)), np.zeros(polygons, np.int64), np.zeros(8, np.int64)
    return Call(
        "level_curves", kernels.loss, kernels.constants, np.array(config.scales), shares, optima, 0, square,
        int(k < tasks), int(problem.backbone), *written,
    )  # fmt: skip


def compared(calls: list[Call]) -> dict[str, list[str]]:
    """Runs calls in node and here; returns what differs, by the entry."""
    run(calls)
    return {call.entry: found for call in calls if (found := call.differing())}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_the_stage_draws(problem):
    config = ToyConfig(problem=problem, method="rotograd", steps=STEPS, seed=3)
    tasks, kernels = config.tasks, addresses(config)
    path, points = drawn(config), np.random.default_rng(0).uniform(-4.0, 4.0, (30, config.d))
    curves = [level_curves(config, k) for k in range(tasks + 1)]
    losses = Call(
        "losses_of", kernels.loss, kernels.constants, np.array(config.scales), points, np.zeros((30, tasks))
    )
    assert compared([path, *curves, losses]) == {}
    assert all(call.flat["lengths"][0] > 2 for call in curves)
    series, bounds = path.flat["series"], np.array(config.problem_spec.bounds)
    counts, front = np.array([len(series)]), losses.flat["out"][:, :2].copy()
    assert (
        compared([Call("compose", series[None].copy(), counts, tasks, bounds, 6.0, front, np.zeros(8))]) == {}
    )


@pytest.mark.parametrize("problem", [key for key, p in PROBLEMS.items() if p.weighted_optimum is not None])
def test_the_lowest_point(problem):
    config = ToyConfig(problem=problem, method="uniform", preferences=(0.3, 0.7), s=0.4)
    lowest = addresses(config).weighted_optimum, config.shares, np.array(config.scales), np.zeros(config.d)
    assert compared([Call("lowest_point", *lowest)]) == {}


def test_shares_and_balances():
    given = np.array([0.2, 0.5, 0.9])
    calls = [Call("normalise", given, 1.0, np.zeros(3)), Call("even_scales", 0.3, np.zeros(2))]
    calls += [Call("frame_count", steps, every, 300) for steps in (1, 299, 1000) for every in (1, 7)]
    calls += [Call("cloud_frames", 300, 3, 40), Call("columns", 3, np.zeros(10, dtype=np.int64))]
    assert compared(calls) == {}
