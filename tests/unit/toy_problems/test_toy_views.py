"""Where the compiled engine keeps each task's view."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtlcore.compiled.views import identity_views, on_cache_lines
from mtlcore.registry import TRANSFORMS
from mtlcore.spec import FieldError, check_params
from mtlcore.transforms._slopes import ADAM, DECAY, OWN, RATE
from toy_problems import ToyConfig
from toy_problems.compiled.engine import prepared

ACTING = [key for key, spec in TRANSFORMS.items() if spec.in_playground and not spec.idle({})]


@pytest.mark.parametrize("sizes", [(0, 0, 2), (1, 1, 1), (3, 5, 2), (2, 38, 16)])
def test_room_begins_where_a_cache_line_does(sizes):
    count, slots, size = sizes
    kept = []
    for _ in range(5):
        room = on_cache_lines(*sizes)
        kept.append(room)
        assert room.shape == (count, slots, size, size)
        assert room.flags.c_contiguous
        assert not room.any()
        assert room.size == 0 or room.ctypes.data % 64 == 0
        room[:] = 1.0
    assert not any(np.shares_memory(one, other) for one, other in itertools.combinations(kept, 2))


def test_the_powers_of_an_exponential_lie_on_cache_lines():
    config = ToyConfig("avocado", "rotograd", d=16, steps=1)
    ((_, arrays),) = prepared(config)
    assert arrays.views.work.size > 0
    assert arrays.views.work.ctypes.data % 64 == 0


@pytest.mark.parametrize("d", [2, 4, 6])
@pytest.mark.parametrize("key", ACTING)
def test_a_transform_begins_at_the_rotations_it_is_given_and_shares_nothing(key, d):
    spec = TRANSFORMS[key]
    values = check_params(spec.params, {}, key)
    m = sum(spec.blocks(values, d))
    R = np.tile(np.eye(m), (3, 1, 1))
    R[1, :2, :2] = [[0.6, -0.8], [0.8, 0.6]] if m else R[1, :2, :2]
    (first, free), (second, _) = (spec.compiled.begin(R, d, spec.encode(values)) for _ in range(2))
    expected = np.tile(np.eye(d), (3, 1, 1))
    expected[:, :m, :m] = R
    np.testing.assert_array_equal(first.A, expected)
    assert not first.b.any()
    assert free.dtype == np.float64
    for one, other in zip(first, second, strict=True):
        assert not np.shares_memory(one, other)
        assert not np.shares_memory(one, R)


def test_views_of_a_transform_that_does_nothing_are_the_feature_itself():
    views = identity_views(3, 4, np.zeros(0))
    np.testing.assert_array_equal(views.A, np.tile(np.eye(4), (3, 1, 1)))
    assert not views.b.any()
    assert views.b.shape == (3, 4)
    assert views.base.size == views.pull.size == views.work.size == views.squarings.size == 0


def drawn(param, data):
    """Returns a value that a parameter takes, small where it counts dimensions."""
    if param.kind == "choice":
        return data.draw(st.sampled_from(param.choices))
    if param.kind == "int":
        return data.draw(st.integers(int(param.low), int(min(param.high, 8))))
    return data.draw(st.floats(param.low, param.high))


@pytest.mark.parametrize("key", ACTING)
@given(data=st.data())
def test_the_extent_is_what_the_spec_says_it_turns(key, data):
    """Of every value of the parameters that d dimensions allow, wherever they stand among the others."""
    spec, d = TRANSFORMS[key], data.draw(st.sampled_from(range(1, 17)))
    values = {param.name: drawn(param, data) for param in spec.params}
    try:
        spec.check_width(values, d, key)
    except FieldError:
        return
    found, blocks = spec.compiled.extent(d, spec.encode(values)), spec.blocks(values, d)
    assert found.m == sum(blocks)
    assert not blocks or found.block == blocks[0]
    assert bool(found.views) == spec.acts(values, d)
    assert bool(found.haar) == (values.get("rot_init") == "haar")


@pytest.mark.parametrize("key", [key for key in ACTING if TRANSFORMS[key].learning_rate])
@given(data=st.data())
def test_a_kernel_finds_its_parameters_wherever_they_stand(key, data):
    spec = TRANSFORMS[key]
    values = {param.name: drawn(param, data) for param in spec.params} | {"m": 4, "block": 2}
    values = {param.name: values[param.name] for param in spec.params}
    views, _ = spec.compiled.begin(np.tile(np.eye(4), (2, 1, 1)), 4, spec.encode(values))
    assert views.hp[RATE] == values[spec.learning_rate]
    assert views.hp[DECAY] == values[spec.rate_decay]
    assert views.hp[ADAM] == (values[spec.optimizer] == "adam")
    assert views.hp[OWN] == (values.get("alignment") == "library")
