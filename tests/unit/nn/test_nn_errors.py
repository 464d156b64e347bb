"""Every way to misuse MultiTask has a sentence of its own, and leaves gradients and state as they were."""

import numpy as np
import pytest
import torch
from small_networks import TASKS, batch, grads, losses_of, model, step
from torch import nn

import mtlcore
from mtlcore.nn import MultiTask


def given(net, change):
    """One forward, then backward on losses that `change` has been at."""
    x, targets = batch()
    losses = losses_of(net(x), targets)
    return net.backward(change(losses))


@pytest.mark.parametrize("method", ["uniform", "rotograd", "gradnorm_w", "dwa"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda losses: [losses[0], losses[1] * float("nan"), losses[2]], "loss of task 1 is nan"),
        (lambda losses: [losses[0], losses[1], losses[2] / 0.0], "loss of task 2 is inf"),
        (lambda losses: losses[:2], "losses takes 3 scalar tensors, one a task, got 2"),
        (lambda losses: [losses[0], losses[1].expand(7), losses[2]], r"task 1 takes a scalar tensor.* \[7\]"),
        (lambda losses: [losses[0], 1.0, losses[2]], "loss of task 1 takes a scalar tensor, got float"),
        (lambda losses: [losses[0], losses[1], losses[2].to("meta")], "loss of task 2 is on meta"),
        (lambda losses: [losses[1], losses[0], losses[2]], "task 0 does not depend on the shared"),
        (lambda losses: [losses[0], losses[1].detach(), losses[2]], "task 1 does not depend on the shared"),
        (lambda losses: [losses[0], losses[1] + losses[2], losses[2]], "task 1 depends on the prediction of"),
        (lambda losses: dict(enumerate(losses)), "one for each of the tasks 0, 1, 2"),
    ],
)  # fmt: skip
def test_a_bad_loss_is_named_and_changes_nothing(method, change, sentence):
    net = model(method)
    step(net)
    before, state = grads(net), net.rule.state_dict()
    with pytest.raises(ValueError, match=sentence):
        given(net, change)
    for name, value in grads(net).items():
        assert value is None or torch.equal(value, before[name]), name
    for name, value in net.rule.state_dict().items():
        np.testing.assert_array_equal(value, state[name])
    step(net)


def test_a_single_tensor_of_losses_is_refused():
    with pytest.raises(
        TypeError, match="losses takes a sequence of 3 scalar tensors, one a task, got Tensor"
    ):
        given(model(), torch.stack)


@pytest.mark.parametrize("level", ["features", "parameters"])
def test_a_gradient_that_is_not_finite_names_the_task(level):
    net = model(f"none+rotograd_scale@{level}")
    x, targets = batch()
    losses = losses_of(net(x), targets)
    steep = (losses[1] - losses[1].detach()).abs().sqrt()  # 0, with an infinite slope
    with pytest.raises(ValueError, match="gradient of task 1 is not finite"):
        net.backward([losses[0], losses[1] + steep, losses[2]])
    assert all(p.grad is None for p in net.parameters())


def test_two_backwards_after_one_forward():
    net = model()
    losses = step(net)
    with pytest.raises(RuntimeError, match="one forward before each call"):
        net.backward(losses)


def test_losses_of_an_earlier_forward():
    net = model()
    x, targets = batch()
    stale = losses_of(net(x), targets)
    net(x)
    with pytest.raises(ValueError, match="not made from this model's last forward"):
        net.backward(stale)


def test_a_forward_without_gradients_leaves_the_pending_one_alone():
    net = model()
    x, targets = batch()
    losses = losses_of(net(x), targets)
    with torch.no_grad():
        net(x)
    net.backward(losses)


def test_m_above_d_and_a_d_that_does_not_fit():
    with pytest.raises(ValueError, match=r"MultiTask: m takes -1 \(all\) or 0 to d = 4, got 5"):
        model(mtlcore.method("rotograd", m=5))
    net = MultiTask(nn.Linear(5, 6), [nn.Linear(4, 1)] * 2, "rotograd")
    with pytest.raises(ValueError, match=r"features have d = 6 .* made for d = 4: pass d=6"):
        net(torch.zeros(2, 5))
    with pytest.raises(ValueError, match=r"do not tell the feature dimension d .*pass d="):
        MultiTask(nn.Linear(5, 6), [nn.Identity()], "rotograd")
    with pytest.raises(ValueError, match=r"shape \[N, d\] or \[N, d, H, W\], got \[4\]"):
        MultiTask(nn.Flatten(0), [nn.Linear(4, 1)], "rotograd")(torch.zeros(4, 1, requires_grad=True))


class Blind(nn.Module):
    def __init__(self):
        super().__init__()
        self.value = nn.Parameter(torch.ones(1, 1, dtype=torch.float64))

    def forward(self, r):
        return self.value


def test_a_head_that_does_not_use_z():
    net = model()
    net.heads[2] = Blind()
    with pytest.raises(
        ValueError, match="task 2 does not depend on the shared feature: its head does not use z"
    ):
        step(net)


def test_mixed_devices():
    net = model()
    net.heads[1].to("meta")
    with pytest.raises(ValueError, match="the features are on cpu, the head of task 1 is on meta"):
        step(net)
    net = model("rotograd")
    net.transform.to("meta")
    with pytest.raises(ValueError, match="the features are on cpu, the transform is on meta"):
        step(net)


