"""Preferences in the toys: who follows them, where the landscape's star is, and what a run does with them."""

import json

import numpy as np
import pytest

from mtlcore import METHODS, RULES
from mtlcore.preferences import alike
from toy_problems import PROBLEMS, ToyConfig, run, sweep
from toy_problems.__main__ import config_of, main
from toy_problems.problems.landscape import LANDSCAPE, front_distance, optimum_distance

SILENT = [key for key, spec in METHODS.items() if spec.rule_spec.preferences == "none"]
FOLLOWING = [key for key, spec in METHODS.items() if key not in SILENT and spec.transform != "adversarial"]
EVEN = (1.0, 1.0)
WISHES = ((0.2, 0.8), (0.5, 0.5), (0.8, 0.2))


def landscape(method, preferences, steps):
    """Returns the ends of the five published starts, [5, 2]."""
    config = ToyConfig(
        problem="landscape", method=method, optimizer="adam", lr=1e-3, steps=steps, starts="paper",
        record_every=steps, preferences=preferences,
    )  # fmt: skip
    return run(config).z[:, -1, 0]


@pytest.mark.parametrize("method", SILENT)
def test_a_method_whose_rule_takes_none_runs_without_them(method):
    plain = ToyConfig(method=method, steps=20)
    wished = ToyConfig(method=method, steps=20, preferences=(4, 1))
    assert wished.preferences == (0.8, 0.2)
    assert wished.followed_preferences is None
    np.testing.assert_array_equal(run(plain).z, run(wished).z)


@pytest.mark.parametrize("method", FOLLOWING)
def test_a_method_whose_rule_takes_them_goes_elsewhere(method):
    plain, wished = (run(ToyConfig(method=method, steps=20, preferences=p)) for p in (None, (0.8, 0.2)))
    equal = run(ToyConfig(method=method, steps=20, preferences=(3, 3)))
    np.testing.assert_array_equal(plain.z, equal.z)
    np.testing.assert_array_equal(plain.update, equal.update)
    assert np.abs(plain.z[:, -1] - wished.z[:, -1]).max() > 1e-6


@pytest.mark.parametrize("s", [0.1, 0.5, 0.7])
@pytest.mark.parametrize("p", [(0.01, 0.99), (0.3, 0.7), (0.5, 0.5), (0.9, 0.1)])
def test_the_star_is_the_lowest_point_of_the_weighted_sum(p, s):
    b = ToyConfig(problem="landscape", method="mgda", s=s).scales
    at = LANDSCAPE.lowest_point(p, b)

    def total(points):
        losses = [LANDSCAPE.formula(np, points[..., None, :], k, b) for k in range(2)]
        return p[0] * losses[0] + p[1] * losses[1]

    assert front_distance(at) == pytest.approx(0.0, abs=1e-6)
    share = p[0] * b[0] / (p[0] * b[0] + p[1] * b[1])
    assert at[0] == pytest.approx(14 * share - 7)
    rng = np.random.default_rng(0)
    for reach in (1e-3, 0.1, 3.0):
        assert (total(at + reach * rng.normal(size=(500, 2))) >= total(at) - 1e-12).all()
    assert optimum_distance(at, b, p) == 0.0


def test_only_the_landscape_has_a_star():
    assert [key for key, problem in PROBLEMS.items() if problem.weighted_optimum is not None] == ["landscape"]


@pytest.mark.parametrize("wish", WISHES)
def test_aligned_mtl_ends_at_the_star_from_every_published_start(wish):
    ends = landscape("aligned_mtl", wish, 150_000)
    assert (optimum_distance(ends, EVEN, wish) < 1.25).all()
    assert (front_distance(ends) < 0.05).all()


@pytest.mark.parametrize("method", ["nash_mtl", "imtl_g", "mgda"])
def test_the_others_end_on_the_front_and_not_at_the_star(method):
    """They reach the star by the luck of the start: 1 or 2 of 5, whatever was wished for."""
    for wish in WISHES:
        ends = landscape(method, wish, 150_000)
        assert (front_distance(ends) < 0.05).all()
        assert 1 <= (optimum_distance(ends, EVEN, wish) < 1.25).sum() <= 2


def test_cagrad_reaches_the_star_from_every_start_only_in_many_steps():
    """What the help of Steps says on the landscape."""
    for wish in WISHES:
        assert (optimum_distance(landscape("cagrad", wish, 35_000), EVEN, wish) < 1.25).sum() == 3
        assert (optimum_distance(landscape("cagrad", wish, 150_000), EVEN, wish) < 1.25).all()
    assert "150,000" in LANDSCAPE.steps_help


def test_a_sweep_goes_over_preferences():
    base = ToyConfig(problem="landscape", method="aligned_mtl", **LANDSCAPE.defaults)
    found = sweep(base, {"preferences": [(0.2, 0.8), (0.8, 0.2)], "method": ["uniform", "mgda"]})
    assert found.excess.shape == (2, 2, 1, 5, 2)
    assert (found.excess[0, 0] != found.excess[1, 0]).any()
    np.testing.assert_array_equal(found.excess[0, 1], found.excess[1, 1])


def test_the_command_line_takes_and_tells_them(capsys):
    config, _ = config_of(["--preferences", "4,1", "--method", "cagrad", "--rescale", "1"])
    assert config.preferences == (0.8, 0.2)
    assert config.params["rescale"] == "none"
    assert main(["--preferences", "4,1", "--method", "pcgrad", "--steps", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["preferences"] == [0.8, 0.2]
    assert main(["--preferences", "0,1", "--method", "pcgrad"]) == 2
    assert "preferences takes one number a task, positive numbers" in capsys.readouterr().err


def test_shares_are_equal_without_preferences():
    config = ToyConfig()
    assert config.preferences is None
    assert config.shares.tolist() == [0.5, 0.5]
    assert alike(config.preferences)
    assert {spec.preferences for spec in RULES.values()} == {"none", "positive", "nonnegative"}
