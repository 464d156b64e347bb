"""One backward through all heads: the gradients at the shared feature, and the heads' own."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from mtlcore.nn.head_graph import HeadGraph
from mtlcore.nn.writing import own

CLOSE = 1e-3  # weights within this factor may seed the backward pass, and be divided out again


@dataclass
class HeadGradients:
    """What the heads' side of one micro-batch gave."""

    seen: Tensor  # [K, ...] each task's unweighted gradient at its view r_k, in at least float32
    weighted: list[tuple[Tensor, Tensor | None]] = field(
        default_factory=list
    )  # (leaf, gradient) to be used as it is
    by_task: list[tuple[int, Tensor, Tensor | None]] = field(
        default_factory=list
    )  # to be multiplied by a head weight


def head_gradients(
    losses: Sequence[Tensor],
    views: Sequence[Tensor],
    graph: HeadGraph,
    weights: Sequence[float] | None,
    share: float,
) -> HeadGradients:
    """Returns the gradients of the losses times `share` (1 / number of micro-batches).

    weights: the heads' weights where they are known before the gradients are; None, or weights of very
    different sizes, keeps the tasks' contributions apart.
    """
    if weights is not None and min(weights) > CLOSE * max(weights):
        return _seeded(losses, views, graph, [weight * share for weight in weights], share)
    result = (
        _together(losses, views, graph, share) if not graph.shares else _apart(losses, views, graph, share)
    )
    if weights is not None:
        result.weighted = settle(result, weights)
        result.by_task = []
    return result


def settle(gradients: HeadGradients, weights: Sequence[float]) -> list[tuple[Tensor, Tensor | None]]:
    """Returns (leaf, gradient) for every contribution, each task's multiplied by its head weight."""
    scaled = [(leaf, None if one is None else one * float(weights[k])) for k, leaf, one in gradients.by_task]
    return [*gradients.weighted, *scaled]


def _seeded(
    losses: Sequence[Tensor], views: Sequence[Tensor], graph: HeadGraph, seeds: list[float], share: float
) -> HeadGradients:  # fmt: skip
    leaves = [leaf for leaf, _ in graph.leaves]
    found = torch.autograd.grad(
        losses,
        [*views, *leaves],
        [torch.full_like(loss, seed) for loss, seed in zip(losses, seeds, strict=True)],
        allow_unused=True,
    )
    seen = _stack(found[: len(views)], [share / seed for seed in seeds])
    return HeadGradients(seen, weighted=list(zip(leaves, own(found[len(views) :]), strict=True)))


def _together(
    losses: Sequence[Tensor], views: Sequence[Tensor], graph: HeadGraph, share: float
) -> HeadGradients:
    """No leaf is shared between tasks: one backward, and each leaf's gradient is one task's."""
    result = _seeded(losses, views, graph, [share] * len(losses), share)
    owners = [mask.bit_length() - 1 for _, mask in graph.leaves]
    by_task = [(k, leaf, one) for k, (leaf, one) in zip(owners, result.weighted, strict=True)]
    return HeadGradients(result.seen, by_task=by_task)


def _apart(
    losses: Sequence[Tensor], views: Sequence[Tensor], graph: HeadGraph, share: float
) -> HeadGradients:
    """Heads that share leaves, and weights not known yet: a backward a task, through the heads only."""
    seen, by_task = [], []
    for k, loss in enumerate(losses):
        leaves = [leaf for leaf, mask in graph.leaves if mask >> k & 1]
        found = torch.autograd.grad(
            loss,
            [views[k], *leaves],
            torch.full_like(loss, share),
            retain_graph=k < len(losses) - 1,
            allow_unused=True,
        )
        seen.append(found[0])
        by_task += [(k, leaf, one) for leaf, one in zip(leaves, own(found[1:]), strict=True)]
    return HeadGradients(_stack(seen, [1.0] * len(losses)), by_task=by_task)


def _stack(gradients: Sequence[Tensor], factors: Sequence[float]) -> Tensor:
    stacked = torch.stack(list(gradients))
    stacked = stacked.to(torch.promote_types(stacked.dtype, torch.float32))
    if any(factor != 1.0 for factor in factors):
        scale = torch.tensor(factors, dtype=stacked.dtype, device=stacked.device)
        stacked.mul_(scale.view(-1, *[1] * (stacked.ndim - 1)))
    return stacked
