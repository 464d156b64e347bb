"""Pinned values, states, statuses and parameters of the rules that solve for their weights."""

import numpy as np
import pytest

from mtlcore.compiled.signatures import NOT_CONVERGED, OK, STATIONARY
from tests.kernel_call import call

PAIR = np.array([[2.0, 0.0], [-1.0, 1.0]])  # gradients; Gram matrix [[4, -2], [-2, 2]]
SQUARE = np.eye(4) * [1.0, 4.0, 9.0, 16.0]  # orthogonal gradients of lengths 1, 2, 3, 4


def gram(G):
    return G @ G.T


@pytest.mark.parametrize(
    ("key", "params", "expected"),
    [
        ("mgda", {}, [0.4, 0.6]),
        ("mgda", {"normalisation": "l2"}, [0.5, 0.5]),
        ("pcgrad", {}, [0.75, 1.0]),
        ("gradvac", {}, [0.75, 1.0]),
        ("upgrad", {}, [0.75, 1.0]),
        ("dualproj", {}, [0.5, 0.5]),
        ("imtl_g", {}, [np.sqrt(0.5) / (1 + np.sqrt(0.5)), 1 / (1 + np.sqrt(0.5))]),
        ("cagrad", {"c": 0.0}, [0.5, 0.5]),
    ],
)
def test_two_tasks_by_hand(key, params, expected):
    status, w = call(key, gram(PAIR), **params)
    assert status == OK
    np.testing.assert_allclose(w, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("key", "params", "expected"),
    [
        ("mgda", {}, 1 / np.diag(SQUARE) / (1 / np.diag(SQUARE)).sum()),
        ("mgda", {"normalisation": "l2"}, np.full(4, 0.25)),
        ("pcgrad", {}, np.full(4, 0.25)),
        ("upgrad", {}, np.full(4, 0.25)),
        ("dualproj", {}, np.full(4, 0.25)),
        ("imtl_g", {}, np.array([12, 6, 4, 3]) / 25),
        ("nash_mtl", {"max_norm": 0.0}, [1, 1 / 2, 1 / 3, 1 / 4]),
        ("nash_mtl", {"max_norm": 1.0}, np.array([1, 1 / 2, 1 / 3, 1 / 4]) / 2),
        ("fairgrad", {"alpha": 1.0}, [1, 1 / 2, 1 / 3, 1 / 4]),
        ("fairgrad", {"alpha": 0.5}, np.diag(SQUARE) ** (-1 / 3)),
        ("aligned_mtl", {}, np.array([1, 1 / 2, 1 / 3, 1 / 4]) / 4),
        ("aligned_mtl", {"scale": "median"}, np.array([1, 1 / 2, 1 / 3, 1 / 4]) / 2),
        ("aligned_mtl", {"scale": "rmse"}, np.array([1, 1 / 2, 1 / 3, 1 / 4]) * np.sqrt(7.5) / 4),
    ],
)
def test_orthogonal_tasks_by_hand(key, params, expected):
    status, w = call(key, SQUARE, **params)
    assert status == OK
    np.testing.assert_allclose(w, expected, rtol=1e-13)


@pytest.mark.parametrize("c", [0.3, 0.9, 1.5])
@pytest.mark.parametrize(("rescale", "divisor"), [("none", 1.0), ("1+c", None), ("1+c^2", None)])
def test_cagrad_of_equal_lengths_lengthens_the_mean(c, rescale, divisor):
    """By symmetry g_x is along the mean, so d = (1 + c) g0."""
    status, w = call("cagrad", np.array([[1.0, 0.2], [0.2, 1.0]]), c=c, rescale=rescale)
    divisor = divisor or {"1+c": 1 + c, "1+c^2": 1 + c * c}[rescale]
    assert status == OK
    np.testing.assert_allclose(w, (1 + c) / 2 / divisor, rtol=1e-14)


def test_cagrad_answers_opposed_gradients_as_the_ball_allows():
    """c < 1 follows the shortened mean; c >= 1 reaches the dual cone, where 0 is the projection."""
    G = np.array([[2.0, 0.0], [-1.0, 0.0]])
    status, w = call("cagrad", gram(G), c=0.5)
    assert status == OK
    np.testing.assert_allclose(w @ G, [0.25, 0.0], atol=1e-15)
    assert call("cagrad", gram(G), c=1.0)[0] == STATIONARY


@pytest.mark.parametrize("key", ["mgda", "imtl_g", "nash_mtl", "fairgrad", "upgrad", "dualproj"])
def test_opposite_gradients_are_stationary(key):
    for G in (np.array([[1.0, 2.0], [-1.0, -2.0]]), np.array([[1.0, 2.0], [-3.0, -6.0]])):
        status, w = call(key, gram(G))
        assert status == STATIONARY
        np.testing.assert_allclose(w @ G, 0.0, atol=1e-15)


def test_imtl_g_of_dependent_gradients():
    """Parallel gradients take the least weights; 1 outside the range of the unit Gram matrix gives d = 0."""
    assert call("imtl_g", np.array([[1.0, 3.0], [3.0, 9.0]]))[1] == pytest.approx([0.5, 0.5])
    G = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    status, w = call("imtl_g", gram(G))
    assert status == OK
    assert not w.any()
    G = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    np.testing.assert_allclose(call("imtl_g", gram(G))[1], [0.25, 0.5, 0.25], atol=1e-14)


def test_imtl_g_says_where_no_weights_sum_to_one():
    """C v = 1 has the solution v, and the lengths are such that sum v_k / n_k = 0."""
    unit = np.array([[1.0, 0.8, 0.0], [0.8, 1.0, 0.55], [0.0, 0.55, 1.0]])
    v = np.linalg.solve(unit, np.ones(3))
    negative = v < 0
    assert negative.any()
    n = np.where(negative, v[~negative].sum() ** -1 * -v[negative].sum(), 1.0)
    status, w = call("imtl_g", unit * np.outer(n, n))
    assert status == NOT_CONVERGED or np.abs(w).max() > 1e10


