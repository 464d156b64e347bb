"""The page's engine, in node, against the server's: the same kernels, so the same bits, whatever is run."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mtlcore import METHODS
from tests.in_node import Call, InTable, flattened, run
from toy_problems import PROBLEMS, ToyConfig
from toy_problems.compiled import engine
from toy_problems.compiled.arrays import Leg
from toy_problems.initial import draw, draw_rows, noise_size

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


def prepared(config: ToyConfig) -> tuple[engine.Path, Leg]:
    """Returns the configuration's last path at its beginning, and all its steps."""
    initial = draw(config, config.problem_spec, None)[-1]
    path = engine.prepare(config, config.problem_spec, initial, engine.setup_of(config))
    for array in path.arrays.records:  # where nothing is recorded, nothing differs
        array[...] = 0
    seen, draws = path.arrays.features.seen, np.empty((0, 0, 0, 0))
    noise = draw_rows(config, initial.noise(), config.steps + 1, noise_size(config, initial))
    if config.noise > 0.0:
        draws = initial.gradient_noise().standard_normal((config.steps + 1, *seen.shape))
    return path, Leg(noise, draws, 0, config.steps)


def in_the_page(config: ToyConfig) -> Call:
    """Returns the call by which the page runs the configuration's last path."""
    path, leg = prepared(config)
    spec, known = config.resolved.spec, path.kernels
    around, _, inner = spec.rule_spec.key.rpartition("-")
    rule = InTable(f"modifier:{around}" if around else f"rule:{inner}")
    kernels = known._replace(
        loss=InTable(f"problem:{config.problem}:loss"),
        rule=rule if known.rule else 0,
        element=rule if known.element else 0,
        learn=InTable(f"transform:{spec.transform}:learn") if known.learn else 0,
    )
    within = [("path.buffers.hp", 0, InTable(f"rule:{inner}"))] if around else []
    return Call(path.follow.py_func.__name__, {"kernels": kernels, "path": path.arrays, "leg": leg}, within)


def differing(config: ToyConfig, call: Call) -> Iterator[str]:
    """Yields what is not equal to the last bit, of all that a path writes."""
    path, leg = prepared(config)
    path.follow(path.kernels, path.arrays, leg)
    for label, array in flattened({"path": path.arrays._replace(buffers=path.arrays.buffers._replace(hp=0))}):
        if isinstance(array, np.ndarray) and array.tobytes() != call.arrays[label].tobytes():
            yield f"{config.method}: {label}"


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
    calls = [in_the_page(config) for config in configs]
    run(calls)
    assert len(configs) > len(METHODS_HERE) / 2  # some rules take no preferences
    assert [
        found for config, call in zip(configs, calls, strict=True) for found in differing(config, call)
    ] == []
