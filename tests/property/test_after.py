"""The gradients after a rule: their mean is its update, and each rule does to them what its paper says."""

import numpy as np
import pytest

import mtlcore
from mtlcore.diagnostics import DIAGNOSTICS, diagnose
from mtlcore.spec import draw_noise
from toy_problems import RULE_DIAGNOSTICS, condition_cap
from toy_problems.readings import rows_of, rule_diagnostics

RULES = {key: spec for key, spec in mtlcore.RULES.items() if spec.kind != "elementwise"}
PROJECTING = ("pcgrad", "gradvac", "upgrad")


def gradients(seed, tasks, spread=2.0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((tasks, 7)) * 10.0 ** (spread * rng.uniform(-0.5, 0.5, (tasks, 1)))


def answer(spec, gram, calls=3, **values):
    """Returns the weights of the last of some calls, and the parameter values."""
    tasks = len(gram)
    values = {p.name: p.default for p in spec.params} | values
    state, w = np.zeros(spec.state_size(tasks)), np.empty(tasks)
    size, rng = spec.noise_size(tasks, 1), np.random.default_rng(1)
    for _ in range(calls):
        noise = draw_noise(spec.noise, (size,), rng)
        spec.kernel(gram, np.arange(1.0, tasks + 1.0), spec.encode(values), noise, state, w)
    return w, values


def after_of(key, G, calls=3, **values):
    """Returns the gradients as rows, the weights, and the gradients after the rule (None: not known)."""
    spec, tasks = mtlcore.RULES[key], len(G)
    gram = G @ G.T
    w, values = answer(spec, gram, calls, **values)
    rows = rows_of(gram)
    return rows, w, spec.after(rows, w, np.full(tasks, 1.0 / tasks), values)


@pytest.mark.parametrize("tasks", [1, 2, 3, 5])
@pytest.mark.parametrize("key", RULES)
def test_the_mean_of_the_gradients_after_a_rule_is_its_update(key, tasks):
    for seed in range(8):
        rows, w, after = after_of(key, gradients(seed, tasks))
        if after is None:
            assert key in PROJECTING
            assert tasks != 2
            continue
        scale = (np.abs(w) * np.linalg.norm(rows, axis=1)).sum()
        np.testing.assert_allclose(after.mean(axis=0), w @ rows, atol=1e-9 * scale)


def test_a_rule_that_masks_entries_says_that_they_are_not_known():
    assert mtlcore.RULES["graddrop"].after is None


@pytest.mark.parametrize("scale", ["min", "median", "rmse"])
@pytest.mark.parametrize("tasks", [2, 3, 4, 5])
def test_the_aligned_gradients_have_condition_number_one(tasks, scale):
    """Its two halves: the singular values are equal, and they are the one that was asked for."""
    for seed in range(8):
        G = gradients(seed, tasks, spread=6.0)
        *_, after = after_of("aligned_mtl", G, scale=scale)
        singular = np.linalg.svd(G, compute_uv=False)[::-1]
        wanted = {
            "min": singular[0],
            "median": singular[(tasks - 1) // 2],
            "rmse": np.sqrt((singular**2).mean()),
        }
        np.testing.assert_allclose(np.linalg.svd(after, compute_uv=False), wanted[scale], rtol=1e-6)
        found = dict(zip(RULE_DIAGNOSTICS, rule_diagnostics(after), strict=True))
        assert found["condition"] == pytest.approx(1.0, abs=1e-9)
        assert found["magnitude_similarity"] == pytest.approx(1.0, abs=1e-9)
        assert found["min_cosine"] == pytest.approx(0.0, abs=1e-9)


def inner_products(rows):
    return rows @ rows.T


@pytest.mark.parametrize("key", ["pcgrad", "upgrad"])
@pytest.mark.parametrize("opposed", [True, False])
def test_two_projected_gradients_are_projected(key, opposed):
    for seed in range(8):
        G = gradients(seed, 2)
        if (G[0] @ G[1] < 0.0) != opposed:
            G[1] *= -1.0
        expected = G.copy()
        if opposed:
            for i, j in ((0, 1), (1, 0)):
                expected[i] = G[i] - (G[i] @ G[j]) / (G[j] @ G[j]) * G[j]
        *_, after = after_of(key, G)
        np.testing.assert_allclose(
            inner_products(after), inner_products(expected), atol=1e-9 * (G @ G.T).max()
        )


def test_two_gradients_turned_by_gradvac_have_at_least_their_usual_cosine():
    """With beta 0.5, on the same gradients again and again: the target is half the cosine in the second call."""
    G = np.array([[1.0, 0.0], [-1.0, 1.0]])
    cosine = -np.sqrt(0.5)
    rows, _, after = after_of("gradvac", G, calls=2)
    for k in (0, 1):  # each against the other as it was
        found = after[k] @ rows[1 - k] / np.linalg.norm(after[k]) / np.linalg.norm(rows[1 - k])
        assert found == pytest.approx(0.5 * cosine)


@pytest.mark.parametrize("key", PROJECTING)
@pytest.mark.parametrize("G", [[[1.0, 0.0], [0.0, 0.0]], [[1e-14, 0.0], [-3.0, 1.0]]], ids=["zero", "tiny"])
def test_against_a_zero_gradient_nothing_is_projected(key, G):
    rows, w, after = after_of(key, np.array(G))
    np.testing.assert_allclose(after, 2.0 * w[:, None] * rows, atol=1e-12)


@pytest.mark.parametrize("key", ["pcgrad", "upgrad"])
def test_nothing_is_left_of_opposite_gradients(key):
    *_, after = after_of(key, np.array([[3.0, 4.0], [-0.3, -0.4]]))
    np.testing.assert_array_equal(after, 0.0)


@pytest.mark.parametrize("tasks", [2, 3, 5])
def test_readings_of_rows_are_the_diagnostics_of_their_gram_matrix(tasks):
    names = [DIAGNOSTICS[DIAGNOSTICS.index(name)] for name in RULE_DIAGNOSTICS]
    grams = np.array([G @ G.T for G in (gradients(seed, tasks) for seed in range(8))])
    found = rule_diagnostics(rows_of(grams))
    for gram, values in zip(grams, found, strict=True):
        told = diagnose(gram)
        np.testing.assert_allclose(values, [told[name] for name in names], rtol=1e-7)
    np.testing.assert_allclose(
        rows_of(grams) @ np.swapaxes(rows_of(grams), -1, -2), grams, rtol=1e-9, atol=1e-12
    )


def test_what_means_nothing_is_no_number():
    assert np.isnan(rule_diagnostics(np.zeros((2, 3)))).all()
    one = rule_diagnostics(np.array([[1.0, 2.0], [0.0, 0.0]]))
    assert np.isnan(one[0])
    assert one[1:] == pytest.approx([0.0, condition_cap(2)])
