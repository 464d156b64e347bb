"""The page's table of networks: compiled, sparse, lazy, exported. Each line of it names the test that shows it."""

import re
from pathlib import Path

import pytest
import torch
from small_networks import TASKS, assert_same, batch, grads, losses_of, model, step
from torch import nn
from torch._dynamo.testing import CompileCounterWithBackend

import mtlcore
from mtlcore.nn import MultiTask

PAGE = (Path(__file__).parents[3] / "docs/bring_your_own_network.md").read_text(encoding="utf-8")
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_nn_*.py"))
METHODS = ["rotograd", "cagrad", "gradnorm_w", "none+graddrop@parameters"]


# torch.compile looks at the `.grad` of every input, which warns where it is a tensor in the middle of a graph
NOT_A_LEAF = pytest.mark.filterwarnings(
    "ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning"
)
# and inductor still uses what torch has deprecated
INDUCTOR = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")


@pytest.fixture(autouse=True)
def nothing_compiled_yet():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def test_each_line_of_the_table_names_a_test_that_there_is():
    rows = re.findall(r"^\| .* \| .* \| `(\w+)` \|$", PAGE, re.MULTILINE)
    assert len(rows) >= 12
    assert [name for name in rows if f"def {name}(" not in TESTS] == []


def compiled(net, method, parts, backend):
    """The same network, with its backbone, its heads or both compiled."""
    body = torch.compile(net.backbone, backend=backend) if "backbone" in parts else net.backbone
    heads = [torch.compile(head, backend=backend) if "heads" in parts else head for head in net.heads]
    return MultiTask(body, heads, mtlcore.method(method))


@NOT_A_LEAF
@pytest.mark.parametrize("method", ["rotograd", "cagrad", "gradnorm_w"])
@pytest.mark.parametrize("parts", ["backbone", "heads", "backbone and heads"])
def test_a_compiled_part_changes_no_gradient(method, parts):
    counter = CompileCounterWithBackend("aot_eager")
    net, plain = compiled(model(method), method, parts, counter), model(method)
    for _ in range(2):
        step(net)
        step(plain)
    for a, b in zip(net.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-10, atol=1e-13)
    assert counter.frame_count >= 1


def test_torch_compile_of_the_whole_model_says_what_to_do():
    net = model("rotograd")
    x, targets = batch()
    with pytest.raises(RuntimeError, match=r"give it torch\.compile\(backbone\) and compiled heads"):
        torch.compile(net, backend="eager")(x)

    @torch.compile(backend="eager")
    def whole_step():
        net.backward(losses_of(net(x), targets))

    with pytest.raises(RuntimeError, match=r"leave the step around it uncompiled"):
        whole_step()
    net.compile(backend="eager")
    with pytest.raises(RuntimeError, match="torch.compile does not follow MultiTask itself"):
        net(x)


@INDUCTOR
def test_an_inductor_backbone_takes_a_backward_a_task():
    net, plain = compiled(model("cagrad"), "cagrad", "backbone", "inductor"), model("cagrad")
    step(net)
    step(plain)
    for a, b in zip(net.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-10, atol=1e-13)
    assert "Compiled" in type(net.backbone(batch()[0]).grad_fn).__name__


class Gated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(5, 5), nn.Linear(5, 4)

    def forward(self, x):
        return self.b(nn.functional.gelu(self.a(x)).softmax(-1) * self.a(x).exp())


@INDUCTOR
def test_a_part_compiled_for_one_backward_says_what_to_do():
    part = torch.compile(Gated().double())
    x, targets = batch()
    for _ in range(2):  # ordinary training before
        part(x).sum().backward()
    part.zero_grad()
    net = MultiTask(part, [nn.Linear(4, 1).double() for _ in range(TASKS)], "cagrad")
    with pytest.raises(RuntimeError, match="donated_buffer = False before anything is compiled"):
        net.backward(losses_of(net(x), targets))
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


@NOT_A_LEAF
@pytest.mark.parametrize("parts", ["", "backbone and heads"])
def test_a_task_is_exported(parts):
    net = compiled(model("rotograd"), "rotograd", parts, "aot_eager")
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
