"""A configuration is right at birth, or its error names the field, what it got and what it takes."""

import re
from dataclasses import replace

import numpy as np
import pytest

from toy_problems import PROBLEMS, ToyConfig, run, sweep

BAD = [
    ({"problem": "landscapes"}, "problem takes one of avocado"),
    ({"problem": 3}, "problem takes one of"),
    ({"method": "rotogradd"}, "method takes one of uniform"),
    ({"method": ["mgda"]}, "method takes one of uniform"),
    ({"method": "spin+mgda@features"}, "transform takes one of none"),
    ({"lr": 0.0}, "lr takes a number from 1e-06 to 10, got 0.0"),
    ({"lr": float("nan")}, "lr takes a number"),
    ({"lr": "fast"}, "lr takes a number"),
    ({"steps": 1.5}, "steps takes a whole number"),
    ({"steps": 0}, "steps takes a whole number from 1"),
    ({"seed": -1}, "seed takes a whole number from 0"),
    ({"d": 3}, "d takes 2, 4, 6"),
    ({"d": 4, "problem": "landscape", "method": "mgda"}, "d takes 2 on landscape, got 4"),
    ({"s": 1.0}, "s takes a number from 0.02 to 0.98"),
    ({"optimizer": "lion"}, "optimizer takes one of sgd, adam"),
    ({"record_every": 0}, "record_every takes a whole number"),
    ({"params": {"lr_rot": -1.0}}, "lr_rot takes a number from 0 to 10, got -1.0"),
    ({"params": {"lr_rott": 1.0}}, "no parameter 'lr_rott'"),
    ({"params": {"m": 3}}, "m takes -1 (all) or 0 to d = 2, got 3"),
    ({"params": [("m", 2)]}, "params takes a mapping"),
    ({"method": "uniform", "params": {"task_weights": (1.0, 2.0, 3.0)}}, "task_weights"),
    ({"noise": -0.1}, "noise takes a number from 0 to 10, got -0.1"),
    ({"noise": 11.0}, "noise takes a number from 0 to 10"),
    ({"starts": "spread", "problem": "landscape", "method": "mgda"}, 'starts takes "paper", "random"'),
    ({"starts": "middle"}, 'starts takes "spread", "random" or up to 64 points of 2 finite numbers'),
    ({"preferences": (1.0, 2.0, 3.0)}, "ToyConfig: preferences takes 2 numbers, one a task, got 3"),
    ({"preferences": (1.0, -2.0)}, "ToyConfig: preferences takes one number a task"),
    ({"preferences": (float("inf"), 1.0)}, "preferences takes one number a task"),
    ({"preferences": "0.5,0.5"}, "preferences takes one number a task"),
    ({"preferences": (1.0, 0.0), "method": "cagrad"}, "positive numbers"),
    ({"preferences": (0.0, 0.0), "method": "uniform"}, "not all of them 0"),
    (
        {"preferences": (1.0, 2.0), "method": "uniform", "params": {"task_weights": (1.0, 2.0)}},
        "task_weights says the same as preferences",
    ),
    ({"starts": ((1.0, 2.0, 3.0),)}, "points of 2 finite numbers"),
    ({"starts": ((1.0, 2.0), (3.0,))}, "points of 2 finite numbers"),
    ({"starts": ((1.0, float("inf")),)}, "finite numbers"),
    ({"starts": ()}, "starts takes"),
    ({"starts": 7}, "starts takes"),
    ({"starts": ((100.0, 0.0),)}, "starts takes z_1 from -24 to 24 on avocado, got 100"),
]


