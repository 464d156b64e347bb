"""The kernels' own elementary functions: within a unit in the last place, right at the ends, the same bits always."""

import hashlib
import math
from fractions import Fraction

import numpy as np
import pytest

from mtlcore.compiled import elementary
from mtlcore.compiled.double_steps import two_product, two_sum
from tests.elementary_arguments import CASES, worst_error

INF, NAN, TINY = math.inf, math.nan, 5e-324


@pytest.mark.parametrize("name", CASES)
def test_within_a_unit_in_the_last_place(name):
    worst, where = worst_error(name, 3000)
    assert worst < 1.0, where


ENDS = [
    ("exp", (0.0,), 1.0), ("exp", (-INF,), 0.0), ("exp", (INF,), INF), ("exp", (NAN,), NAN), ("exp", (710.0,), INF),
    ("exp", (-746.0,), 0.0), ("exp", (-745.1,), TINY), ("expm1", (0.0,), 0.0), ("expm1", (-0.0,), -0.0),
    ("expm1", (-INF,), -1.0), ("expm1", (INF,), INF), ("expm1", (NAN,), NAN), ("expm1", (TINY,), TINY),
    ("log", (0.0,), -INF), ("log", (1.0,), 0.0), ("log", (-1.0,), NAN), ("log", (INF,), INF), ("log", (NAN,), NAN),
    ("log1p", (-1.0,), -INF), ("log1p", (-2.0,), NAN), ("log1p", (INF,), INF), ("log1p", (-0.0,), -0.0),
    ("log1p", (NAN,), NAN), ("tanh", (INF,), 1.0), ("tanh", (-INF,), -1.0), ("tanh", (-0.0,), -0.0),
    ("tanh", (NAN,), NAN), ("sin", (-0.0,), -0.0), ("sin", (INF,), NAN), ("sin", (NAN,), NAN), ("cos", (0.0,), 1.0),
    ("cos", (-INF,), NAN), ("hypot", (0.0, 0.0), 0.0), ("hypot", (-INF, NAN), INF), ("hypot", (3.0, -4.0), 5.0),
    ("hypot", (NAN, 1.0), NAN), ("hypot", (1.7e308, 0.1), 1.7e308), ("hypot", (TINY, 0.0), TINY),
    ("power", (0.0, 2.0), 0.0), ("power", (0.0, -2.0), INF), ("power", (0.0, 0.0), 1.0), ("power", (2.0, 10.0), 1024.0),
    ("power", (-2.0, 3.0), NAN), ("power", (2.0, 1e308), INF), ("power", (0.5, 1e308), 0.0), ("power", (NAN, 1.0), NAN),
    ("power", (INF, -1.0), 0.0), ("power", (2.0, -1074.0), TINY), ("power", (1.0, NAN), 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "want"), ENDS)
def test_the_ends_of_the_range(name, given, want):
    got = CASES[name][0](*given)
    assert np.array_equal([got], [want], equal_nan=True)
    if want == 0.0:
        assert math.copysign(1.0, got) == math.copysign(1.0, want)


@pytest.mark.parametrize("x", [TINY, 1e-310, 2.3e-308, 0.3, 0.5, 1.0, 1.5, 2.0, 1e300])
def test_the_binary_exponent_is_frexps(x):
    assert elementary.binary_exponent(x) == math.frexp(x)[1]


@pytest.mark.parametrize("n", [-1022, -1, 0, 1, 1023])
def test_powers_of_two(n):
    assert elementary.power_of_two(n) == math.ldexp(1.0, n)


def test_what_sums_and_products_round_off_is_returned():
    rng = np.random.default_rng(0)
    for a, b in rng.standard_normal((200, 2)) * rng.choice([1e-9, 1.0, 1e9], (200, 2)):
        for step, exact in ((two_sum, lambda a, b: a + b), (two_product, lambda a, b: a * b)):
            high, low = step(a, b)
            assert Fraction(high) + Fraction(low) == exact(Fraction(a), Fraction(b))
            assert high == exact(a, b)


# Of 2,000 values each, as a processor of any make computes them: a change of one bit is another digest.
DIGESTS = {
    "exp": "5f62ae6ea5f6a1ea",
    "expm1": "239a16b9523ecbb4",
    "log": "2bbf0f1e5358ad41",
    "log1p": "763071187d47dc83",
    "tanh": "e272ee8f084faa24",
    "sin": "bcc7594aa948c98e",
    "cos": "b56b89a2a8396f42",
    "hypot": "e7431ce59097f143",
    "power": "41eac988afa5a3e5",
}


@pytest.mark.parametrize("name", CASES)
def test_the_bits_are_the_same_on_every_machine(name):
    function, _, draw = CASES[name]
    drawn = draw(np.random.default_rng(7), 1000)
    columns = drawn if isinstance(drawn, tuple) else (drawn,)
    values = np.array([function(*map(float, row)) for row in zip(*columns, strict=True)])
    assert hashlib.sha256(values.tobytes()).hexdigest()[:16] == DIGESTS[name]
