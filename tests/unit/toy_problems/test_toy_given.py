"""What a page normalises by kernels is what Python takes, to the last bit."""

import math

import numpy as np
import pytest

from mtlcore.preferences import normalised
from toy_problems import ToyConfig
from toy_problems.compiled.given import even_scales, exact_sum, normalise

# Half an ulp beside 1 with something smaller behind it: where a sum is rounded twice it goes wrong.
HARD = ((1.0, 2.0**-53, 2.0**-106), (1.0, 2.0**-53, -(2.0**-106)), (1e16, 1.0, 1e-16), (0.1,) * 10)


@pytest.mark.parametrize("numbers", HARD)
def test_a_sum_is_rounded_once(numbers: tuple[float, ...]) -> None:
    assert exact_sum(np.array(numbers)) == math.fsum(numbers)


def test_sums_of_many_scales_are_exact() -> None:
    rng = np.random.default_rng(0)
    for size in range(1, 9):
        for _ in range(500):
            numbers = rng.random(size) * 10.0 ** rng.integers(-17, 17, size)
            assert exact_sum(numbers) == math.fsum(numbers)


@pytest.mark.parametrize("total", [1.0, 2.0, 5.0])
def test_shares_are_normalised_as_python_does(total: float) -> None:
    rng = np.random.default_rng(1)
    for size in range(1, 6):
        for _ in range(300):
            given = np.round(rng.random(size), rng.integers(1, 17)) + 1e-3
            out = np.empty(size)
            normalise(given, total, out)
            assert tuple(out) == normalised(given, "", name="x", total=total)
            again = np.empty(size)
            normalise(out, total, again)
            assert (again == out).all()


def test_s_is_the_balance_of_two_tasks() -> None:
    for s in np.linspace(0.02, 0.98, 97):
        out = np.empty(2)
        even_scales(s, out)
        assert tuple(out) == ToyConfig(s=float(s)).scales
