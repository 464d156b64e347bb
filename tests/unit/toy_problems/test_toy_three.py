"""What three tasks show and two cannot: at z = 0 every pair conflicts, elsewhere one task is left behind by all."""

import numpy as np
import pytest

import mtlcore
from mtlcore.diagnostics import DIAGNOSTICS, cosines
from toy_problems import PROBLEMS, ToyConfig, run

THREE = PROBLEMS["three"]
MIDDLE, ASIDE = (0.0, 0.0, 0.0, 0.0), (-4.0, 0.2, 0.5, 0.0)
NO_TRANSFORM = [key for key, spec in mtlcore.METHODS.items() if spec.transform == "none"]


def gradients(start):
    """Returns the tasks' gradients at a start, [3, 4]."""
    return run(ToyConfig(problem="three", method="uniform", steps=1, starts=(start,))).gradients[0, 0, :, 0]


def units(start):
    G = gradients(start)
    return G / np.linalg.norm(G, axis=1, keepdims=True)


def weights(rule, start, **params):
    """Returns the weights of a rule at a start, [3]."""
    G = gradients(start)
    return np.asarray(mtlcore.rule(rule, **params).weights(G @ G.T))


def test_both_starts_are_among_the_problems_own():
    assert {MIDDLE, ASIDE} <= set(THREE.starts)


def test_every_pair_conflicts_in_the_middle():
    G = gradients(MIDDLE)
    told = [[1.0, -0.6, -0.6], [-0.6, 1.0, -0.1], [-0.6, -0.1, 1.0]]
    np.testing.assert_allclose(cosines(G @ G.T), told, atol=1e-12)
    read = run(ToyConfig(problem="three", method="uniform", steps=1, starts=(MIDDLE,))).diagnostics[0, 0]
    assert read[DIAGNOSTICS.index("cosine")] == pytest.approx((-0.6 - 0.6 - 0.1) / 3)
    assert read[DIAGNOSTICS.index("min_cosine")] == pytest.approx(-0.6)


def test_the_sum_of_unit_gradients_hurts_the_first_task():
    """Proposition 3.1 of Javaloy & Valera 2021 promises that it hurts none: of two tasks, or without conflict."""
    u = units(MIDDLE)
    np.testing.assert_allclose(u @ u.sum(axis=0), [-0.2, 0.3, 0.3], atol=1e-12)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert (u[[i, j]] @ (u[i] + u[j]) >= 0.0).all()
    t = run(ToyConfig(problem="three", method="rotograd_scale", steps=1000, starts=(MIDDLE,)))
    assert (np.diff(t.excess[0, :50, 0]) > 0.0).all()
    assert t.excess[0, [0, -1], 0] == pytest.approx([2.0, 2.88], abs=0.01)


def test_pcgrads_answer_depends_on_its_order():
    G = gradients(MIDDLE)
    drawn = {tuple(weights("pcgrad", MIDDLE, seed=seed).round(9)) for seed in range(60)}
    assert len(drawn) == 8  # each of three tasks goes through the two others in one of two orders
    steps = np.array(sorted(drawn)) @ G
    apart = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    assert np.degrees(np.arccos((apart @ apart.T).min())) > 5.0
    pair = G[:2] @ G[:2].T
    assert (
        len({tuple(np.asarray(mtlcore.rule("pcgrad", seed=seed).weights(pair))) for seed in range(60)}) == 1
    )


def test_imtl_gs_first_weight_is_negative_aside():
    w = weights("imtl_g", ASIDE)
    assert w[0] == pytest.approx(-0.725, abs=1e-3)
    assert w.sum() == pytest.approx(1.0)
    projections = units(ASIDE) @ (w @ gradients(ASIDE))
    np.testing.assert_allclose(projections, projections[0], rtol=1e-9)


def test_mgdas_point_lies_on_the_edge_of_the_second_and_the_third_task():
    w = weights("mgda", ASIDE)
    assert w[0] == 0.0
    assert (w[1:] > 0.4).all()
    assert (weights("mgda", MIDDLE) > 0.3).all()


def test_aligned_mtls_three_scales_differ():
    G = gradients(ASIDE)
    found = {scale: weights("aligned_mtl", ASIDE, scale=scale) @ G for scale in ("min", "median", "rmse")}
    lengths = [float(np.linalg.norm(d)) for d in found.values()]
    assert lengths == pytest.approx([0.213, 1.211, 2.503], abs=1e-3)
    units = [d / np.linalg.norm(d) for d in found.values()]
    np.testing.assert_allclose(units, [units[0]] * 3, atol=1e-9)


@pytest.mark.parametrize("method", NO_TRANSFORM)
def test_without_a_view_of_its_own_no_task_set_is_served(method):
    t = run(ToyConfig(problem="three", method=method, **THREE.defaults | {"record_every": 1000}))
    assert not t.at_optimum[0, -1].all()


@pytest.mark.parametrize("method", ["rotograd", "rotate_only", "imtl_g_rk", "rotograd_v1_sgd", "d_grad"])
def test_views_of_their_own_serve_all_three(method):
    t = run(
        ToyConfig(
            problem="three", method=method, **THREE.defaults | {"record_every": 1000, "starts": "spread"}
        )
    )
    assert t.success[:, -1].all()
