"""The autograd graph between the losses and the shared feature: which loss depends on which leaf."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

CHECKPOINT = "CheckpointFunctionBackward"  # of torch.utils.checkpoint with use_reentrant=True


@dataclass(frozen=True)
class HeadGraph:
    """Which losses depend on which views and leaves. Bit k of a mask stands for the loss of task k."""

    views: list[int]  # [K] the mask of the losses that depend on the view of task k
    leaves: list[tuple[Tensor, int]]  # every other leaf that needs a gradient, and its mask
    reentrant: int  # the mask of the losses that depend on a re-entrant checkpoint

    @property
    def crosses(self) -> bool:
        """Whether some loss is connected to the view of another task."""
        return any(mask & ~(1 << k) for k, mask in enumerate(self.views))

    @property
    def shares(self) -> bool:
        """Whether more than one loss depends on the same leaf."""
        return any(mask & (mask - 1) for _, mask in self.leaves)


def trace(losses: Sequence[Tensor | None], views: Sequence[Tensor]) -> HeadGraph:
    """Returns which losses depend on which views and leaves. losses: None for an absent task.

    Each node of the graph is visited once.
    """
    ends = {view.grad_fn: k for k, view in enumerate(views)}
    masks: dict[Any, int] = {}
    for k, loss in enumerate(losses):
        if loss is not None and loss.grad_fn is not None:
            masks[loss.grad_fn] = masks.get(loss.grad_fn, 0) | 1 << k
    reached, leaves, reentrant = [0] * len(views), [], 0
    for node in _topological(list(masks), ends):
        mask = masks[node]
        if node in ends:
            reached[ends[node]] |= mask
            continue
        variable = getattr(node, "variable", None)
        if variable is not None and not node.next_functions:
            leaves.append((variable, mask))
        elif type(node).__name__ == CHECKPOINT:
            reentrant |= mask
        for child, _ in node.next_functions:
            if child is not None:
                masks[child] = masks.get(child, 0) | mask
    return HeadGraph(reached, leaves, reentrant)


def has_reentrant_checkpoint(output: Tensor) -> bool:
    """Returns whether the graph of `output` holds a checkpoint with use_reentrant=True."""
    return any(type(node).__name__ == CHECKPOINT for node in _nodes([output]))


def meet(outputs: Sequence[Tensor], other: Tensor) -> bool:
    """Returns whether a backward of `outputs` would use up graph nodes that a backward of `other` needs."""
    inner = {node for node in _nodes([other]) if node.next_functions}
    return any(node in inner for node in _nodes(outputs))


def _nodes(outputs: Sequence[Tensor]) -> Iterator[Any]:
    """Yields every node of the graphs of the outputs once."""
    seen, stack = set(), [output.grad_fn for output in outputs]
    while stack:
        node = stack.pop()
        if node is not None and node not in seen:
            yield node
            seen.add(node)
            stack.extend(child for child, _ in node.next_functions)


def _topological(roots: list[Any], ends: dict[Any, int]) -> list[Any]:
    """Returns the nodes from `roots` down to `ends`, each after every node that leads to it."""
    order: list[Any] = []
    seen: set[Any] = set()
    stack = [(root, False) for root in roots]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            if node not in ends:
                stack.extend((child, False) for child, _ in node.next_functions if child is not None)
    return order[::-1]
