"""The backward through the heads: gradients at the shared feature, and at the parameters of the heads."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from mtlcore.nn.compilation import graph_used_again
from mtlcore.nn.head_graph import HeadGraph
from mtlcore.nn.writing import Pairs, own

TaskGradient = tuple[int, Tensor, Tensor | None]  # task, leaf, the task's unweighted gradient there

CLOSE = 1e-3  # weights within this factor may seed the backward pass, and be divided out again


@dataclass
class HeadGradients:
    """The result of the backward through the heads for one micro-batch."""

    seen: Tensor  # [K, ...] each task's unweighted gradient at its view r_k, in at least float32
    weighted: Pairs = field(default_factory=list)  # to be used as they are
    by_task: list[TaskGradient] = field(default_factory=list)  # to be multiplied by a head weight


@dataclass(frozen=True)
class HeadPass:
    """What the backward through the heads of K tasks starts from."""

    losses: Sequence[Tensor | None]  # None for a task that is absent from this micro-batch
    views: Sequence[Tensor]
    graph: HeadGraph
    share: float  # what every loss is multiplied by: 1 / number of micro-batches
    scale: float = 1.0  # of the losses, for 16-bit gradients: in the leaves' gradients, divided out of `seen`
    retain: bool = False  # whether the backbone's graph, which a loss uses too, is needed once more

    @property
    def given(self) -> list[int]:
        """The numbers of the tasks that have a loss."""
        return [k for k, loss in enumerate(self.losses) if loss is not None]


def head_gradients(heads: HeadPass, weights: Sequence[float] | None) -> HeadGradients:
    """Returns the gradients of the losses times `share`.

    weights: the weights of the heads, where they are known before the gradients. With None, or with weights of very
    different sizes, the contributions of the tasks are kept apart.
    """
    given = heads.given
    if not given:
        return HeadGradients(_stack({}, heads.views, {}))
    known = None if weights is None else [weights[k] for k in given]
    if known is not None and min(known) > CLOSE * max(known):
        return _seeded(heads, dict(zip(given, known, strict=True)))
    result = _apart(heads) if heads.graph.shares else _together(heads)
    if weights is not None:
        result.weighted = settle(result, weights)
        result.by_task = []
    return result


def settle(gradients: HeadGradients, weights: Sequence[float]) -> Pairs:
    """Returns (leaf, gradient) for every contribution, multiplied by the head weight of its task."""
    scaled = [(leaf, None if one is None else one * float(weights[k])) for k, leaf, one in gradients.by_task]
    return [*gradients.weighted, *scaled]


def _seeded(heads: HeadPass, weights: dict[int, float]) -> HeadGradients:
    leaves = [leaf for leaf, _ in heads.graph.leaves]
    losses = [loss for loss in heads.losses if loss is not None]
    seeds = {k: weight * heads.share * heads.scale for k, weight in weights.items()}
    with graph_used_again(heads.retain):
        found = torch.autograd.grad(
            losses,
            [*(heads.views[k] for k in seeds), *leaves],
            [torch.full_like(loss, seed) for loss, seed in zip(losses, seeds.values(), strict=True)],
            allow_unused=True,
            retain_graph=heads.retain,
        )
    seen = dict(zip(seeds, found, strict=False))
    factors = {k: heads.share / seed for k, seed in seeds.items()}
    weighted = list(zip(leaves, own(found[len(seeds) :]), strict=True))
    return HeadGradients(_stack(seen, heads.views, factors), weighted=weighted)


def _together(heads: HeadPass) -> HeadGradients:
    """Runs one backward for all tasks: no leaf is shared, so the gradient at each leaf belongs to one task."""
    result = _seeded(heads, dict.fromkeys(heads.given, 1.0))
    owners = [mask.bit_length() - 1 for _, mask in heads.graph.leaves]
    by_task = [(k, leaf, one) for k, (leaf, one) in zip(owners, result.weighted, strict=True)]
    return HeadGradients(result.seen, by_task=by_task)


def _apart(heads: HeadPass) -> HeadGradients:
    """Runs one backward per task, through the heads only: they share leaves, and the weights are not known yet."""
    seen, by_task, given = {}, [], heads.given
    for k in given:
        loss = heads.losses[k]
        assert loss is not None
        leaves = [leaf for leaf, mask in heads.graph.leaves if mask >> k & 1]
        retain = heads.retain or k != given[-1]
        with graph_used_again(retain):
            found = torch.autograd.grad(
                loss,
                [heads.views[k], *leaves],
                torch.full_like(loss, heads.share * heads.scale),
                retain_graph=retain,
                allow_unused=True,
            )
        seen[k] = found[0]
        by_task += [(k, leaf, one) for leaf, one in zip(leaves, own(found[1:]), strict=True)]
    factors = dict.fromkeys(given, 1.0 / heads.scale)
    return HeadGradients(_stack(seen, heads.views, factors), by_task=by_task)


def _stack(seen: dict[int, Tensor], views: Sequence[Tensor], factors: dict[int, float]) -> Tensor:
    """Returns the gradients times their factors, [K, ...] in at least float32; a task without a gradient gets 0."""
    stacked = torch.stack([seen[k] if k in seen else torch.zeros_like(view) for k, view in enumerate(views)])
    stacked = stacked.to(torch.promote_types(stacked.dtype, torch.float32))
    if any(factor != 1.0 for factor in factors.values()):
        row = [factors.get(k, 1.0) for k in range(len(views))]
        scale = torch.tensor(row, dtype=stacked.dtype, device=stacked.device)
        stacked.mul_(scale.view(-1, *[1] * (stacked.ndim - 1)))
    return stacked
