"""What holds at every level, whatever the rule and the transform that are measured there."""

import gc
import weakref

import numpy as np
import pytest
import torch
from torch import nn

import mtlcore
from mtlcore import registry
from mtlcore.nn import MultiTask
from mtlcore.nn.levels import LEVELS

TASKS, SAMPLES, WIDTH = 3, 12, 4
TRANSFORMS = [key for key in mtlcore.TRANSFORMS if key != "adversarial"]  # which is not offered for networks
RULES_AT = [
    (rule, level)
    for rule, spec in mtlcore.RULES.items()
    for level, strategy in LEVELS.items()
    if strategy.takes_elementwise or spec.kind != "elementwise"
]
METHODS = [f"none+{rule}@{level}" for rule, level in RULES_AT]
METHODS += [f"{transform}+mgda@{level}" for transform in TRANSFORMS for level in LEVELS]


def network(method: str, parametrization: str = "retraction") -> MultiTask:
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, WIDTH))
    heads = [nn.Linear(WIDTH, 1) for _ in range(TASKS)]
    return MultiTask(backbone, heads, method, parametrization=parametrization).double()


def data() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(SAMPLES, 5, generator=generator, dtype=torch.float64)
    return x, torch.randn(SAMPLES, TASKS, generator=generator, dtype=torch.float64) * torch.arange(
        1, TASKS + 1
    )


def step(net: MultiTask, parts: int) -> None:
    """One step on the same samples, gathered from this many equal micro-batches."""
    x, y = data()
    for inputs, targets in zip(x.chunk(parts), y.chunk(parts), strict=True):
        losses = [
            (p[:, 0] - target).square().mean() for p, target in zip(net(inputs), targets.T, strict=True)
        ]
        net.backward(losses, accumulate=parts)


def test_the_strategies_are_those_of_the_registry():
    assert tuple(LEVELS) == registry.LEVELS
    assert all(strategy.key == key for key, strategy in LEVELS.items())


@pytest.mark.parametrize("method", METHODS)
def test_a_step_does_not_depend_on_how_its_batch_is_cut(method):
    whole, cut = network(method), network(method)
    step(whole, 1)
    step(cut, 4)
    assert cut.last.level == whole.last.level
    np.testing.assert_allclose(cut.last.gram, whole.last.gram, rtol=1e-9, atol=1e-12)
    if whole.last.weights is not None:
        np.testing.assert_allclose(cut.last.weights, whole.last.weights, rtol=1e-7, atol=1e-12)
    for (name, one), other in zip(whole.named_parameters(), cut.parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None), name
        if one.grad is not None:
            torch.testing.assert_close(other.grad, one.grad, rtol=1e-7, atol=1e-11, msg=name)
    for (name, one), other in zip(whole.named_buffers(), cut.buffers(), strict=True):
        torch.testing.assert_close(other, one, rtol=1e-7, atol=1e-11, msg=name)


@pytest.mark.parametrize("key", mtlcore.RULES)
def test_a_rule_needs_gradients_where_its_answer_depends_on_them(key):
    """Two sets of gradients in conflict, the same losses and the same random numbers."""
    sets = np.eye(3) - 0.4 + np.array([np.diag([3.0, 1.0, 0.5]), np.diag([0.2, 1.0, 2.0])])
    spec, losses = mtlcore.RULES[key], [1.0, 2.0, 0.5]
    if spec.kind == "elementwise":
        assert spec.needs_gradients
        return
    answers = []
    for G in sets:
        rule = mtlcore.rule(key)
        rule.weights(G @ G.T, losses)  # the first answer of a rule that learns tells nothing
        answers.append(rule.weights(G @ G.T, losses))
    assert spec.needs_gradients == bool(np.abs(answers[0] - answers[1]).max() > 1e-9)


@pytest.mark.parametrize(("rule", "level"), RULES_AT)
def test_the_gradients_are_measured_at_the_level_unless_nobody_looks_at_them(rule, level):
    net = network(f"none+{rule}@{level}")
    step(net, 1)
    looks = mtlcore.RULES[rule].needs_gradients
    assert net.last.level == (level if looks else "features")


@pytest.mark.parametrize("parametrization", ["retraction", "expm"])
@pytest.mark.parametrize("received", [0, 1, 2])
@pytest.mark.parametrize("level", LEVELS)
def test_a_model_is_freed_as_soon_as_nobody_uses_it(level, received, parametrization):
    """Whatever a step has gathered holds no model: none waits for the garbage collector, with all its gradients."""
    net = network(f"rotation+mgda@{level}", parametrization)
    x, y = data()
    for _ in range(received):
        net.backward([(p[:, 0] - y[:, k]).square().mean() for k, p in enumerate(net(x))], accumulate=2)
    net(x)
    known = weakref.ref(net)
    gc.collect()
    gc.disable()
    try:
        del net
        assert known() is None
    finally:
        gc.enable()
