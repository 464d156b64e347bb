"""What defines each exact rule, on drawn gradients of chosen rank and conditioning: optimality, scale, order."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mtlcore
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, STATIONARY
from tests.kernel_call import call
from tests.matrix_zoo import conditioned, gram

SOLVERS = [key for key, spec in mtlcore.RULES.items() if spec.needs == {"gram"}]


@st.composite
def gradients(draw, full_rank=False):
    """Gradients [K, 40]: rank and condition drawn, lengths over some decades, with or without a common part."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    tasks = draw(st.integers(1, 10))
    rank = tasks if full_rank else draw(st.integers(1, tasks))
    G = conditioned(
        rng, tasks, rank, 10.0 ** draw(st.sampled_from([0.3, 1, 2] if full_rank else [0.3, 2, 4]))
    )
    common = draw(st.sampled_from([0.0, 0.3, 3.0]))
    lengths = 10.0 ** rng.uniform(-1, 1, tasks) ** draw(st.sampled_from([0, 1]))
    return (G + common * rng.normal(size=40) / np.sqrt(40)) * lengths[:, None]


def longest(G):
    return np.linalg.norm(G, axis=1).max()


@given(gradients())
def test_mgda_is_the_shortest_convex_combination(G):
    status, w = call("mgda", gram(G))
    d = w @ G
    assert status in (OK, STATIONARY)
    assert w.min() >= 0.0
    assert w.sum() == pytest.approx(1.0, abs=1e-14)
    assert (G @ d).min() >= d @ d - 1e-13 * longest(G) ** 2


def wishes(G):
    """Returns equal preferences for every third case, else some drawn over two decades."""
    rng = np.random.default_rng(zlib.crc32(G.tobytes()))
    drawn = 10.0 ** rng.uniform(-1.0, 1.0, len(G))
    return np.full(len(G), 1.0 / len(G)) if rng.random() < 1 / 3 else drawn / drawn.sum()


@given(gradients(), st.sampled_from([0.0, 0.1, 0.5, 0.9, 2.0]))
def test_cagrad_has_no_duality_gap(G, c):
    """No direction of the ball serves the worst-off task better: the dual value at the same x says so."""
    p = wishes(G)
    status, w = call("cagrad", gram(G), c=c, preferences=p.tolist())
    g0, d = p @ G, w @ G
    radius = c * np.linalg.norm(g0)
    assert status in (OK, STATIONARY)
    assert np.linalg.norm(d - g0) <= radius * (1 + 1e-7) + 1e-8 * longest(G)
    x = w - p
    if c == 0.0 or np.linalg.norm(x @ G) < 0.999999 * radius or x.sum() <= 0:
        return  # g_x = 0 at the optimum: the projection is tested with DualProj's
    x = x / x.sum()
    gap = x @ G @ g0 + radius * np.linalg.norm(x @ G) - (G @ d).min()
    assert gap <= 1e-9 * longest(G) ** 2


@given(gradients())
def test_projections_meet_the_dual_cone_conditions(G):
    M, K, p = gram(G), len(G), wishes(G)
    status, w = call("dualproj", M, preferences=p.tolist())
    d, y = w @ G, w - p
    assert status in (OK, STATIONARY)
    tolerance = 1e-11 * longest(G) ** 2 * max(1.0, np.abs(w).max())
    assert (G @ d).min() >= -tolerance
    assert y.min() >= -1e-15
    assert abs(y @ (G @ d)) <= K * tolerance * max(1.0, y.max())
    status, w = call("upgrad", M, preferences=p.tolist())
    assert status in (OK, STATIONARY)
    assert (w >= (1 - 1e-14) * p).all()
    assert (G @ (w @ G)).min() >= -1e-11 * longest(G) ** 2 * max(1.0, np.abs(w).max())


@given(gradients(full_rank=True))
def test_imtl_g_projects_equally(G):
    status, w = call("imtl_g", gram(G))
    assert status == OK
    projections = G @ (w @ G) / np.linalg.norm(G, axis=1)
    assert np.ptp(projections) <= 1e-9 * longest(G) * np.abs(w).sum()
    assert w.sum() == pytest.approx(1.0, abs=1e-9 * np.abs(w).sum())


