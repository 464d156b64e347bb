"""GLS against 60 digits and against the gradient of the geometric mean."""

import numpy as np
import pytest
from mpmath import mp, mpf

import mtlcore
from mtlcore.compiled.signatures import NOT_CONVERGED
from tests.kernel_call import call


def expected(losses):
    """Returns the weights in 60 digits."""
    L, K = [mpf(float(x)) for x in losses], len(losses)
    return [float(mp.exp(sum(mp.log(x) for x in L) / K) / (K * x)) for x in L]


@pytest.mark.parametrize("tasks", [1, 2, 3, 10, 32])
@pytest.mark.parametrize("decades", [0.1, 4, 100, 500])
def test_the_weights_are_the_exact_ones(tasks, decades):
    rng = np.random.default_rng(tasks)
    for _ in range(10):
        losses = 10.0 ** (decades * rng.uniform(-0.5, 0.5, tasks))
        np.testing.assert_allclose(call("gls", np.eye(tasks), losses=losses)[1], expected(losses), rtol=1e-12)


def test_it_follows_the_geometric_mean_of_the_losses():
    torch = pytest.importorskip("torch")
    theta = torch.tensor([0.3, -1.2, 2.0], dtype=torch.float64, requires_grad=True)
    losses = torch.stack([(theta - c).square().sum() * s for c, s in ((1.0, 1.0), (-2.0, 50.0), (0.0, 1e-3))])
    G = torch.stack([torch.autograd.grad(x, theta, retain_graph=True)[0] for x in losses])
    (slope,) = torch.autograd.grad(losses.prod() ** (1 / 3), theta)
    d = mtlcore.rule("gls").combine(G, losses=losses.detach())
    torch.testing.assert_close(d, slope)


def test_a_loss_is_never_divided_by_below_a_trillionth_of_its_first_and_counts_once_it_was_positive():
    rule = mtlcore.rule("gls")
    np.testing.assert_allclose(rule.weights(np.eye(3), losses=[2.0, 0.0, 8.0]), [1.0, 0.0, 0.25], rtol=1e-13)
    np.testing.assert_allclose(
        rule.weights(np.eye(3), losses=[2.0, 0.0, 0.0])[[0, 2]], [1e-6, 2.5e5], rtol=1e-6
    )
    third = rule.weights(np.eye(3), losses=[2.0, 4.0, 8.0])
    np.testing.assert_allclose(third, [2 / 3, 1 / 3, 1 / 6], rtol=1e-13)
    np.testing.assert_allclose(mtlcore.rule("gls").weights(np.eye(3), losses=np.zeros(3)), np.full(3, 1 / 3))


def test_weights_that_float64_cannot_hold_are_said_to_be_none():
    status, w = call("gls", np.eye(3), losses=[1e300, 1e300, 1e-300])
    assert status == NOT_CONVERGED
    assert not w.any()
