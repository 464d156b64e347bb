"""A parameter that is both in the backbone and in a loss gets what the definition says, by every method."""

import pytest
import torch
from by_hand import assert_gradients, expected, gradients, heads_of, parts_of
from small_networks import TASKS, batch
from torch import nn

import mtlcore
from mtlcore.nn import MultiTask

LEVELS = ("parameters", "features", "last_shared")
NAMED = [key for key, spec in mtlcore.METHODS.items() if spec.transform != "adversarial"]
COMPOSED = [
    f"none+{rule}@{level}"
    for rule, spec in mtlcore.RULES.items()
    for level in LEVELS
    if (spec.kind, level) != ("elementwise", "last_shared")
]


class Body(nn.Module):
    """z = tanh(W x) V + p: W can be tied to a decoder, p is added to z."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Linear(5, 6, bias=False)
        self.mix = nn.Linear(6, 4)
        self.p = nn.Parameter(torch.tensor([0.4, -0.3, 0.2, 0.6]))

    def forward(self, x):
        return self.mix(torch.tanh(self.embedding(x))) + self.p


class Head(nn.Module):
    """A head with a layer of its own, and perhaps the backbone's embedding as its decoder, or another's layer."""

    def __init__(self, tied: nn.Linear | None = None, tail: nn.Module | None = None) -> None:
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.tied = tied
        self.tail = tail or nn.Linear(6 if tied is None else 5, 1)

    def forward(self, r):
        h = torch.tanh(self.first(r))
        return self.tail(h if self.tied is None else h @ self.tied.weight)


def network(method: str, tied: tuple[int, ...] = (), tails: bool = False) -> MultiTask:
    torch.manual_seed(3)
    body, tail = Body(), nn.Linear(6, 1)
    heads = [Head(body.embedding if k in tied else None, tail if tails else None) for k in range(TASKS)]
    shared = "mix" if mtlcore.registry.method_spec(method).level == "last_shared" else None
    net = MultiTask(body, heads, mtlcore.method(method), d=4, last_shared=shared).double()
    with torch.no_grad():
        for k, head in enumerate(heads):
            head.first.weight *= k + 1.0
    return net


def penalised(size: float, users: tuple[int, ...], shared: bool):
    """Losses of which some carry a penalty on p and on the embedding, each its own or all the same node."""

    def losses_of(net, predictions, targets):
        losses = [(p - y).square().mean() for p, y in zip(predictions, targets, strict=True)]

        def penalty():
            return net.backbone.p.square().sum() + 0.1 * net.backbone.embedding.weight.pow(4).sum()

        one = penalty()
        for k in users:
            losses[k] = losses[k] + size * (one if shared else penalty() * (1.0 + k))
        return losses

    return losses_of


# the network, its losses, the number of micro-batches
CASES = {
    "a tied decoder in one head": ({"tied": (1,)}, penalised(0.0, (), False), 1),
    "a tied decoder in all heads, and a tiny penalty": ({"tied": (0, 1, 2)}, penalised(1e-9, (1,), False), 3),
    "a leaf in two heads, and a penalty in one loss": ({"tails": True}, penalised(1.0, (0,), False), 1),
    "penalties of size 0": ({}, penalised(0.0, (0, 2), False), 1),
    "one penalty in all losses": ({}, penalised(1.0, (0, 1, 2), True), 3),
    "a tiny penalty in all losses": ({}, penalised(1e-9, (0, 1, 2), False), 1),
}


@pytest.mark.parametrize("method", [*NAMED, *COMPOSED])
def test_a_leaf_that_backbone_and_losses_use(method):
    for name, (build, losses_of, accumulate) in CASES.items():
        net = network(method, **build)
        rule, scales = mtlcore.rule(net.rule.spec.key, **net.rule.params), heads_of(net)
        for seed in range(1 + (accumulate == 3)):  # the second step starts from what the first left
            net.zero_grad()
            x, targets = batch(seed, n=6)
            parts = parts_of(x, targets, accumulate)
            wanted = expected(net, rule, scales, gradients(net, parts, losses_of))
            for part, goal in parts:
                net.backward(losses_of(net, net(part), goal), accumulate=accumulate)
            try:
                assert_gradients(net, wanted)
            except AssertionError as error:
                raise AssertionError(f"{name}, step {seed}: {error}") from error
