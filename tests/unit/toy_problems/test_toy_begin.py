"""Where a path begins: what its seed draws, in which order, from which stream."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from mtlcore.streams import Stream
from toy_problems import DRAWS, PROBLEMS, ToyConfig
from toy_problems.initial import along_diagonal, draw, gradient_stream, rule_stream

HAAR = {"rot_init": "haar"}


def drawn(**given):
    config = ToyConfig(**{"method": "rotograd", "starts": "random"} | given)
    return draw(config, config.problem_spec)[0]


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("seed", [0, 3, 2**31 - 1])
def test_the_order_of_draws(problem, seed):
    """Uniforms are numpy's bit for bit; a normal takes one of them."""
    spec = PROBLEMS[problem]
    got, numpys = drawn(problem=problem, seed=seed), np.random.default_rng(seed)
    d = got.b2.size
    x = spec.points
    if x is None:
        x = Stream(seed).standard_normal((1, 2))
        numpys.random(2)
    assert np.array_equal(got.x, x)
    within = 1 / np.sqrt(2.0)
    assert np.array_equal(got.W1, numpys.uniform(-within, within, (10, 2)))
    assert np.array_equal(got.b1, numpys.uniform(-within, within, 10))
    low, high = np.array(spec.bounds).T
    assert np.array_equal(got.theta, np.tile(numpys.uniform(low, high), d // 2)[None])
    within = 1 / np.sqrt(10.0)
    rows = numpys.uniform(-within, within, (d, 11))
    assert np.array_equal(got.W2, rows[:, :10])
    assert np.array_equal(got.b2, rows[:, 10])


def test_more_dimensions_begin_with_those_of_fewer():
    small, large = drawn(d=4, seed=5), drawn(d=10, seed=5)
    for name in ("x", "W1", "b1"):
        assert np.array_equal(getattr(small, name), getattr(large, name))
    assert np.array_equal(small.W2, large.W2[:4])
    assert np.array_equal(small.b2, large.b2[:4])


@pytest.mark.parametrize("d", [2, 4, 16])
def test_haar_rotations_have_a_stream_of_their_own_and_come_task_by_task(d):
    given = {"seed": 8, "d": d, "tasks": 3}
    turned, plain = drawn(params=HAAR, **given), drawn(**given)
    for name in ("x", "W1", "b1", "W2", "b2", "theta"):
        assert np.array_equal(getattr(turned, name), getattr(plain, name))
    stream = Stream(8, 0, 1)
    assert np.array_equal(turned.R, [stream.haar(d) for _ in range(3)])
    assert np.array_equal(plain.R, np.tile(np.eye(d), (3, 1, 1)))


def test_haar_rotations_in_blocks_lie_along_the_diagonal_one_after_the_other():
    got = drawn(method="rotation_blocks+uniform@features", d=6, params=HAAR | {"block": 3}, seed=2)
    stream = Stream(2, 0, 1)
    assert np.array_equal(got.R, [along_diagonal([stream.haar(3), stream.haar(3)]) for _ in range(2)])


def test_a_problems_angles_turn_the_first_plane():
    angles = PROBLEMS["opposite"].angles
    for angle, R in zip(angles, drawn(problem="opposite").R, strict=True):
        wanted = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        np.testing.assert_allclose(R, wanted, rtol=1e-15)


@pytest.mark.parametrize("problem", [key for key, spec in PROBLEMS.items() if spec.backbone])
def test_from_a_given_start_the_mean_feature_is_there(problem):
    spec = PROBLEMS[problem]
    for d in spec.dims:
        config = ToyConfig(problem=problem, method="uniform", d=d, starts=spec.starts_name, seed=4)
        for start, got in zip(spec.starts, draw(config, spec), strict=True):
            z = np.maximum(got.x @ got.W1.T + got.b1, 0.0) @ got.W2.T + got.b2
            repeated = np.tile(start, d // len(start))
            np.testing.assert_allclose(z.mean(axis=0), repeated, atol=4e-15)
            assert np.array_equal(got.theta[0], repeated)


def test_only_the_last_bias_depends_on_the_start():
    config = ToyConfig(method="uniform", starts="spread", seed=6)
    spec = config.problem_spec
    (seeded,) = draw(replace(config, starts="random"), spec)
    for got in draw(config, spec):
        for name in ("x", "W1", "b1", "W2", "R"):
            assert np.array_equal(getattr(got, name), getattr(seeded, name))
        assert not np.array_equal(got.b2, seeded.b2)


def test_given_weights_take_the_place_of_the_drawn_before_the_start_is_reached():
    config = ToyConfig(method="uniform", starts="spread")
    weights = np.linspace(-1.0, 1.0, 20).reshape(10, 2)
    for start, got in zip(
        config.problem_spec.starts, draw(config, config.problem_spec, {"W1": weights}), strict=True
    ):
        assert np.array_equal(got.W1, weights)
        z = np.maximum(got.x @ weights.T + got.b1, 0.0) @ got.W2.T + got.b2
        np.testing.assert_allclose(z[0], start, atol=4e-15)


def test_every_stream_of_a_run_is_another():
    config = ToyConfig(starts="spread", seed=3)
    streams = [Stream(3), Stream(3, 0, 1), Stream(3, 0, 2)]
    streams += [make(config, path) for path in range(5) for make in (rule_stream, gradient_stream)]
    assert len({stream.random(1)[0] for stream in streams}) == len(streams) == 13


def test_a_change_of_what_is_drawn_has_another_version():
    """Links carry DRAWS. Where this digest is another, raise DRAWS and say in the changelog that seeds draw anew."""
    kept = hashlib.sha256()
    for problem, spec in PROBLEMS.items():
        for initial in draw(
            ToyConfig(problem=problem, method="rotograd", d=spec.dims[-1], params=HAAR, seed=11), spec
        ):
            kept.update(b"".join(array.tobytes() for array in initial))
    config = ToyConfig(starts="spread", seed=11)
    for path in range(5):
        kept.update(rule_stream(config, path).standard_normal(20).tobytes())
        kept.update(gradient_stream(config, path).standard_normal(20).tobytes())
    assert (DRAWS, kept.hexdigest()[:16]) == (2, "069769795880366d")