def test_a_head_that_writes_over_its_input():
    net = model()
    net.heads[1].insert(0, nn.ReLU(inplace=True))
    with pytest.raises(RuntimeError, match="head of task 1 changes its input in place"):
        step(net)


def test_a_backbone_that_returns_no_feature():
    with pytest.raises(TypeError, match="returns one tensor, got tuple"):
        MultiTask(nn.LSTM(3, 4), [nn.Linear(4, 1)])(torch.zeros(2, 3))
    with pytest.raises(TypeError, match=r"floating-point feature, got torch\.int64"):
        MultiTask(nn.Identity(), [nn.Linear(4, 1)])(torch.zeros(2, 4, dtype=torch.int64))


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ({"heads": []}, ValueError, "heads takes at least one module"),
        ({"heads": nn.Linear(4, 1)}, TypeError, "heads takes a sequence or a mapping of modules"),
        ({"heads": None}, TypeError, "heads takes a sequence or a mapping of modules"),
        ({"heads": {0: nn.Linear(4, 1)}}, TypeError, "takes task names that are words, got 0"),
        ({"heads": [len]}, TypeError, "task 0 takes an nn.Module, got builtin_function_or_method"),
        ({"method": "nonsense"}, ValueError, "method takes one of"),
        ({"method": 3}, TypeError, "method takes a name .*, got int"),
        ({"backbone": len}, TypeError, "backbone takes an nn.Module, got builtin_function_or_method"),
        ({"method": "rotograd", "d": 4.0}, TypeError, "d takes a whole number, got 4.0"),
        ({"method": "rotograd", "d": 0}, ValueError, "d takes a whole number from 1, got 0"),
        ({"feature_dim": "channels"}, TypeError, "feature_dim takes a whole number, got 'channels'"),
        ({"method": "gradnorm_w", "last_shared": 3}, TypeError, "last_shared takes a module .*, got int"),
        (
            {"method": mtlcore.method("uniform", task_weights=[0.5, 0.5])},
            ValueError,
            "task_weights takes 3 numbers",
        ),
        ({"preferences": (1, 2)}, ValueError, "MultiTask: preferences takes 3 numbers, one a task, got 2"),
        ({"preferences": (1, 2, 0), "method": "cagrad"}, ValueError, "preferences takes .* positive numbers"),
        (
            {"preferences": (1, 2, 3), "method": "mgda"},
            ValueError,
            "MGDA takes no preferences: it finds its own",
        ),
        (
            {"preferences": (1, 2, 3), "method": mtlcore.method("uniform", preferences=(1, 2, 3))},
            ValueError,
            "preferences takes one place",
        ),
        (
            {"method": mtlcore.method("single_task", task=3)},
            ValueError,
            "task takes a number from 0 to 2, got 3",
        ),
        (
            {"method": "rotograd", "parametrization": "qr"},
            ValueError,
            "takes one of retraction, expm, got 'qr'",
        ),
        (
            {"method": "none+graddrop@last_shared"},
            ValueError,
            "graddrop takes the level features or parameters",
        ),
        (
            {"method": "gradnorm_w", "last_shared": "layer9"},
            ValueError,
            r"last_shared takes a module .*got 'layer9'",
        ),
    ],
)
def test_construction(arguments, kind, sentence):
    with pytest.raises(kind, match=sentence):
        MultiTask(**{"backbone": nn.Linear(5, 4), "heads": [nn.Linear(4, 1)] * TASKS} | arguments)


@pytest.mark.parametrize("dim", [0, 2, -2])
def test_a_dimension_the_features_do_not_have(dim):
    net = MultiTask(nn.Linear(5, 4), [nn.Linear(4, 1)] * TASKS, "rotograd", feature_dim=dim)
    with pytest.raises(ValueError, match=rf"feature_dim takes a dimension .*, got {dim}"):
        net(torch.zeros(2, 5))


def test_a_backbone_without_a_weight_matrix_has_no_last_shared():
    with pytest.raises(ValueError, match="none of its modules has a weight matrix"):
        MultiTask(nn.BatchNorm1d(4), [nn.Linear(4, 1)], "gradnorm_w")


def test_accumulate_takes_a_whole_number_and_keeps_to_it():
    net = model()
    for bad in (0, 1.5, True):
        with pytest.raises(ValueError, match="accumulate takes a whole number from 1"):
            step(net, accumulate=bad)
    step(net, accumulate=3)
    with pytest.raises(ValueError, match="accumulate takes 3 until the 1 micro-batches"):
        step(net, accumulate=2)


def test_an_unknown_task():
    with pytest.raises(ValueError, match="task takes one of 0, 1, 2, got 7"):
        model().task(7)


def test_a_re_entrant_checkpoint_in_a_head():
    class Checkpointed(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, r):
            return torch.utils.checkpoint.checkpoint(self.inner, r, use_reentrant=True)

    net = model()
    net.heads[1] = Checkpointed(net.heads[1])
    with pytest.raises(RuntimeError, match="head of task 1 uses checkpoint.*use_reentrant=False"):
        step(net)
