"""DB-MTL: on the whole zoo against 60 digits, its heads, its lengths, and what it does near an optimum."""

import numpy as np
import pytest
from mpmath import mp, mpf

import mtlcore
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, STATIONARY
from tests import oracles
from tests.kernel_call import call
from tests.matrix_zoo import ZOO, gram


def expected(M, losses):
    """Returns the weights in 60 digits: max_j (n_j / L_j) / (K n_k)."""
    n, L = [mp.sqrt(mpf(float(M[k, k]))) for k in range(len(M))], [mpf(float(x)) for x in losses]
    longest = max(a / b for a, b in zip(n, L, strict=True))
    return [longest / (len(n) * a) for a in n]


@pytest.mark.parametrize("name", ZOO)
def test_the_update_is_the_exact_one(name):
    G = ZOO[name]
    M, losses = gram(G), 10.0 ** np.random.default_rng(len(G)).uniform(-2, 2, len(G))
    active = np.diag(M) > 1e-24 * np.diag(M).max()
    status, w = call("db_mtl", M, losses=losses)
    right = oracles.on_active(M, lambda sub, p: expected(sub, losses[active]))
    longest = np.sqrt(np.diag(M)).max() / losses.min()
    assert status == (OK if active.any() else STATIONARY)
    assert oracles.distance(M, w, right) <= 1e-12 * longest * len(G)


def test_every_gradient_becomes_as_long_as_the_longest_of_a_logarithm():
    """The logarithms' gradients have the lengths 2 / 4, 3 / 1 and 5 / 10."""
    w = call("db_mtl", np.diag([4.0, 9.0, 25.0]), losses=[4.0, 1.0, 10.0])[1]
    np.testing.assert_allclose(w * [2.0, 3.0, 5.0], 3.0 / 3, rtol=1e-14)


def test_the_heads_get_the_gradients_of_the_logarithms_also_where_the_shared_gradient_is_zero():
    state = np.zeros(6)
    _, w = call("db_mtl", np.diag([4.0, 0.0, 25.0]), losses=[4.0, 1.0, 10.0], state=state)
    np.testing.assert_allclose(state[3:], [1 / 12, 1 / 3, 1 / 30], rtol=1e-14)
    np.testing.assert_allclose(w, [0.5 / 2 / 2, 0.0, 0.5 / 5 / 2], rtol=1e-14)
    state = np.zeros(6)
    call("db_mtl", np.eye(3), losses=[4.0, 0.0, 10.0], state=state)  # the second loss was never positive
    np.testing.assert_allclose(state[3:], [1 / 8, 0.0, 1 / 20], rtol=1e-14)


def test_a_network_s_heads_and_trunk_get_what_the_definition_says():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    backbone = torch.nn.Linear(5, 4).double()
    heads = [torch.nn.Linear(4, 1).double() for _ in range(3)]
    model = mtlcore.nn.MultiTask(backbone, heads, "db_mtl")
    x = torch.randn(7, 5, dtype=torch.float64)

    def losses_of(outputs):
        return [(p - k).square().mean() * 10.0**k for k, p in enumerate(outputs)]

    plain = losses_of([head(backbone(x)) for head in heads])
    shared = [torch.autograd.grad(loss, list(backbone.parameters()), retain_graph=True) for loss in plain]
    own = [torch.autograd.grad(plain[k], heads[k].weight)[0] for k in range(3)]
    L = [loss.item() for loss in plain]
    n = [float(sum(g.square().sum() for g in pair)) ** 0.5 for pair in shared]
    longest = max(a / b for a, b in zip(n, L, strict=True))
    model.backward(losses_of(model(x)))
    update = sum(longest / (3 * n[k]) * shared[k][0] for k in range(3))
    torch.testing.assert_close(backbone.weight.grad, update)
    for k, head in enumerate(heads):
        torch.testing.assert_close(head.weight.grad, own[k] / (3 * L[k]))


def test_steps_grow_as_one_over_the_loss_near_an_optimum():
    for x in (1.0, 1e-2, 1e-4):
        step = mtlcore.rule("db_mtl").combine(np.array([[x]]), losses=[0.5 * x * x])
        np.testing.assert_allclose(step, [2.0 / x], rtol=1e-12)


def test_a_loss_counts_once_it_was_positive():
    rule = mtlcore.rule("db_mtl")
    np.testing.assert_allclose(rule.weights(np.eye(3), losses=[2.0, 0.0, 8.0]), [1 / 4, 0.0, 1 / 4])
    np.testing.assert_allclose(rule.weights(np.eye(3), losses=[2.0, 1.0, 0.0]), np.full(3, 1e12 / 24))
    flat = mtlcore.rule("db_mtl").weights(np.diag([1.0, 4.0]), losses=np.zeros(2))
    np.testing.assert_allclose(flat, [1.0, 0.5])


def test_weights_that_float64_cannot_hold_are_said_to_be_none():
    state = np.zeros(4)
    status, w = call("db_mtl", 1e-20 * np.eye(2), losses=[1.0, 1e-310], state=state)
    assert status == NOT_CONVERGED
    assert not w.any()
    assert not state[2:].any()
