"""Gradients that are not finite are refused by every method; with a gradient scaler the step is skipped."""

import numpy as np
import pytest
import torch
from small_networks import TASKS, batch, grads, losses_of, model, step
from torch import nn

import mtlcore

NAMED = [key for key, spec in mtlcore.METHODS.items() if spec.transform != "adversarial"]
MORE = ["none+graddrop@parameters", "rotation+mgda@parameters", "none+uniform@parameters"]
EVERY = pytest.mark.parametrize("method", [*NAMED, *MORE])


class Steep(nn.Module):
    """The identity, with an infinite slope at 0, which one entry of a row is."""

    def forward(self, x):
        return x + (x - x.detach()).abs().sqrt()


def snapshot(net):
    moved = {k: v.clone() for k, v in net.transform.state_dict().items() if k != "_extra_state"}
    return grads(net), net.rule.state_dict(), moved


def assert_as_before(net, before):
    for name, value in grads(net).items():
        assert (value is None) == (before[0][name] is None), name
        assert value is None or torch.equal(value, before[0][name]), name
    for name, value in net.rule.state_dict().items():
        np.testing.assert_array_equal(value, before[1][name])
    for name, value in before[2].items():
        assert torch.equal(net.transform.state_dict()[name], value), name


@EVERY
@pytest.mark.parametrize("where", ["view", "head", "backbone"])
@pytest.mark.parametrize("accumulate", [1, 2])
def test_every_method_refuses_and_changes_nothing(method, where, accumulate):
    net = model(method)
    step(net)
    if where == "backbone":
        net.backbone.insert(1, Steep())
        if net._last_shared:
            net._last_shared = "3"
    before = snapshot(net)
    x, targets = batch(4)
    for _ in range(accumulate - 1):
        net.backward(losses_of(net(x), targets), accumulate=accumulate)
    losses = losses_of(net(x), targets)
    steep = {"view": losses[1], "head": net.heads[1][0].bias.sum()}
    if where in steep:
        losses[1] = losses[1] + (steep[where] - steep[where].detach()).abs().sqrt()
    sentence = "gradient of task 1 is not finite" if where in steep else "gradient of tasks? .* is not finite"
    with pytest.raises(ValueError, match=sentence):
        net.backward(losses, accumulate=accumulate)
    assert_as_before(net, before)


def optimizers(net):
    network = torch.optim.SGD(net.network_parameters(), lr=0.1)
    own = net.transform_optimizer()
    return [network, own[0]] if own else [network]


@EVERY
@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_scaler_changes_no_step(method, accumulate):
    plain, scaled = model(method), model(method)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12)
    for seed in range(2):
        for net in (plain, scaled):
            given = {"scaler": scaler} if net is scaled else {}
            stepped = optimizers(net)
            net.zero_grad()
            for part in range(accumulate):
                x, targets = batch(2 * seed + part)
                net.backward(losses_of(net(x), targets), accumulate=accumulate, **given)
            for optimizer in stepped:
                scaler.step(optimizer) if net is scaled else optimizer.step()
        scaler.update()
        np.testing.assert_allclose(scaled.last.gram, plain.last.gram, rtol=1e-12)
        np.testing.assert_array_equal(scaled.last.losses, plain.last.losses)
        for a, b in zip(plain.parameters(), scaled.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(scaled.rule.state_dict()["state"], plain.rule.state_dict()["state"], rtol=1e-9)


@EVERY
def test_an_overflow_in_16_bits_skips_the_step(method):
    net = model(method).float()
    x, targets = batch()
    x, targets = x.float(), [y.float() for y in targets]
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**30)

    def backward():
        net.zero_grad()
        with torch.autocast("cpu", torch.float16):
            losses = [(p.float() - y).square().mean() for p, y in zip(net(x), targets, strict=True)]
        net.backward(losses, scaler=scaler)
        for optimizer in stepped:
            scaler.step(optimizer)
        scaler.update()

    stepped = optimizers(net)
    before, start = snapshot(net), [p.detach().clone() for p in net.parameters()]
    backward()
    assert net.last.overflow
    assert scaler.get_scale() == 2.0**29
    assert all(torch.equal(p, q) for p, q in zip(net.parameters(), start, strict=True))
    net.zero_grad()
    assert_as_before(net, before)
    while net.last.overflow:
        backward()
    assert 1.0 < scaler.get_scale() < 2.0**29
    assert not all(torch.equal(p, q) for p, q in zip(net.parameters(), start, strict=True))
    assert all(bool(torch.isfinite(p).all()) for p in net.parameters())


def test_an_infinite_loss_in_a_micro_batch_skips_the_step_too():
    net, scaler = model("gradnorm_z"), torch.amp.GradScaler("cpu")
    x, targets = batch()
    before = snapshot(net)
    losses = losses_of(net(x), targets)
    net.backward([losses[0], losses[1] / 0.0, losses[2]], accumulate=2, scaler=scaler)
    step(net, accumulate=2, scaler=scaler)
    assert net.last.overflow
    assert not net.last.weights.any()
    assert all(bool(p.grad.isinf().all()) for p in net.parameters())
    net.zero_grad()
    assert_as_before(net, before)


def test_a_scaler_that_is_off_or_none_at_all():
    net, plain = model("rotograd"), model("rotograd")
    step(net, scaler=torch.amp.GradScaler("cpu", enabled=False))
    step(plain)
    for a, b in zip(net.parameters(), plain.parameters(), strict=True):
        assert torch.equal(a.grad, b.grad)
    with pytest.raises(TypeError, match=r"scaler takes a torch\.amp\.GradScaler or None, got float"):
        step(net, scaler=1024.0)
    step(net, accumulate=2, scaler=torch.amp.GradScaler("cpu"))
    with pytest.raises(ValueError, match="same scaler, with the same scale"):
        step(net, accumulate=2)
    assert TASKS == 3