@given(gradients(), st.sampled_from([0.2, 0.5, 1.0, 2.0, 10.0]))
def test_fair_weights_solve_their_equation(G, alpha):
    M, p = gram(G), wishes(G)
    status, w = call("fairgrad", M, alpha=alpha, preferences=p.tolist())
    if status == STATIONARY:
        assert not w.any()
        return
    assert status == OK
    assert w.min() > 0.0
    demand = (w / (len(G) * p)) ** (-1 / alpha)
    assert (np.abs(M @ w - demand) <= 2e-9 * (np.abs(M) @ w + demand)).all()


@given(gradients())
def test_nash_is_fair_with_alpha_one(G):
    M, p = gram(G), wishes(G).tolist()
    status, w = call("nash_mtl", M, max_norm=0.0, preferences=p)
    other, v = call("fairgrad", M, alpha=1.0, preferences=p)
    assert status == other
    np.testing.assert_array_equal(w, v)
    if status == OK and len(G) > 1:
        assert np.linalg.norm(w @ G) == pytest.approx(np.sqrt(len(G)), rel=1e-6)
        capped = call("nash_mtl", M, max_norm=1.0, preferences=p)[1]
        np.testing.assert_allclose(capped, w / np.sqrt(len(G)), rtol=1e-13)


@given(gradients(full_rank=True), st.sampled_from(["min", "median", "rmse"]))
def test_aligned_mtl_makes_singular_values_equal(G, scale):
    """w = B p with B G G' B' = lambda_s I, checked through numpy's singular value decomposition."""
    p = wishes(G)
    _, w = call("aligned_mtl", gram(G), scale=scale, preferences=p.tolist())
    left, singular, right = np.linalg.svd(G, full_matrices=False)
    ordered = np.sort(singular)
    chosen = {"min": ordered[0], "median": ordered[(len(G) - 1) // 2], "rmse": np.sqrt((singular**2).mean())}
    expected = chosen[scale] * left @ right
    np.testing.assert_allclose(w @ G, p @ expected, atol=1e-9 * longest(G))


def accepted(key, G):
    """Returns preferences for a rule that takes them, None for one that does not."""
    return None if mtlcore.RULES[key].preferences == "none" else wishes(G).tolist()


@pytest.mark.parametrize("key", SOLVERS)
@given(gradients(), st.sampled_from([2.0**-40, 1e-12, 1e-3, 1e12]))
def test_the_update_scales_with_the_gradients(key, G, factor):
    noise = np.random.default_rng(0).random(mtlcore.RULES[key].noise_size(len(G), 1))
    p = accepted(key, G)
    status, w = call(key, gram(G), noise=noise, preferences=p)
    scaled_status, v = call(key, gram(factor * G), noise=noise, preferences=p)
    assert status == scaled_status != NOT_CONVERGED
    degree = mtlcore.RULES[key].degree({p.name: p.default for p in mtlcore.RULES[key].params})
    update = w @ G
    size = max(longest(G) if degree else 1.0, np.linalg.norm(update))
    np.testing.assert_allclose(v @ (factor * G) / factor**degree, update, atol=1e-7 * size)


@pytest.mark.parametrize("key", SOLVERS)
@given(gradients(), st.randoms(use_true_random=False))
def test_the_update_does_not_depend_on_the_order_of_tasks(key, G, random):
    K = len(G)
    order = list(range(K))
    random.shuffle(order)
    size = mtlcore.RULES[key].noise_size(K, 1)
    noise = np.random.default_rng(0).random(size)
    turned = noise.reshape(K, K)[np.ix_(order, order)].ravel() if size else noise
    p = accepted(key, G)
    status, w = call(key, gram(G), noise=noise, preferences=p)
    other, v = call(key, gram(G[order]), noise=turned, preferences=p and [p[k] for k in order])
    assert status == other != NOT_CONVERGED
    update = w @ G
    np.testing.assert_allclose(v @ G[order], update, atol=1e-7 * max(longest(G), np.linalg.norm(update)))
