"""Which loss reaches which leaf: the autograd graph between the losses and the shared feature."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

CHECKPOINT = "CheckpointFunctionBackward"  # of torch.utils.checkpoint with use_reentrant=True


@dataclass(frozen=True)
class HeadGraph:
    """The heads' side of the graph. Tasks are bits: bit k of a mask stands for task k's loss."""

    views: list[int]  # [K] which losses reach task k's view of the feature
    leaves: list[tuple[Tensor, int]]  # every other leaf that needs a gradient, and which losses reach it
    reentrant: int  # which losses reach a re-entrant checkpoint

    @property
    def crosses(self) -> bool:
        """Returns whether some loss is connected to another task's view."""
        return any(mask & ~(1 << k) for k, mask in enumerate(self.views))

    @property
    def shares(self) -> bool:
        """Returns whether some leaf is reached by more than one loss."""
        return any(mask & (mask - 1) for _, mask in self.leaves)


def trace(losses: Sequence[Tensor | None], views: Sequence[Tensor]) -> HeadGraph:
    """Returns how the losses (None: absent) reach the views and the leaves; each node is visited once."""
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
    """Returns whether a backward of `outputs` would use up nodes that one of `other` needs."""
    inner = {node for node in _nodes([other]) if node.next_functions}
    return any(node in inner for node in _nodes(outputs))


def _nodes(outputs: Sequence[Tensor]) -> Iterator[Any]:
    """Gives every node of the outputs' graphs once."""
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
