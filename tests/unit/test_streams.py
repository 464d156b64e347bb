"""What is drawn from a seed: numpy's uniforms bit for bit, normals by inversion, rotations of the Haar measure."""

import hashlib
from itertools import combinations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mtlcore.compiled.normal import quantile
from mtlcore.streams import Stream

SEEDS = st.lists(st.integers(0, 2**31 - 1) | st.integers(0, 3) | st.integers(0, 2**200), max_size=9)


@settings(max_examples=500, deadline=None)
@given(entropy=SEEDS)
def test_uniforms_are_numpys_bit_for_bit(entropy):
    assert np.array_equal(Stream(*entropy).random(9), np.random.default_rng(entropy).random(9))


@pytest.mark.parametrize("after", [(), (0,), (0, 1), (1,), (1, 1), (5,)])
def test_uniforms_of_a_runs_streams_are_numpys(after):
    for seed in range(300):
        numpys = np.random.default_rng((seed, *after) if after else seed)
        assert np.array_equal(Stream(seed, *after).random((2, 3)), numpys.random((2, 3)))


def test_uniforms_in_a_range_are_numpys():
    ours, numpys = Stream(7), np.random.default_rng(7)
    assert np.array_equal(ours.uniform(-0.3, 0.7, (50, 2)), numpys.uniform(-0.3, 0.7, (50, 2)))


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="Stream: entropy takes whole numbers from 0 on, got -1"):
        Stream(3, -1)


@pytest.mark.parametrize("kind", ["random", "standard_normal"])
def test_portions_of_any_size_give_the_same_numbers(kind):
    whole, portions = getattr(Stream(3, 1), kind)(100), getattr(Stream(3, 1), kind)
    drawn = [portions(n) for n in (1, 0, 7, 50, 42)]
    assert np.array_equal(np.concatenate(drawn), whole)


def test_a_normal_costs_one_uniform():
    normal, uniform = Stream(5), Stream(5)
    normal.standard_normal(1000)
    uniform.random(1000)
    assert np.array_equal(normal.state, uniform.state)


def test_normals_are_the_quantiles_of_the_uniforms():
    places = Stream(11).random(2000)
    with mpmath.workdps(30):
        exact = [mpmath.mpf(float(u)) + mpmath.mpf(2) ** -54 - 0.5 for u in places]
        assert np.array_equal(Stream(11).standard_normal(2000), [quantile(float(q)) for q in exact])


def quantile_error(q: float) -> float:
    """Returns the relative error of a quantile, from its exact probability in 40 digits."""
    x = mpmath.mpf(quantile(q))
    missed = mpmath.ncdf(-abs(x)) - (mpmath.mpf(1) / 2 - abs(mpmath.mpf(q)))
    return float(abs(missed / mpmath.npdf(x) / x))


def test_the_quantile_is_right_to_a_few_units_in_the_last_place():
    rng = np.random.default_rng(0)
    tails = 0.5 - 10.0 ** rng.uniform(-16.2, -1, 600)
    ends = [0.5 - 2.0**-54, 2.0**-54, 0.425, 0.4250000001, 0.5 - np.exp(-25.0), 0.5 - np.exp(-25.1)]
    with mpmath.workdps(40):
        assert max(map(quantile_error, [*rng.uniform(-0.5, 0.5, 600), *tails, *ends])) < 1e-15


@pytest.mark.parametrize("q", [0.1, 0.425, 0.43, 0.4999, 0.5 - 2.0**-54])
def test_the_quantile_is_odd(q):
    assert quantile(-q) == -quantile(q)


def test_normals_are_normal():
    drawn = Stream(1).standard_normal(200_000)
    assert stats.kstest(drawn, "norm").pvalue > 0.01
    for power, moment in ((1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0), (6, 15.0)):
        spread = (drawn**power).std() / drawn.size**0.5
        assert abs((drawn**power).mean() - moment) < 4.0 * spread


def rotation(stream: Stream, m: int) -> np.ndarray:
    """Returns the rotation in readable form: for each size a product of plane rotations that carries e_1 to x / |x|."""
    R = np.eye(m)
    for size in range(2, m + 1):
        x = stream.standard_normal(size)
        carried = np.eye(m)
        for i in range(size - 1):
            rest = np.linalg.norm(x[i + 1 :]) if i < size - 2 else x[-1]
            plane, at = np.eye(m), m - size + i
            cosine, sine = x[i] / np.hypot(x[i], rest), rest / np.hypot(x[i], rest)
            plane[at : at + 2, at : at + 2] = [[cosine, -sine], [sine, cosine]]
            carried = plane @ carried
        np.testing.assert_allclose(carried[m - size :, m - size], x / np.linalg.norm(x), atol=1e-14)
        R = carried @ R
    return R


@pytest.mark.parametrize("m", [0, 1, 2, 3, 5, 16])
def test_a_haar_rotation_is_a_rotation_and_the_readable_one(m):
    for seed in range(20):
        R = Stream(seed, 0, 1).haar(m)
        np.testing.assert_allclose(R.T @ R, np.eye(m), atol=1e-14)
        assert np.linalg.det(R) == pytest.approx(1.0, abs=1e-13)
        np.testing.assert_allclose(R, rotation(Stream(seed, 0, 1), m), atol=1e-14)


def test_rotations_of_the_plane_have_every_angle_alike():
    stream = Stream(2)
    angles = [np.arctan2(R[1, 0], R[0, 0]) for R in (stream.haar(2) for _ in range(4000))]
    assert stats.kstest(angles, stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > 0.01


def test_every_entry_of_a_rotation_of_space_is_uniform():
    """The rows and columns are uniform on the sphere, whose coordinates are (Archimedes)."""
    stream = Stream(3)
    drawn = np.array([stream.haar(3) for _ in range(4000)]).reshape(-1, 9)
    for entry in drawn.T:
        assert stats.kstest(entry, stats.uniform(-1, 2).cdf).pvalue > 0.001


def test_traces_have_the_moments_of_the_haar_measure():
    """Of SO(m) with m > 4 the trace has the first moments of a normal: 0, 1, 0, 3 (Diaconis & Shahshahani 1994)."""
    stream = Stream(4)
    traces = np.array([np.trace(stream.haar(6)) for _ in range(20_000)])
    for power, moment in ((1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0)):
        assert abs((traces**power).mean() - moment) < 4.0 * (traces**power).std() / traces.size**0.5


def test_rotating_a_haar_rotation_changes_nothing():
    """The measure is that of both sides: turned from the left or the right, entries spread alike."""
    stream, turn = Stream(6), Stream(7).haar(4)
    drawn = np.array([stream.haar(4) for _ in range(4000)])
    for one, other in combinations((drawn, turn @ drawn, drawn @ turn), 2):
        assert stats.ks_2samp(one[::2, 3, 1], other[1::2, 3, 1]).pvalue > 0.001


# Of 2,000 normals and of one rotation [16, 16], as a processor of any make computes them.
DIGESTS = {"standard_normal": "a49f1ab8165a3578", "haar": "fb85d73c77a437ab"}


@pytest.mark.parametrize(("kind", "size"), [("standard_normal", 2000), ("haar", 16)])
def test_the_bits_are_the_same_on_every_machine(kind, size):
    drawn = getattr(Stream(9, 1), kind)(size)
    assert hashlib.sha256(drawn.tobytes()).hexdigest()[:16] == DIGESTS[kind]
