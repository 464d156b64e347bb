"""Where the compiled engine keeps each task's view."""

import numpy as np
import pytest

from mtlcore.compiled.views import on_cache_lines
from mtlcore.registry import TRANSFORMS
from mtlcore.spec import check_params
from toy_problems import ToyConfig
from toy_problems.compiled.engine import prepare, setup_of
from toy_problems.initial import draw

ACTING = [key for key, spec in TRANSFORMS.items() if spec.in_playground and not spec.idle({})]


@pytest.mark.parametrize("shape", [(0, 0, 2), (1,), (3, 5), (2, 38, 16, 16)])
def test_room_begins_where_a_cache_line_does(shape):
    for _ in range(5):
        room = on_cache_lines(shape)
        assert room.shape == shape
        assert room.flags.c_contiguous
        assert not room.any()
        assert room.size == 0 or room.ctypes.data % 64 == 0


def test_the_powers_of_an_exponential_lie_on_cache_lines():
    config = ToyConfig("avocado", "rotograd", d=16, steps=1)
    (initial,) = draw(config, config.problem_spec)
    views = prepare(config, config.problem_spec, initial, setup_of(config)).arrays.views
    assert views.work.size > 0
    assert views.work.ctypes.data % 64 == 0


@pytest.mark.parametrize("d", [2, 4, 6])
@pytest.mark.parametrize("key", ACTING)
def test_a_transform_begins_at_the_rotations_it_is_given_and_shares_nothing(key, d):
    spec = TRANSFORMS[key]
    values = check_params(spec.params, {}, key)
    m = sum(spec.blocks(values, d))
    R = np.tile(np.eye(m), (3, 1, 1))
    R[1, :2, :2] = [[0.6, -0.8], [0.8, 0.6]] if m else R[1, :2, :2]
    (first, free), (second, _) = (spec.compiled.begin(R, d, values) for _ in range(2))
    expected = np.tile(np.eye(d), (3, 1, 1))
    expected[:, :m, :m] = R
    np.testing.assert_array_equal(first.A, expected)
    assert not first.b.any()
    assert free.dtype == np.float64
    for one, other in zip(first, second, strict=True):
        assert not np.shares_memory(one, other)
        assert not np.shares_memory(one, R)
