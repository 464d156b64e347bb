"""GradDrop's mask, coordinate by coordinate and over a batch of features."""

import numpy as np
import pytest

import mtlcore


def plain(G, U, leak, z=None, p=None):
    """Chen et al. 2020 on one coordinate after another: G [K, N, d], U [d], z [N, d]."""
    tasks, batch, dim = G.shape
    p = np.full(tasks, 1 / tasks) if p is None else p
    d = np.zeros((batch, dim))
    for i in range(dim):
        signs = [1.0 if z is None or z[n, i] >= 0 else -1.0 for n in range(batch)]
        S = [sum(signs[n] * G[k, n, i] for n in range(batch)) for k in range(tasks)]
        size = sum(abs(s) for s in S)
        P = (1 + sum(S) / size) / 2 if size else 0.5
        for k in range(tasks):
            mask = float((S[k] > 0 and U[i] < P) or (S[k] < 0 and U[i] > P))
            d[:, i] += (leak + (1 - leak) * mask) * G[k, :, i] * p[k]
    return d


@pytest.mark.parametrize("leak", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_batch_of_features_against_a_loop(leak, seed):
    rng = np.random.default_rng(seed)
    G, z = rng.standard_normal((3, 5, 7)), rng.standard_normal((5, 7))
    z[rng.random(z.shape) < 0.2] = 0.0
    G[:, :, 2] = 0.0
    G[1, :, 3] = 0.0
    for p in (None, np.array([0.7, 0.2, 0.1])):
        rule = mtlcore.rule("graddrop", seed=seed, leak=leak, preferences=p)
        noise = np.random.default_rng(seed)
        for _ in range(3):
            expected = plain(G, noise.random(7), leak, z, p)
            np.testing.assert_allclose(rule.combine(G, features=z), expected, atol=1e-14)


def test_without_features_it_is_the_plain_formula():
    G = np.random.default_rng(1).standard_normal((4, 9))
    expected = plain(G[:, None, :], np.random.default_rng(2).random(9), 0.25)[0]
    np.testing.assert_allclose(mtlcore.rule("graddrop", seed=2, leak=0.25).combine(G), expected, atol=1e-14)
    same = mtlcore.rule("graddrop", seed=2, leak=0.25).combine(G[:, None, :], features=np.ones((1, 9)))
    np.testing.assert_array_equal(same[0], mtlcore.rule("graddrop", seed=2, leak=0.25).combine(G))


def test_agreement_keeps_all_and_a_full_leak_is_the_mean():
    G = np.abs(np.random.default_rng(3).standard_normal((3, 6)))
    np.testing.assert_allclose(mtlcore.rule("graddrop").combine(G), G.mean(axis=0))
    np.testing.assert_allclose(mtlcore.rule("graddrop").combine(-G), -G.mean(axis=0))
    mixed = G * [[1], [-1], [1]]
    np.testing.assert_allclose(mtlcore.rule("graddrop", leak=1.0).combine(mixed), mixed.mean(axis=0))


def test_each_sign_is_drawn_with_the_odds_the_gradients_give_it():
    G = np.array([[3.0], [-1.0]]) * np.ones(4000)
    kept = mtlcore.rule("graddrop", seed=4).combine(G)
    assert set(np.unique(kept)) == {1.5, -0.5}
    assert abs((kept > 0).mean() - 0.75) < 0.03
