"""PCGrad and GradVac against plain Python on explicit gradient vectors, step after step."""

import numpy as np
import pytest

from mtlcore.compiled.signatures import OK, STATIONARY
from tests.kernel_call import call


def pcgrad_by_vectors(G, noise, p):
    """PCGrad as published, the mean by p of the projected gradients."""
    K = len(G)
    changed = []
    for i in range(K):
        g = G[i].copy()
        for j in np.argsort(noise[i * K : (i + 1) * K], kind="stable"):
            inner = g @ G[j]
            if j != i and inner < 0:
                g -= inner / (G[j] @ G[j]) * G[j]
        changed.append(g)
    return p @ np.array(changed)


def gradvac_by_vectors(G, noise, rho, beta, p):
    """GradVac on vectors: the update, and the target cosines after the step."""
    K, rho = len(G), rho.copy()
    changed = []
    for i in range(K):
        g = G[i].copy()
        for j in np.argsort(noise[i * K : (i + 1) * K], kind="stable"):
            if j == i or not g.any():
                continue
            cos = g @ G[j] / np.sqrt((g @ g) * (G[j] @ G[j]))
            if cos < rho[i, j]:
                lift = rho[i, j] * np.sqrt(1 - cos**2) - cos * np.sqrt(1 - rho[i, j] ** 2)
                size = np.linalg.norm(g) / (np.linalg.norm(G[j]) * np.sqrt(1 - rho[i, j] ** 2))
                g = g + size * lift * G[j]
            rho[i, j] = np.clip((1 - beta) * rho[i, j] + beta * cos, -(1 - 1e-6), 1 - 1e-6)
        changed.append(g)
    return p @ np.array(changed), rho


def drawn(rng, tasks, equal):
    """Returns preferences [K]."""
    p = np.ones(tasks) if equal else rng.uniform(0.05, 1.0, tasks)
    return p / p.sum()


@pytest.mark.parametrize("tasks", [1, 2, 3, 5, 12])
def test_pcgrad_projects_vectors(tasks):
    rng = np.random.default_rng(tasks)
    for turn in range(20):
        G, noise = rng.normal(size=(tasks, 6)), rng.random(tasks * tasks)
        p = drawn(rng, tasks, equal=turn % 3 == 0)
        status, w = call("pcgrad", G @ G.T, noise=noise, preferences=p.tolist())
        assert status == OK
        np.testing.assert_allclose(w @ G, pcgrad_by_vectors(G, noise, p), rtol=0, atol=1e-12)


def test_pcgrad_orders_by_the_noise():
    rng = np.random.default_rng(3)
    G = rng.normal(size=(4, 3)) - 0.5
    answers = {tuple(call("pcgrad", G @ G.T, noise=rng.random(16))[1].round(9)) for _ in range(40)}
    assert len(answers) > 1


@pytest.mark.parametrize("tasks", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("beta", [0.0, 0.01, 0.5, 1.0])
def test_gradvac_turns_vectors_and_remembers(tasks, beta):
    rng = np.random.default_rng(tasks)
    state, rho = np.zeros(tasks * tasks), np.zeros((tasks, tasks))
    for turn in range(25):
        G, noise = rng.normal(size=(tasks, 8)) + 0.4 * rng.normal(size=8), rng.random(tasks * tasks)
        p = drawn(rng, tasks, equal=turn % 3 == 0)
        status, w = call("gradvac", G @ G.T, noise=noise, state=state, beta=beta, preferences=p.tolist())
        update, rho = gradvac_by_vectors(G, noise, rho, beta, p)
        assert status == OK
        np.testing.assert_allclose(w @ G, update, rtol=0, atol=1e-11)
        np.testing.assert_allclose(state.reshape(tasks, tasks), rho, rtol=0, atol=1e-11)


def test_gradvac_without_memory_is_pcgrad():
    rng = np.random.default_rng(5)
    G, noise = rng.normal(size=(5, 3)), rng.random(25)
    np.testing.assert_allclose(
        call("gradvac", G @ G.T, noise=noise, beta=0.0)[1],
        call("pcgrad", G @ G.T, noise=noise)[1],
        atol=1e-13,
    )


def test_gradvac_skips_a_gradient_that_has_become_zero():
    """Task 0 is cancelled by its opposite; the pair that follows is skipped and its target stays."""
    g, h = np.array([1.0, 2.0, 0.0]), np.array([0.0, 0.0, 1.0])
    G = np.array([g, -3.0 * g, h])
    state, noise = np.zeros(9), np.zeros(9)
    noise[:3] = [0.0, 0.1, 0.2]
    call("gradvac", G @ G.T, noise=noise, state=state)
    assert state.reshape(3, 3)[0, 1] == pytest.approx(-0.5, abs=1e-12)
    assert state.reshape(3, 3)[0, 2] == 0.0


def test_gradvac_leaves_an_inactive_task_alone():
    rng = np.random.default_rng(8)
    G, noise = rng.normal(size=(4, 6)), rng.random(16)
    G[2] *= 1e-14
    state, sub_state, p = np.full(16, 0.3), np.full(9, 0.3), np.array([0.1, 0.2, 0.5, 0.2])
    keep = [0, 1, 3]
    rows = noise.reshape(4, 4)[np.ix_(keep, keep)].ravel()
    _, w = call("gradvac", G @ G.T, noise=noise, state=state, preferences=p.tolist())
    _, sub = call("gradvac", G[keep] @ G[keep].T, noise=rows, state=sub_state, preferences=p[keep].tolist())
    assert w[2] == 0.0
    np.testing.assert_allclose(w[keep], sub, atol=1e-13)
    np.testing.assert_allclose(state.reshape(4, 4)[np.ix_(keep, keep)].ravel(), sub_state, atol=1e-13)
    assert (state.reshape(4, 4)[2] == 0.3).all()
    assert (state.reshape(4, 4)[:, 2] == 0.3).all()


@pytest.mark.parametrize("rho", [-0.4, 0.6])
def test_gradvac_is_exact_where_the_sine_vanishes(rho):
    """At cosine -1 the sine is lost in a float64 square root unless the determinant is exact."""
    g = np.array([3.0, -7.0, 2.0])
    G = np.array([g, -5.0 * g])
    _, w = call("gradvac", G @ G.T, state=np.full(4, rho))
    np.testing.assert_allclose(w @ G, 0.0, atol=1e-14)


@pytest.mark.parametrize("key", ["pcgrad", "gradvac"])
def test_all_zero_gradients_are_stationary(key):
    status, w = call(key, np.zeros((3, 3)))
    assert status == STATIONARY
    assert np.isfinite(w).all()
