"""Networks as people have them: autocast, checkpoints, other dtypes, several inputs."""

import pytest
import torch
from small_networks import TASKS, assert_same, batch, grads, losses_of, model, step
from torch import nn
from torch.utils.checkpoint import checkpoint

import mtlcore
from mtlcore.nn import MultiTask

METHODS = ["rotograd", "none+rotograd_scale@parameters", "gradnorm_w", "uniform", "graddrop"]


class Checkpointed(nn.Module):
    def __init__(self, inner: nn.Module, reentrant: bool) -> None:
        super().__init__()
        self.inner, self.reentrant = inner, reentrant

    def forward(self, x):
        return checkpoint(self.inner, x, use_reentrant=self.reentrant)


@pytest.mark.parametrize("reentrant", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_gradient_checkpointing_changes_nothing(method, reentrant):
    plain, saving = model(method), model(method)
    blocks = list(saving.backbone)
    saving.backbone = nn.Sequential(blocks[0], Checkpointed(nn.Sequential(*blocks[1:]), reentrant))
    if saving._last_shared is not None:
        saving._last_shared = "1.inner.1"
    if not reentrant:
        saving.heads = nn.ModuleList(Checkpointed(head, False) for head in saving.heads)
    for _ in range(2):  # the second time adds to what is there
        step(plain)
        step(saving)
    for a, b in zip(plain.parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad)


@pytest.mark.parametrize("method", [*METHODS, "none+mgda@parameters"])
def test_autocast_to_16_bits(method):
    exact, fast = model(method).float(), model(method).float()
    x, targets = batch()
    x, targets = x.float(), [y.float() for y in targets]
    exact.backward(losses_of(exact(x), targets))
    with torch.autocast("cpu", torch.bfloat16):
        predictions = fast(x)
        assert predictions[0].dtype == torch.bfloat16
        losses = [(p.float() - y).square().mean() for p, y in zip(predictions, targets, strict=True)]
    fast.backward(losses)
    if method == "graddrop":
        return
    for (name, p), q in zip(exact.named_parameters(), fast.parameters(), strict=True):
        assert q.grad.dtype == torch.float32
        assert float((p.grad - q.grad).norm()) <= 0.1 * float(p.grad.norm()) + 1e-4, name


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("method", METHODS)
def test_any_floating_point_dtype(method, dtype):
    exact, other = model(method), model(method).to(dtype)
    x, targets = batch()
    step(exact)
    other.backward(losses_of(other(x.to(dtype)), [y.to(dtype) for y in targets]))
    for (name, p), q in zip(exact.named_parameters(), other.parameters(), strict=True):
        if not name.startswith("transform"):
            assert q.grad.dtype == dtype
        if method != "graddrop":
            limit = 0.2 if dtype == torch.bfloat16 else 1e-4
            assert float((p.grad - q.grad).norm()) <= limit * float(p.grad.norm()) + 1e-6, name


def test_a_backbone_of_several_inputs_and_a_feature_of_any_shape():
    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(5, 6)

        def forward(self, x, *, mask):
            return (self.layer(x) * mask).view(-1, 2, 3)

    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 1)

        def forward(self, r):
            return self.layer(r.mean(1))

    net = MultiTask(Pair(), [Head() for _ in range(TASKS)], "rotograd_scale").double()
    x, targets = batch()
    net.backward(losses_of(net(x, mask=2.0), targets))
    assert net.backbone.layer.weight.grad.any()


def test_features_with_the_channel_last():
    """Tokens [N, T, d]: feature_dim says where d is."""

    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 1)

        def forward(self, r):
            return self.layer(r.mean(1))

    torch.manual_seed(0)
    net = MultiTask(nn.Linear(5, 4), [Head() for _ in range(2)], "rotograd", feature_dim=-1).double()
    net.backward([p.square().mean() for p in net(torch.randn(3, 6, 5, dtype=torch.float64))])
    assert net.transform.tangent.grad.any()
    with torch.no_grad():
        x = torch.randn(3, 6, 5, dtype=torch.float64)
        torch.testing.assert_close(net.task(1)(x), net(x)[1])


@pytest.mark.parametrize("method", ["rotograd", "uniform", "graddrop"])
def test_the_memory_layout_of_a_feature_does_not_matter(method):
    plain, last = model(method, images=True), model(method, images=True)
    x, targets = batch(images=True)
    plain.backward(losses_of(plain(x), targets))
    last = last.to(memory_format=torch.channels_last)
    last.backward(losses_of(last(x.to(memory_format=torch.channels_last)), targets))
    assert_same(grads(plain), grads(last))


def test_one_task_and_many():
    for tasks in (1, 32):
        torch.manual_seed(0)
        net = MultiTask(nn.Linear(5, 4), [nn.Linear(4, 1) for _ in range(tasks)], "rotograd").double()
        x, _ = batch()
        net.backward([p.square().mean() for p in net(x)])
        assert net.last.weights.shape == (tasks,)


def test_a_dropout_of_heads_and_a_training_loop_lower_the_losses():
    torch.manual_seed(0)
    net = MultiTask(
        nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 8)),
        [nn.Sequential(nn.Dropout(0.1), nn.Linear(8, 1)) for _ in range(TASKS)],
        mtlcore.method("rotograd"),
        d=8,
    ).double()
    network = torch.optim.Adam(net.network_parameters(), lr=0.01)
    rotation, decay = net.transform_optimizer()
    first = step(net)
    for _ in range(150):
        net.zero_grad()
        losses = step(net)
        network.step()
        rotation.step()
        decay.step()
    assert all(a.item() < 0.5 * b.item() for a, b in zip(losses, first, strict=True))
