"""The page's table of networks: compiled, sparse, lazy, exported. Each line of it names the test that shows it."""

import re
from pathlib import Path

import pytest
import torch
from small_networks import TASKS, assert_same, batch, grads, losses_of, model, step
from torch import nn
from torch._functorch import config as functorch
from torch._inductor import config as inductor

import mtlcore
from mtlcore.nn import MultiTask

PAGE = (Path(__file__).parents[3] / "docs/bring_your_own_network.md").read_text(encoding="utf-8")
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_nn_*.py"))
METHODS = ["rotograd", "cagrad", "gradnorm_w", "none+graddrop@parameters"]


@pytest.fixture(autouse=True)
def nothing_compiled_yet():
    torch._dynamo.reset()
    # nor found on the disk, where another program may have left it
    with inductor.patch(fx_graph_cache=False), functorch.patch(enable_autograd_cache=False):
        yield
    torch._dynamo.reset()


def test_each_line_of_the_table_names_a_test_that_there_is():
    rows = re.findall(r"^\| .* \| .* \| `(\w+)` \|$", PAGE, re.MULTILINE)
    assert len(rows) >= 12
    assert [name for name in rows if f"def {name}(" not in TESTS] == []


@pytest.mark.parametrize("method", ["rotograd", "cagrad", "gradnorm_w"])
@pytest.mark.parametrize("part", ["backbone", "heads", "model"])
def test_a_compiled_part_changes_no_gradient(method, part):
    net, plain = model(method), model(method)
    outer = net
    if part == "backbone":
        net.backbone.compile(backend="aot_eager")
    elif part == "heads":
        for head in net.heads:
            head.compile(backend="aot_eager")
    else:
        outer = torch.compile(net, backend="aot_eager")
    x, targets = batch()
    for _ in range(2):
        outer.backward(losses_of(outer(x), targets))
        step(plain)
    assert_same(grads(net), grads(plain))


# inductor itself still uses what torch has deprecated
INDUCTOR = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")


@INDUCTOR
def test_an_inductor_backbone_takes_a_backward_a_task():
    net, plain = model("cagrad"), model("cagrad")
    net.backbone.compile()
    step(net)
    step(plain)
    assert_same(grads(net), grads(plain))


@INDUCTOR
def test_a_part_compiled_for_one_backward_says_what_to_do():
    part = nn.Sequential(nn.Conv2d(2, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 4, 1), nn.Flatten())
    part.compile()
    x = torch.randn(3, 2, 4, 4)
    for _ in range(2):  # ordinary training before
        part(x).sum().backward()
    part.zero_grad()
    net = MultiTask(part, [nn.Linear(16, 1) for _ in range(TASKS)], "cagrad")
    with pytest.raises(RuntimeError, match="donated_buffer = False before anything is compiled"):
        net.backward([p.square().mean() for p in net(x)])
    assert all(p.grad is None for p in net.parameters())


class Words(nn.Module):
    """Tokens to features, by an embedding with sparse or dense gradients."""

    def __init__(self, sparse: bool) -> None:
        super().__init__()
        self.table = nn.Embedding(30, 6, sparse=sparse)
        self.out = nn.Linear(6, 4)

    def forward(self, tokens):
        return self.out(torch.tanh(self.table(tokens).mean(1)))


@pytest.mark.parametrize("method", [*METHODS, "uniform", "rotograd_v1", "pcgrad", "none+mgda@last_shared"])
@pytest.mark.parametrize("direct", [False, True])
def test_sparse_embeddings_keep_sparse_gradients(method, direct):
    found = []
    for sparse in (True, False):
        torch.manual_seed(0)
        level = mtlcore.registry.method_spec(method).level
        last = "out" if level == "last_shared" else None
        heads = [nn.Linear(4, 1) for _ in range(2)]
        net = MultiTask(Words(sparse), heads, method, d=4, last_shared=last).double()
        for j in range(2):
            tokens = torch.randint(0, 30, (5, 3), generator=torch.Generator().manual_seed(j))
            losses = [p.square().mean() for p in net(tokens)]
            if direct:  # a penalty, whose gradient is dense
                losses[1] = losses[1] + net.backbone.table.weight.square().mean()
            net.backward(losses, accumulate=2)
        assert net.backbone.table.weight.grad.is_sparse == (sparse and not direct)
        found.append({name: g if g is None else g.to_dense() for name, g in grads(net).items()})
        if sparse and not direct:
            torch.optim.SparseAdam([net.backbone.table.weight]).step()
    assert_same(*found)


def test_lazy_modules_are_made_by_the_first_forward():
    torch.manual_seed(0)
    heads = [nn.Sequential(nn.LazyLinear(3), nn.Tanh(), nn.LazyLinear(1)) for _ in range(TASKS)]
    with pytest.raises(ValueError, match="pass d="):
        MultiTask(nn.LazyLinear(4), heads, "rotograd")
    net = MultiTask(nn.LazyLinear(4), heads, "rotograd", d=4)
    x, targets = batch()
    with torch.no_grad():
        net(x.float())  # before the optimiser is made, as torch asks
    net.backward(losses_of(net(x.float()), [y.float() for y in targets]))
    assert all(p.grad is not None for p in net.parameters())


@pytest.mark.parametrize("compiled", [False, True])
def test_a_task_is_exported(compiled):
    net = model("rotograd")
    if compiled:
        net.backbone = torch.compile(net.backbone, backend="aot_eager")
    x, _ = batch()
    step(net)
    program = torch.export.export(net.task(1), (x,))
    with torch.no_grad():
        torch.testing.assert_close(program.module()(x), net(x)[1])


def test_the_whole_model_is_not_exported():
    with pytest.raises(RuntimeError, match="export one task at a time"):
        torch.export.export(model("rotograd"), (batch()[0],))


def test_a_plain_backward_and_input_gradients_say_what_to_do():
    net = model("rotograd")
    x, targets = batch()
    with pytest.raises(RuntimeError, match=r"call model\.backward\(losses\)"):
        sum(losses_of(net(x), targets)).backward()
    x.requires_grad_()
    (slope,) = torch.autograd.grad(net.task(1)(x).sum(), x)
    assert slope.any()
    with pytest.raises(RuntimeError, match="not have been used in the graph"):
        torch.autograd.grad(net(x)[1].sum(), x)


def test_a_loss_may_use_the_shared_feature_itself():
    """A penalty on z that a hook kept: its gradient comes through the backbone's own graph, added once."""
    for method in ("uniform", "gradnorm_z", "cagrad"):
        net, kept = model(method), []
        net.backbone.register_forward_hook(lambda module, given, z, kept=kept: kept.append(z))
        x, targets = batch()
        losses = losses_of(net(x), targets)
        losses[0] = losses[0] + kept[0].square().mean()
        net.backward(losses)
        plain = model(method)
        z = plain.backbone(x)
        goals = losses_of([head(z) for head in plain.heads], targets)
        w, h = net.last.weights, net.last.head_weights
        own = w if method == "cagrad" else h
        total = sum(float(w[k]) * goals[k] for k in range(TASKS)) + float(own[0]) * z.square().mean()
        found = torch.autograd.grad(total, list(plain.backbone.parameters()))
        for p, g in zip(net.backbone.parameters(), found, strict=True):
            torch.testing.assert_close(p.grad, g)
