"""Where the heads' graphs end: at their views of the shared feature, which are made anew for every forward."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mtlcore.nn.checks import check_untouched


class HeadEntry(torch.autograd.Function):
    """A head's view as the beginning of a graph of its own.

    A parameter may be both in the backbone and in a loss. Were the graphs connected, its gradient from the heads'
    side would come with the backbone's, once too often.
    """

    @staticmethod
    def forward(ctx: Any, anchor: Tensor, view: Tensor) -> Tensor:
        """Returns the view's values, needing a gradient as `anchor` does."""
        return view.data  # with a version of its own, so that a head that writes over it is found out

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Is reached by no backward of `MultiTask`."""
        raise RuntimeError(
            "a loss made from MultiTask's predictions ends at the shared feature: call model.backward(losses) in "
            "place of loss.backward(), and take gradients for other purposes through the copy model.task(k)."
        )


def enter_heads(views: list[Tensor]) -> list[Tensor]:
    """Returns the views cut off from the backbone's graph, each needing a gradient."""
    anchor = torch.zeros((), requires_grad=True)
    return [HeadEntry.apply(anchor, view) for view in views]


def apply_heads(heads: Iterable[nn.Module], views: Sequence[Tensor], names: Sequence[str]) -> list[Any]:
    """Returns every head's prediction from its own view.

    Raises RuntimeError naming the task whose head changes its view in place.
    """
    predictions = []
    for head, view, name in zip(heads, views, names, strict=True):
        version = None if view.is_inference() else view._version
        predictions.append(head(view))
        check_untouched(view, version, name)
    return predictions
