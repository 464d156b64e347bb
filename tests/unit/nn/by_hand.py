"""What backward has to write, from the definition alone: plain autograd on fresh graphs, and the rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

import mtlcore
from mtlcore.nn import MultiTask

Part = tuple[Tensor, list[Tensor]]  # one micro-batch: input and targets
LossesOf = Callable[[MultiTask, list[Tensor], list[Tensor]], list[Tensor | None]]


@dataclass
class Found:
    """Each task's gradients, over all micro-batches; leaves are those of `leaves`."""

    at_z: Tensor  # [K, S, d]
    z: Tensor  # [S, d]
    direct: list[list[Tensor]]  # [K][leaf] without the feature between
    through: list[list[Tensor]]  # [K][leaf] through the feature
    losses: list[float]
    roads: list[Callable[[Tensor], list[Tensor]]]  # a micro-batch's way from z to the leaves


def leaves(net: MultiTask) -> list[Tensor]:
    return list(net.network_parameters())


def dense(found: Sequence[Tensor | None], wanted: Sequence[Tensor]) -> list[Tensor]:
    pairs = zip(found, wanted, strict=True)
    return [torch.zeros_like(p) if g is None else g.to_dense() for g, p in pairs]


def gradients(net: MultiTask, parts: Sequence[Part], losses_of: LossesOf) -> Found:
    """Returns every task's gradients; a task has none in a part for which its loss is None."""
    tasks, wanted, share = net.tasks, leaves(net), 1.0 / len(parts)
    owned = {id(p) for p in net.backbone.parameters()}
    zero = [torch.zeros_like(p) for p in wanted]
    direct, through = [list(zero) for _ in range(tasks)], [list(zero) for _ in range(tasks)]
    at_z, features, roads = [], [], []
    given: list[list[float]] = [[] for _ in range(tasks)]
    for x, targets in parts:
        z = net.backbone(x)
        start = z.detach().requires_grad_()
        views = net.transform.views(start)
        losses = losses_of(net, [head(view) for head, view in zip(net.heads, views, strict=True)], targets)

        def road(g: Tensor, z: Tensor = z) -> list[Tensor]:
            behind = [p for p in wanted if id(p) in owned]
            found = iter(torch.autograd.grad(z, behind, g, retain_graph=True, allow_unused=True))
            return dense([next(found) if id(p) in owned else None for p in wanted], wanted)

        rows = []
        for k, loss in enumerate(losses):
            if loss is None:
                rows.append(torch.zeros_like(z))
                continue
            given[k].append(float(loss.detach()))
            found = torch.autograd.grad(loss * share, [start, *wanted], retain_graph=True, allow_unused=True)
            rows.append(found[0])
            direct[k] = [a + b for a, b in zip(direct[k], dense(found[1:], wanted), strict=True)]
            through[k] = [a + b for a, b in zip(through[k], road(found[0]), strict=True)]
        at_z.append(torch.stack(rows))
        features.append(z.detach())
        roads.append(road)
    means = [float(np.mean(one)) if one else float("nan") for one in given]
    return Found(torch.cat(at_z, 1), torch.cat(features), direct, through, means, roads)


def flat(one: Sequence[Tensor], chosen: Sequence[bool]) -> Tensor:
    return torch.cat([g.reshape(-1) for g, yes in zip(one, chosen, strict=True) if yes])


def heads_of(net: MultiTask) -> mtlcore.Rule:
    """Returns the rule of the losses whose weights the heads get, where the method's rule says which; else uniform."""
    return mtlcore.rule(net.rule.spec.head_rule or "uniform")


def expected(net: MultiTask, rule: mtlcore.Rule, scales: mtlcore.Rule, found: Found) -> list[Tensor]:
    """Returns each leaf's gradient. rule: the method's, as it stood; scales: what the heads get."""
    wanted, tasks, spec = leaves(net), net.tasks, rule.spec
    owned = {id(p) for p in net.backbone.parameters()}
    behind = [id(p) in owned for p in wanted]
    whole = [
        [a + b for a, b in zip(*pair, strict=True)] for pair in zip(found.through, found.direct, strict=True)
    ]
    last = {id(p) for p in net.last_shared_parameters()}
    rows = {
        "features": found.at_z.reshape(tasks, -1),
        "parameters": torch.stack([flat(one, behind) for one in whole]),
        "last_shared": torch.stack(
            [flat(one, [id(p) in last for p in wanted] or behind) for one in found.through]
        )
        if last
        else None,
    }[net.level]
    present = ~np.isnan(found.losses)
    told = {} if present.all() else {"active": present}
    heads = np.where(present, 1.0 / tasks, 0.0)
    if spec.kind == "elementwise":
        return _elementwise(net, rule, found, heads, behind, rows, told)
    gram = (rows @ rows.T).numpy() if "gram" in spec.needs else np.eye(tasks)
    weights = rule.weights(gram, found.losses, **told)
    if spec.kind == "loss":
        heads = weights
    if spec.head_state is not None:
        heads = scales.weights(np.eye(tasks), found.losses, **told)
    at_once = net.level == "parameters"
    result = []
    for i in range(len(wanted)):
        own = weights if behind[i] and at_once else heads
        terms = [weights[k] * found.through[k][i] + own[k] * found.direct[k][i] for k in range(tasks)]
        result.append(torch.stack(terms).sum(0))
    return result


def _elementwise(net, rule, found, heads, behind, rows, told) -> list[Tensor]:
    result = [torch.zeros_like(p) for p in leaves(net)]
    if net.level == "parameters":
        update, start = rule.combine(rows, **told), 0
        for i, yes in enumerate(behind):
            if yes:
                result[i] += update[start : start + result[i].numel()].view_as(result[i])
                start += result[i].numel()
    else:
        update = rule.combine(found.at_z, features=found.z, **told)
        for part, road in zip(update.chunk(len(found.roads)), found.roads, strict=True):
            result = [a + b for a, b in zip(result, road(part), strict=True)]
    for k, weight in enumerate(heads):
        for i in range(len(result)):
            if not (behind[i] and net.level == "parameters"):
                result[i] = result[i] + float(weight) * found.direct[k][i]
    return result


def assert_gradients(net: MultiTask, wanted: list[Tensor]) -> None:
    """The `.grad` of every leaf is what is wanted, where None counts as 0."""
    names = {id(p): name for name, p in net.named_parameters()}
    top = max(float(one.abs().max()) for one in wanted)
    for parameter, gradient in zip(leaves(net), wanted, strict=True):
        written = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.to_dense()
        torch.testing.assert_close(
            written, gradient, rtol=1e-6, atol=1e-8 * top, msg=lambda m, p=parameter: f"{names[id(p)]}: {m}"
        )


def parts_of(x: Tensor, targets: list[Tensor], count: int) -> list[Part]:
    """Returns a batch as `count` micro-batches."""
    cut = [y.chunk(count) for y in targets]
    return [(piece, [y[i] for y in cut]) for i, piece in enumerate(x.chunk(count))]