@pytest.mark.parametrize(("fields", "told"), BAD, ids=[str(fields) for fields, _ in BAD])
def test_a_bad_value_is_refused_with_its_field_and_its_range(fields, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        ToyConfig(**fields)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda problem: problem.key)
def test_every_problem_takes_its_own_defaults_starts_and_dimensions(problem):
    for d in problem.dims:
        starts = tuple(start * (d // len(start)) for start in problem.starts)
        config = ToyConfig(problem=problem.key, method="mgda", d=d, starts=starts)
        assert config.starts == starts
    assert replace(ToyConfig(problem=problem.key, method="mgda", **problem.defaults), seed=5).seed == 5


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda problem: problem.key)
def test_what_was_called_paper_everywhere_opens_the_problems_own_starts(problem):
    fixed = {"problem": problem.key, "method": "mgda", "steps": 1}
    old, own = (ToyConfig(**fixed, starts=word) for word in ("paper", problem.starts_name))
    assert old == own
    assert old.starts == problem.starts_name
    np.testing.assert_allclose(run(old).z[:, 0].mean(axis=1), problem.starts, atol=1e-14)


def test_only_the_published_starts_are_called_the_papers():
    assert {key for key, problem in PROBLEMS.items() if problem.starts_name == "paper"} == {"landscape"}


def test_a_method_keeps_its_parameters_through_replace():
    config = ToyConfig(method="rotograd", params={"lr_rot": 0.02})
    assert replace(config, lr=0.01).params["lr_rot"] == 0.02
    assert dict(replace(config, params={}).params)["lr_rot"] == 0.1


def test_starts_by_hand_become_plain_floats():
    assert ToyConfig(starts=np.array([[1, 2]])).starts == ((1.0, 2.0),)
    assert ToyConfig(starts=[[1, 2]]) == ToyConfig(starts=((1.0, 2.0),))


@pytest.mark.parametrize(
    ("initial", "told"),
    [
        ({"w1": 0}, "initial takes W1, b1, W2, b2, x, R; got 'w1'"),
        ({"W1": np.zeros((2, 10))}, "W1 takes finite numbers of shape [10, 2], got shape [2, 10]"),
        ({"x": np.full((1, 2), np.nan)}, "x takes finite numbers"),
        ({"R": np.eye(2)}, "R takes finite numbers of shape [2, 2, 2]"),
        ({"R": np.ones((2, 2, 2))}, "R takes rotations"),
        ({"b2": "zero"}, "b2 takes finite numbers"),
    ],
    ids=str,
)
def test_bad_initial_weights_are_named(initial, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        run(ToyConfig(steps=1), initial=initial)


def test_a_problem_without_backbone_takes_no_weights():
    with pytest.raises(ValueError, match="landscape has no backbone, so it takes no W1"):
        run(ToyConfig(problem="landscape", method="mgda", steps=1), initial={"W1": np.zeros((10, 2))})


def test_engines_are_named():
    with pytest.raises(ValueError, match='engine takes "compiled" or "reference", got \'fast\''):
        run(ToyConfig(steps=1), engine="fast")
    with pytest.raises(ValueError, match='method adversarial takes engine="reference"'):
        run(ToyConfig(method="adversarial", steps=1))
    with pytest.raises(ValueError, match="config takes a ToyConfig, got 'avocado'"):
        run("avocado")
    with pytest.raises(ValueError, match="params takes a mapping of names to values"):
        ToyConfig(params={3: 4})


@pytest.mark.parametrize(
    ("axes", "seeds", "told"),
    [
        ({"lr_rott": [0.1]}, [0], "axis 'lr_rott' is no field and no parameter of rotograd"),
        ({"seed": [1]}, [0], "seed cannot be an axis; use seeds for it"),
        ({"starts": ["paper"]}, [0], "starts cannot be an axis"),
        (None, [0], "axes takes a mapping of names to values, got None"),
        ({"lr": []}, [0], "axis lr takes a sequence of at least one value"),
        ({"lr": 0.1}, [0], "axis lr takes a sequence of at least one value"),
        ({"lr": [0.1, -1.0]}, [0], "lr takes a number from"),
        ({"m": [0, 3]}, [0], "m takes -1 (all) or 0 to d = 2, got 3"),
        ({"lr": [0.1]}, [], "seeds takes a sequence of at least one whole number"),
        ({"lr": [0.1]}, [-1], "seed takes a whole number"),
    ],
    ids=str,
)
def test_a_bad_sweep_names_its_axis(axes, seeds, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        sweep(ToyConfig(steps=1), axes, seeds)
