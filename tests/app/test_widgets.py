"""Sliders derive from parameters: every one of the registry gets stops that suit its range and scale."""

import numpy as np
import pytest

from app.view import View
from app.widgets import grid, number, on_grid, ticks
from mtlcore.registry import RULES, TRANSFORMS
from mtlcore.spec import Param
from toy_problems.config import LR, STEPS

PARAMS = [p for spec in (*RULES.values(), *TRANSFORMS.values()) for p in spec.params]
LOGARITHMIC = [p for p in (*PARAMS, LR, STEPS) if p.scale == "log" or p is STEPS]


@pytest.mark.parametrize("param", LOGARITHMIC, ids=lambda p: p.name)
def test_stops_are_clean_ascending_and_in_range(param: Param) -> None:
    stops = ticks(param, param.default)
    assert stops == sorted(set(stops))
    assert param.default in stops
    assert param.low <= stops[0]
    assert stops[-1] == param.high
    assert len(stops) <= 60
    assert len(set(map(number, stops))) == len(stops)


def test_stops_are_one_two_three_five() -> None:
    assert [x for x in ticks(LR) if 0.001 <= x <= 0.05] == [
        0.001,
        0.002,
        0.003,
        0.005,
        0.01,
        0.02,
        0.03,
        0.05,
    ]


def test_an_exact_value_gets_a_stop_of_its_own() -> None:
    assert 0.0123 in ticks(LR, 0.0123)


def test_a_range_from_zero_keeps_zero() -> None:
    rate = View().fields["lr_rot"].param
    assert ticks(rate)[0] == 0.0
    assert ticks(rate)[1] > 0


def test_whole_numbers_stay_whole() -> None:
    stops = ticks(STEPS, 400)
    assert all(isinstance(x, int) for x in stops)
    assert number(35_000) == "35,000"
    assert np.diff(stops).min() >= 1


def test_an_even_slider_gets_a_stop_for_a_value_between_its_stops() -> None:
    balance = View().fields["s"].param
    assert on_grid(balance, 0.9)
    assert not on_grid(balance, 0.123)
    stops = grid(balance, 0.123)
    assert stops == sorted(set(stops))
    assert {balance.low, 0.12, 0.123, 0.13, balance.high} <= set(stops)
