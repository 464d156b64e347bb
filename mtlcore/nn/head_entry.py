"""The heads are applied to their views of the shared feature, where their autograd graphs end."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mtlcore.nn.checks import check_untouched


class HeadEntry(torch.autograd.Function):
    """Makes the view of a head the beginning of a new autograd graph.

    A parameter may be part of the backbone and also be used in a loss directly. If the two graphs were connected, the
    backward through the heads would also bring the gradient through the backbone, which would be counted twice.
    """

    @staticmethod
    def forward(ctx: Any, anchor: Tensor, view: Tensor) -> Tensor:
        """Returns the values of the view; the result requires a gradient because `anchor` does."""
        return view.data  # with a version of its own, so that a head that writes over it is found out

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Raises RuntimeError: no backward of `MultiTask` gets here, only one that is called on a loss."""
        raise RuntimeError(
            "a loss made from MultiTask's predictions ends at the shared feature: call model.backward(losses) in "
            "place of loss.backward(), and take gradients for other purposes through the copy model.task(k)."
        )


def enter_heads(views: list[Tensor]) -> list[Tensor]:
    """Returns the views cut off from the graph of the backbone; each requires a gradient."""
    anchor = torch.zeros((), requires_grad=True)
    return [HeadEntry.apply(anchor, view) for view in views]


def apply_heads(heads: Iterable[nn.Module], views: Sequence[Tensor], names: Sequence[str]) -> list[Any]:
    """Returns the prediction of every head from its own view.

    Raises RuntimeError that names the task whose head changes its view in place.
    """
    predictions = []
    for head, view, name in zip(heads, views, names, strict=True):
        version = None if view.is_inference() else view._version
        predictions.append(head(view))
        check_untouched(view, version, name)
    return predictions
