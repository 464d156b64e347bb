"""Lists of gradients, the backward from the feature, and the only place that writes `.grad`."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from mtlcore.nn.compilation import graph_used_again
from mtlcore.nn.head_graph import has_reentrant_checkpoint

Gradients = list[Tensor | None]  # one a parameter; None where it has none
Pairs = list[tuple[Tensor, Tensor | None]]  # (leaf, its gradient)


def own(gradients: Sequence[Tensor | None]) -> Gradients:
    """Returns the gradients; one that shares memory with another, or repeats its entries, is replaced by a copy.

    Autograd may hand one tensor to two parameters (the two sides of an addition) or expand a number.
    """
    seen: set[int] = set()
    result: Gradients = []
    for gradient in gradients:
        if gradient is not None and gradient.layout == torch.strided:
            storage = gradient.untyped_storage()
            if storage.data_ptr() in seen or storage.nbytes() != gradient.numel() * gradient.element_size():
                gradient = gradient.clone(memory_format=torch.contiguous_format)
            seen.add(gradient.untyped_storage().data_ptr())
        result.append(gradient)
    return result


def added(old: Tensor | None, new: Tensor | None) -> Tensor | None:
    """Returns the sum of two gradients, written into the memory of one of them. None counts as 0."""
    if old is None or new is None:
        return new if old is None else old
    if old.is_sparse and not new.is_sparse:
        old, new = new, old
    return old.add_(new)


class BackwardPass:
    """The backward from the shared feature to parameters. It can run any number of times and leaves `.grad` as it is.

    touched: every parameter the feature depends on, where `parameters` are only some of them. scale: the factor that
    gradients are multiplied by first, so that they do not become zero in 16 bits.
    """

    def __init__(
        self,
        feature: Tensor,
        parameters: Sequence[Tensor],
        touched: Sequence[Tensor] | None = None,
        scale: float = 1.0,
    ) -> None:
        self.feature = feature
        self.parameters = list(parameters)
        self._scale = scale
        self._touched = self.parameters if touched is None else list(touched)
        self.connected = feature.requires_grad and bool(self.parameters)
        self._reentrant = self.connected and has_reentrant_checkpoint(feature)

    def __call__(self, gradient: Tensor, retain: bool = False) -> Gradients:
        """Returns the gradient of each parameter; None where the feature does not depend on it."""
        if not self.connected:
            return [None] * len(self.parameters)
        gradient = (gradient if self._scale == 1.0 else gradient * self._scale).to(self.feature.dtype)
        if self._reentrant:
            return own(self._through_grad(gradient, retain))
        with graph_used_again(retain):
            found = torch.autograd.grad(
                self.feature, self.parameters, gradient, retain_graph=retain, allow_unused=True
            )
        return own(found)

    def _through_grad(self, gradient: Tensor, retain: bool) -> Gradients:
        """Does the same through `.grad`, which is restored: a re-entrant checkpoint refuses torch.autograd.grad."""
        before = [parameter.grad for parameter in self._touched]
        try:
            for parameter in self._touched:
                parameter.grad = None
            torch.autograd.backward(self.feature, gradient, retain_graph=retain)
            return [parameter.grad for parameter in self.parameters]
        finally:
            for parameter, grad in zip(self._touched, before, strict=True):
                parameter.grad = grad


def merge(pairs: Iterable[tuple[Tensor, Tensor | None]]) -> list[tuple[Tensor, Tensor]]:
    """Returns one (leaf, gradient) pair per leaf; the gradients of a leaf that appears twice are added."""
    leaves: dict[int, Tensor] = {}
    sums: dict[int, Tensor] = {}
    for leaf, gradient in pairs:
        if gradient is None:
            continue
        key = id(leaf)
        leaves[key] = leaf
        sums[key] = gradient if key not in sums else _sum(sums[key], gradient)
    return [(leaf, sums[key]) for key, leaf in leaves.items()]


def _sum(a: Tensor, b: Tensor) -> Tensor:
    return b + a if a.is_sparse and not b.is_sparse else a + b


@torch.no_grad()
def add_to_grad(pairs: Sequence[tuple[Tensor, Tensor]]) -> None:
    """Adds each gradient to `.grad` of its leaf; an empty `.grad` takes the tensor itself, without a copy."""
    for leaf, gradient in pairs:
        if leaf.grad is None:
            leaf.grad = gradient if gradient.dtype == leaf.dtype else gradient.to(leaf.dtype)
        elif leaf.grad.is_sparse and not gradient.is_sparse:
            leaf.grad = gradient + leaf.grad
        else:
            leaf.grad.add_(gradient)
