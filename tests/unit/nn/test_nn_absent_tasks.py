"""A task without a loss in a batch: the method is that of the tasks present, and the absent one is left alone."""

import numpy as np
import pytest
import torch
from by_hand import assert_gradients, expected, gradients, heads_of, parts_of
from small_networks import TASKS, batch, grads, losses_of, model, step

import mtlcore
from mtlcore.nn import MultiTask

NAMED = [key for key, spec in mtlcore.METHODS.items() if spec.transform != "adversarial"]
NAMED += ["rotation+ema-cagrad@features", "none+unit-gradvac@parameters", "none+unit-db_mtl@features"]
MORE = [
    "none+graddrop@parameters",
    "rotation+mgda@parameters",
    "none+imtl@features",
    "none+nash_mtl@last_shared",
]
RUNNING = pytest.mark.parametrize("method", [*NAMED, *MORE])


def without(absent):
    """Losses that are None where `absent` says so; it is asked with the task and a counter of calls."""
    calls = []

    def found(net, predictions, targets):
        calls.append(0)
        losses = losses_of(predictions, targets)
        return [None if absent(k, len(calls) - 1) else loss for k, loss in enumerate(losses)]

    return found


def fresh(method):
    level = mtlcore.registry.method_spec(method).level
    return model(method, last_shared="2" if level == "last_shared" else None)


@RUNNING
@pytest.mark.parametrize(
    ("accumulate", "absent"),
    [(1, lambda k, j: k == 1), (3, lambda k, j: k == 1 or (k == 2 and j % 3 == 0))],
    ids=["in the batch", "in some micro-batches"],
)
def test_the_gradients_are_those_of_the_definition(method, accumulate, absent):
    net = fresh(method)
    rule, scales = mtlcore.rule(net.rule.spec.key, **net.rule.params), heads_of(net)
    for seed in range(2):
        net.zero_grad()
        parts = parts_of(*batch(seed, n=6), accumulate)
        wanted = expected(net, rule, scales, gradients(net, parts, without(absent)))
        losses = without(absent)
        for x, targets in parts:
            net.backward(losses(net, net(x), targets), accumulate=accumulate)
        assert_gradients(net, wanted)
        assert all(p.grad is None for p in net.heads[1].parameters())
        assert net.last.head_weights[1] == 0.0
        assert np.isnan(net.last.losses).tolist() == [False, True, False]


@pytest.mark.parametrize("method", ["rotograd", "rotograd_v1", "rotograd_v1_sgd", "d_grad", "imtl_g_rk"])
def test_the_absent_task_s_transform_does_not_learn(method):
    net = fresh(method)
    step(net)  # RotoGrad v1 has moved
    net.zero_grad()
    before = {
        name: value.clone() for name, value in net.transform.state_dict().items() if name != "_extra_state"
    }
    x, targets = batch(5)
    net.backward(without(lambda k, j: k == 1)(net, net(x), targets))
    for name, value in net.transform.state_dict().items():
        if name != "_extra_state" and value.ndim:
            assert torch.equal(value[1], before[name][1]), name
    for parameter in net.transform.parameters():
        assert not parameter.grad[1].any()
        assert parameter.grad[0].any()


@pytest.mark.parametrize("alignment", ["paper", "library"])
def test_the_rotations_align_with_the_tasks_present(alignment):
    net = model(mtlcore.method("rotograd", alignment=alignment))
    x, targets = batch()
    net.backward(without(lambda k, j: k == 1)(net, net(x), targets))
    fewer = MultiTask(
        net.backbone, [net.heads[0], net.heads[2]], mtlcore.method("rotograd", alignment=alignment)
    )
    fewer.backward(losses_of(fewer(x), [targets[0], targets[2]]))
    torch.testing.assert_close(net.transform.tangent.grad[[0, 2]], fewer.transform.tangent.grad)


@RUNNING
def test_with_all_tasks_absent_nothing_is_written(method):
    net = fresh(method)
    step(net)
    net.zero_grad()
    x, _ = batch()
    state, moved = (
        net.rule.state_dict(),
        {k: v for k, v in net.transform.state_dict().items() if k != "_extra_state"},
    )
    net(x)
    net.backward([None] * TASKS)
    assert all(p.grad is None for p in net.parameters())
    for name in ("state", "first_losses", "rng"):
        np.testing.assert_array_equal(net.rule.state_dict()[name], state[name])
    for name, value in moved.items():
        assert torch.equal(net.transform.state_dict()[name], value)
    assert net.last.status == 1
    assert not net.last.head_weights.any()
    step(net)


def test_names_and_a_masked_mean():
    """The way the page shows it: None where no sample of the batch has the label."""
    net = model("gradnorm_z")
    x, targets = batch()
    targets[1][:] = float("nan")
    targets[2][3:] = float("nan")

    def masked(p, y):
        known = ~y.isnan()
        return (p[known] - y[known]).square().mean() if known.any() else None

    net.backward([masked(p, y) for p, y in zip(net(x), targets, strict=True)])
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)
    assert grads(net)["heads.1.0.weight"] is None
    with pytest.raises(
        ValueError, match="the loss of task 1 is nan: it takes a finite number, or None where"
    ):
        net.backward(losses_of(net(x), targets))