@pytest.mark.parametrize("key", ["imtl_g", "cagrad", "nash_mtl", "fairgrad"])
def test_an_inactive_task_gets_nothing_and_changes_nothing(key):
    rng = np.random.default_rng(4)
    G = rng.normal(size=(5, 9)) + 0.3
    G[3] *= 1e-13
    keep = [0, 1, 2, 4]
    status, w = call(key, gram(G))
    assert status == OK
    assert w[3] == 0.0
    np.testing.assert_allclose(w[keep], call(key, gram(G[keep]))[1], rtol=1e-9)


@pytest.mark.parametrize("normalisation", ["none", "l2", "loss", "loss+"])
def test_mgda_normalises(normalisation):
    rng = np.random.default_rng(6)
    G, losses = rng.normal(size=(4, 7)), np.array([0.1, 1.0, 3.0, 0.5])
    n = np.linalg.norm(G, axis=1)
    s = {"none": np.ones(4), "l2": n, "loss": losses, "loss+": losses * n}[normalisation]
    _, w = call("mgda", gram(G), losses=losses, normalisation=normalisation)
    np.testing.assert_allclose(w, call("mgda", gram(G / s[:, None]))[1], rtol=1e-11)


def test_mgda_keeps_zero_gradients_where_they_count():
    G = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    status, w = call("mgda", gram(G))
    assert status == STATIONARY
    np.testing.assert_array_equal(w, [0.0, 1.0, 0.0])
    status, w = call("mgda", gram(G), normalisation="l2")
    assert status == OK
    np.testing.assert_allclose(w, [0.5, 0.0, 0.5])


def test_mgda_divides_by_losses_that_reach_zero():
    """A loss is never divided by below 1e-12 of its first value; the task's rescaled gradient is then long."""
    G, state = np.eye(2), np.zeros(2)
    call("mgda", gram(G), losses=[2.0, 1.0], state=state, normalisation="loss")
    np.testing.assert_array_equal(state, [2.0, 1.0])
    _, w = call("mgda", gram(G), losses=[0.0, 1.0], state=state, normalisation="loss")
    np.testing.assert_allclose(w[0], 4e-24, rtol=1e-9)
    status, w = call("mgda", gram(G), losses=[0.0, 0.0], normalisation="loss")
    assert status == OK
    np.testing.assert_allclose(w, 0.5)
    assert call("mgda", gram(G), losses=[], normalisation="loss")[0] == NOT_CONVERGED


def test_nash_mtl_keeps_its_weights_between_solutions():
    rng = np.random.default_rng(7)
    state = np.zeros(4)
    first, second = rng.normal(size=(3, 8)) + 0.5, rng.normal(size=(3, 8)) + 0.5
    _, solved = call("nash_mtl", gram(first), state=state, max_norm=0.0, update_every=2)
    _, kept = call("nash_mtl", gram(second), state=state, max_norm=0.0, update_every=2)
    _, renewed = call("nash_mtl", gram(second), state=state, max_norm=0.0, update_every=2)
    np.testing.assert_array_equal(kept, solved)
    np.testing.assert_allclose(gram(second) @ renewed * renewed, 1.0, rtol=1e-9)
    _, capped = call("nash_mtl", gram(second), max_norm=1.0)
    assert np.linalg.norm(capped @ second) == pytest.approx(1.0, rel=1e-12)


def test_nash_mtl_caps_kept_weights_by_their_own_length():
    state = np.zeros(3)
    call("nash_mtl", np.eye(2), state=state, max_norm=1.0, update_every=5)
    _, w = call("nash_mtl", 100.0 * np.eye(2), state=state, max_norm=1.0, update_every=5)
    np.testing.assert_allclose(w, np.sqrt(0.5) / 10)


def test_nash_mtl_tries_again_after_a_stationary_step():
    state = np.zeros(3)
    status, w = call("nash_mtl", gram(np.array([[1.0], [-1.0]])), state=state, update_every=10)
    assert status == STATIONARY
    assert not w.any()
    status, w = call("nash_mtl", np.eye(2), state=state, update_every=10)
    assert status == OK
    assert w.all()


def test_imtl_scales_then_balances():
    """Weights come from the scales before the step; the scales then follow exp(s) L - 1."""
    rng = np.random.default_rng(9)
    state, s = np.zeros(6), np.zeros(3)
    for _ in range(6):
        G, losses = rng.normal(size=(3, 7)), rng.uniform(0.1, 4.0, 3)
        e = np.exp(s) / np.exp(s).sum()
        _, w = call("imtl", gram(G), losses=losses, state=state, lr_s=0.2)
        _, inner = call("imtl_g", gram(e[:, None] * G))
        np.testing.assert_allclose(w, inner * e, rtol=1e-10)
        np.testing.assert_allclose(state[3:], e, rtol=1e-13)
        s -= 0.2 * (np.exp(s) * losses - 1)
        np.testing.assert_allclose(state[:3], s, rtol=1e-12, atol=1e-14)


def test_imtl_survives_scales_far_apart():
    state = np.array([400.0, -400.0, 0.0, 0, 0, 0])
    for G in (np.eye(3) + 0.1, np.ones((3, 2)) * [[1.0], [2.0], [3.0]]):
        status, w = call("imtl", gram(G), losses=[0.0, 1.0, 1.0], state=state)
        assert status == OK
        assert np.isfinite(w).all()
        assert np.isfinite(state).all()
