"""A line of the league table says of a run what its arrays say."""

import numpy as np
import pytest

from mtlcore.registry import METHODS, method_spec
from toy_problems import ToyConfig, run
from toy_problems.standings import distance, moves, standing

STARTS = ((0.5, -2.0), (-1.0, 2.0), (2.0, 1.0))


@pytest.mark.parametrize("method", ["uniform", "pcgrad", "rotograd", "mgda"])
def test_a_path_is_no_shorter_than_the_way_from_its_start_to_its_end(method: str) -> None:
    path = run(ToyConfig(method=method, starts=STARTS, steps=60))
    for start in range(len(STARTS)):
        z = path.z[start, :, 0]
        length, back = moves(path, start)
        assert length >= np.linalg.norm(z[-1] - z[0]) * (1 - 1e-12)
        assert 0.0 <= back <= 1.0
    assert standing(path).length == pytest.approx(np.mean([moves(path, s)[0] for s in range(len(STARTS))]))


def test_small_steps_downhill_do_not_go_back_and_too_long_ones_do() -> None:
    short, long = (run(ToyConfig(method="uniform", lr=lr, steps=100, seed=6)) for lr in (1e-4, 0.5))
    assert standing(short).reversals == 0.0
    assert standing(long).reversals > 0.5


def test_steps_and_starts_are_those_of_the_paths_that_arrive() -> None:
    path = run(
        ToyConfig(
            "landscape", "uniform", starts="paper", steps=35_000, record_every=100, lr=0.001, optimizer="adam"
        )
    )
    line = standing(path)
    there = path.solved_at[path.solved_at >= 0]
    assert 0 < line.solved == there.size < line.starts == len(path.status)
    assert line.steps == np.median(there)
    assert np.isnan(standing(run(ToyConfig("landscape", "uniform", steps=3))).steps)


def test_the_distance_is_to_the_weighted_optimum_and_nan_where_there_is_none() -> None:
    base = {"starts": ((0.0, -4.0),), "record_every": 10, "lr": 0.001, "optimizer": "adam"}
    ends = [
        distance(run(ToyConfig("landscape", "uniform", steps=steps, **base))) for steps in (10, 3500, 35_000)
    ]
    assert ends == sorted(ends, reverse=True)
    assert ends[-1] < 0.05 < ends[0]
    assert np.isnan(distance(run(ToyConfig("landscape", "rotograd", steps=10, **base))))
    assert np.isnan(distance(run(ToyConfig("avocado", "uniform", steps=5))))


@pytest.mark.parametrize("method", METHODS)
def test_a_step_takes_one_backward_pass_or_one_a_task(method: str) -> None:
    spec = method_spec(method)
    looks = spec.level == "parameters" and spec.rule_spec.needs_gradients
    assert spec.backward_passes(4) == (4 if looks else 1)
