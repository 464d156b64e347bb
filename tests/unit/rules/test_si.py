"""SI: one over the losses, which is the gradient of the mean logarithm, and what that does near an optimum."""

import numpy as np
import pytest

import mtlcore
from mtlcore.compiled.signatures import NOT_CONVERGED, OK
from tests.kernel_call import call


@pytest.mark.parametrize("tasks", [1, 2, 3, 10, 32])
@pytest.mark.parametrize("decades", [0.1, 4, 600])
def test_the_weights_are_one_over_the_losses(tasks, decades):
    losses = 10.0 ** (decades * np.random.default_rng(tasks).uniform(-0.5, 0.5, tasks))
    status, w = call("si", np.eye(tasks), losses=losses)
    assert status == OK
    np.testing.assert_allclose(w * losses * tasks, 1.0, rtol=1e-15)


def test_the_units_of_a_loss_make_no_difference():
    G, losses, units = np.array([[1.0, 2.0], [-3.0, 0.5]]), np.array([0.2, 5.0]), np.array([1e-4, 3e6])
    one = mtlcore.rule("si").combine(G, losses=losses)
    other = mtlcore.rule("si").combine(units[:, None] * G, losses=units * losses)
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_steps_grow_as_one_over_the_loss_near_an_optimum():
    """For L = x^2 / 2 the gradient is x, the loss falls with its square, so the step is 2 / x."""
    for x in (1.0, 1e-1, 1e-2, 1e-3):
        step = mtlcore.rule("si").combine(np.array([[x]]), losses=[0.5 * x * x])
        np.testing.assert_allclose(step, [2.0 / x], rtol=1e-12)


def test_a_loss_counts_once_it_was_positive_and_never_below_a_trillionth_of_that():
    rule = mtlcore.rule("si")
    np.testing.assert_allclose(rule.weights(np.eye(3), losses=[2.0, 0.0, 8.0]), [1 / 4, 0.0, 1 / 16])
    w = rule.weights(np.eye(3), losses=[2.0, 0.0, 0.0])
    np.testing.assert_allclose(w, [1 / 4, 0.0, 1e12 / 16])
    np.testing.assert_allclose(rule.weights(np.eye(3), losses=[2.0, 4.0, 8.0]), [1 / 6, 1 / 12, 1 / 24])
    np.testing.assert_allclose(mtlcore.rule("si").weights(np.eye(3), losses=np.zeros(3)), np.full(3, 1 / 3))


def test_a_weight_that_float64_cannot_hold_is_said_to_be_none():
    status, w = call("si", np.eye(2), losses=[1.0, 1e-310])
    assert status == NOT_CONVERGED
    assert not w.any()
