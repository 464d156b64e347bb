"""Saving, loading, copying and naming."""

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from small_networks import TASKS, assert_same, backbone, batch, grads, losses_of, model, step
from torch import nn

import mtlcore
from mtlcore.nn import MultiTask

METHODS = [key for key, spec in mtlcore.METHODS.items() if spec.transform != "adversarial"]
AROUND = ["rotation+ema-cagrad@features", "none+ema-gradvac@parameters", "none+unit-imtl@last_shared"]
PATHS = [(key, "retraction") for key in METHODS + AROUND] + [
    (key, "expm")
    for key in METHODS
    if "rotation" in mtlcore.METHODS[key].transform or key == "rotograd_v1_sgd"
]
CLOSE = {"rtol": 1e-9, "atol": 1e-11}  # after four steps of what differs by rounding


def trained(net, steps):
    network = torch.optim.SGD(net.network_parameters(), lr=0.05)
    transform = net.transform_optimizer(lr=0.2)
    for i in range(steps):
        net.zero_grad()
        step(net, seed=i % 3)
        network.step()
        if transform:
            transform[0].step()
    return net


@pytest.mark.parametrize(("method", "parametrization"), PATHS)
def test_a_run_goes_on_after_save_and_load(method, parametrization):
    """What is loaded is what was saved, to the last bit; the steps after it agree as far as BLAS and LAPACK do."""
    options = {"parametrization": parametrization}
    first = trained(model(method, **options), 6)
    file = io.BytesIO()
    torch.save(first.state_dict(), file)
    file.seek(0)
    second = model(method, seed=5, **options)
    second.load_state_dict(torch.load(file))
    assert_same(tensors(first), tensors(second), exact=True)
    for name, value in first.rule.state_dict().items():
        np.testing.assert_array_equal(value, second.rule.state_dict()[name], err_msg=name)
    for net in (first, second):
        trained(net, 4)
    assert_same(grads(first), grads(second), **CLOSE)
    assert_same(tensors(first), tensors(second), **CLOSE)
    for name, value in first.rule.state_dict().items():
        np.testing.assert_allclose(value, second.rule.state_dict()[name], **CLOSE, err_msg=name)


def tensors(net):
    return {**dict(net.named_parameters()), **dict(net.named_buffers())}


def test_a_state_between_step_and_forward_is_complete():
    first = model("rotograd")
    step(first)
    optimizer, _ = first.transform_optimizer(lr=0.5)
    optimizer.step()
    assert first.transform.tangent.any()
    second = model("rotograd")
    second.load_state_dict(first.state_dict())
    assert torch.equal(first.transform.tangent, second.transform.tangent)
    torch.testing.assert_close(first.transform.rotations(), second.transform.rotations())


def test_another_rule_s_state_is_refused():
    with pytest.raises((ValueError, RuntimeError), match="rotograd_scale|gradnorm|tangent"):
        model("gradnorm_z").load_state_dict(trained(model("rotograd_scale"), 1).state_dict())


def test_a_model_can_be_copied_and_pickled_with_a_forward_pending():
    net = model("rotograd", parametrization="expm")
    x, targets = batch()
    net(x)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        step(twin)
        net.zero_grad()
        step(net)
        assert_same(grads(net), grads(twin))


def test_a_copy_keeps_its_preferences():
    net = model(mtlcore.method("nash_mtl", preferences=(5, 2, 1), max_norm=0.0))
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin.rule.preferences == twin.method.preferences == (0.625, 0.25, 0.125)
        step(twin)
        step(net)
        np.testing.assert_array_equal(twin.last.weights, net.last.weights)
        net.zero_grad()


def test_a_partly_gathered_step_is_not_copied():
    net = model("rotograd")
    step(net, accumulate=2)
    twin = copy.deepcopy(net)
    step(twin)
    assert twin.last is not None
    step(net, accumulate=2)
    assert net.last is not None


def test_heads_in_a_dictionary_are_named_everywhere():
    names = ["depth", "normals", "labels"]
    net = MultiTask(backbone(), {name: nn.Linear(4, 1) for name in names}, "rotograd").double()
    x, targets = batch()
    predictions = net(x)
    assert list(predictions) == names
    losses = dict(zip(names, losses_of(list(predictions.values()), targets), strict=True))
    net.backward(dict(reversed(losses.items())))
    np.testing.assert_allclose(net.last.losses, [float(loss.detach()) for loss in losses.values()])
    net.eval()
    torch.testing.assert_close(net.task("labels")(x), net(x)["labels"])
    losses = dict(zip(names, losses_of(list(net(x).values()), targets), strict=True))
    losses["normals"] = losses["normals"] * float("nan")
    with pytest.raises(ValueError, match="loss of task normals is nan"):
        net.backward(losses)


def test_the_report_of_the_last_backward():
    net = model("rotograd")
    assert net.last is None
    losses = step(net)
    assert net.last.gram.shape == net.last.cosines.shape == (TASKS, TASKS)
    np.testing.assert_allclose(net.last.cosines.diagonal(), 1.0)
    np.testing.assert_allclose(net.last.losses, [float(loss.detach()) for loss in losses])
    assert net.last.status == mtlcore.Status.OK
    assert net.last.level == "features"
    graddrop = model("graddrop")
    step(graddrop)
    assert graddrop.last.weights is None


def test_the_two_groups_of_parameters():
    net = model("rotograd")
    network, transform = list(net.network_parameters()), list(net.transform_parameters())
    assert [p.shape for p in transform] == [(TASKS, 4, 4)]
    assert len(network) + len(transform) == len(list(net.parameters()))


def test_no_optimiser_is_stepped_and_no_parameter_moves():
    net = model("rotograd")
    before = [p.detach().clone() for p in net.parameters()]
    step(net)
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))


def test_importing_mtlcore_loads_no_torch_until_nn_is_used():
    import subprocess
    import sys

    code = (
        "import sys, mtlcore; assert 'torch' not in sys.modules; "
        "mtlcore.nn.MultiTask; assert 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
