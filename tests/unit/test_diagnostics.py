"""Diagnostics against numpy and SciPy, and their defined values where nothing is left to divide by."""

import numpy as np
import pytest
from scipy.optimize import minimize

from mtlcore import diagnostics
from mtlcore.diagnostics import DIAGNOSTICS, diagnose

CAP = 1 / np.sqrt(np.finfo(float).eps)  # of the condition number, times 1 / sqrt(K)


def gradients(seed, tasks, spread=1.0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((tasks, 7)) * 10.0 ** (spread * rng.uniform(-0.5, 0.5, (tasks, 1)))


def shortest_of_hull(G):
    """The min-norm point by SciPy: a slow oracle."""
    tasks = len(G)
    best = min(

            minimize(
                lambda a: ((a @ G) ** 2).sum(), start, jac=lambda a: 2 * G @ (a @ G), method="SLSQP",
                bounds=[(0, 1)] * tasks, constraints={"type": "eq", "fun": lambda a: a.sum() - 1},
                options={"ftol": 1e-15, "maxiter": 500},
            ).fun
            for start in (np.full(tasks, 1 / tasks), *np.eye(tasks))

    )  # fmt: skip
    return np.sqrt(best)


@pytest.mark.parametrize("tasks", [2, 3, 5])
@pytest.mark.parametrize("seed", range(5))
def test_against_the_gradients_themselves(tasks, seed):
    G = gradients(seed, tasks)
    norms = np.linalg.norm(G, axis=1)
    pairs = np.triu_indices(tasks, 1)
    cosine = (G @ G.T) / np.outer(norms, norms)
    similarity = 2 * np.outer(norms, norms) / (norms[:, None] ** 2 + norms**2)
    told = diagnose(G @ G.T)
    assert told["cosine"] == pytest.approx(cosine[pairs].mean(), rel=1e-12)
    assert told["min_cosine"] == pytest.approx(cosine[pairs].min(), rel=1e-12)
    assert told["norm_ratio"] == pytest.approx(norms.max() / norms.min(), rel=1e-12)
    assert told["magnitude_similarity"] == pytest.approx(similarity[pairs].mean(), rel=1e-12)
    assert told["condition"] == pytest.approx(np.linalg.cond(G), rel=1e-9)
    assert told["stationarity"] == pytest.approx(shortest_of_hull(G) / norms.max(), abs=1e-7)
    np.testing.assert_allclose(diagnostics.cosines(G @ G.T), cosine, atol=1e-12)


@pytest.mark.parametrize("factor", [1e-12, 1e12])
@pytest.mark.parametrize("tasks", [2, 4])
def test_units_do_not_matter(tasks, factor):
    G = gradients(1, tasks)
    expected = diagnose(G @ G.T)
    told = diagnose((factor * G) @ (factor * G).T)
    assert told == pytest.approx(expected, rel=1e-9)


def test_single_functions_are_the_dictionary():
    gram = gradients(2, 3) @ gradients(2, 3).T
    told = diagnose(gram)
    assert tuple(told) == DIAGNOSTICS
    assert told == {
        "cosine": diagnostics.mean_cosine(gram),
        "norm_ratio": diagnostics.norm_ratio(gram),
        "magnitude_similarity": diagnostics.magnitude_similarity(gram),
        "condition": diagnostics.condition_number(gram),
        "stationarity": diagnostics.stationarity(gram),
        "min_cosine": diagnostics.min_cosine(gram),
    }


def test_the_engines_record_them_in_this_order():
    from toy_problems.trajectory import DIAGNOSTICS as RECORDED

    assert RECORDED == DIAGNOSTICS


A, B = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
DEFINED = {  # gradients -> cosine, norm ratio, magnitude similarity, condition, stationarity, minimum cosine
    "none": (np.zeros((2, 3)), (0.0, 1.0, 1.0, 1.0, 0.0, 0.0)),
    "three_none": (np.zeros((3, 3)), (0.0, 1.0, 1.0, 1.0, 0.0, 0.0)),
    "one_of_two": (np.stack((A, 0 * A)), (0.0, 1.0, 0.0, CAP / np.sqrt(2), 0.0, 0.0)),
    "two_of_three": (np.stack((A, 2 * B, 0 * A)), (0.0, 2.0, 0.8 / 3, CAP / np.sqrt(3), 0.0, 0.0)),
    "one_task": (A[None], (0.0, 1.0, 1.0, 1.0, 1.0, 0.0)),
    "parallel": (np.stack((A, 4 * A)), (1.0, 4.0, 8 / 17, CAP / np.sqrt(2), 0.25, 1.0)),
    "opposite": (np.stack((A, -A)), (-1.0, 1.0, 1.0, CAP / np.sqrt(2), 0.0, -1.0)),
    "orthogonal": (np.stack((A, B)), (0.0, 1.0, 1.0, 1.0, np.sqrt(0.5), 0.0)),
    "inactive": (np.stack((A, 1e-13 * B)), (0.0, 1.0, 2e-13, CAP / np.sqrt(2), 1e-13, 0.0)),
}


@pytest.mark.parametrize("case", DEFINED)
def test_every_value_is_defined(case):
    G, expected = DEFINED[case]
    assert tuple(diagnose(G @ G.T).values()) == pytest.approx(expected, rel=1e-9, abs=1e-14)


def test_cosine_matrix_of_a_zero_gradient_is_zero():
    G = np.stack((A, 0 * A, -B))
    np.testing.assert_array_equal(diagnostics.cosines(G @ G.T), np.diag([1.0, 0.0, 1.0]))


@pytest.mark.parametrize("tasks", [2, 3, 5])
def test_the_mean_and_the_least_cosine_are_of_the_cosines_between_all_pairs(tasks):
    for seed in range(20):
        G = gradients(seed, tasks)
        between = diagnostics.cosines(G @ G.T)
        np.testing.assert_array_equal(between, between.T)
        pairs = between[np.tril_indices(tasks, -1)]
        assert diagnostics.min_cosine(G @ G.T) == pairs.min()
        assert diagnostics.mean_cosine(G @ G.T) == pytest.approx(pairs.mean(), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("gram", [np.ones((2, 3)), np.ones(4), np.ones((0, 0)), np.array([[np.nan]])])
def test_a_bad_matrix_is_refused(gram):
    with pytest.raises(ValueError, match="gram takes"):
        diagnose(gram)
