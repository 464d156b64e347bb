"""The page's engine, in node, against the server's: the same kernels, so the same bits, whatever is run."""

from typing import Any

import numpy as np
import pytest

from mtlcore import METHODS
from tests.in_node import Call, run
from toy_problems import PROBLEMS, ToyConfig
from toy_problems.compiled.arrays import Records
from toy_problems.compiled.layout import draw, prepare
from toy_problems.plans import plans_of

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
    assert {c.method: found for c, call in zip(configs, calls, strict=True) if (found := call.differing())} == {}
    assert all(call.flat["ending"][2] > 1 for call in calls)  # and they did run
