"""Checks of what `MultiTask`, its `forward` and its `backward` are given; errors say which argument is wrong."""

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any

import torch
from torch import Tensor, nn

from mtlcore.nn.compilation import graph_used_again
from mtlcore.nn.head_graph import HeadGraph
from mtlcore.registry import Method


def check_heads(heads: Any) -> tuple[list[str], list[nn.Module]]:
    """Returns the names of the tasks and their heads.

    Raises TypeError or ValueError where there is no head, or where one is not a module.
    """
    mapping = isinstance(heads, (Mapping, nn.ModuleDict))
    if not mapping and (isinstance(heads, nn.Module) and not isinstance(heads, nn.ModuleList)):
        raise TypeError(
            f"heads takes a sequence or a mapping of modules, one a task, got {type(heads).__name__}."
        )
    if not mapping and not isinstance(heads, (Sequence, nn.ModuleList)):
        raise TypeError(
            f"heads takes a sequence or a mapping of modules, one a task, got {type(heads).__name__}."
        )
    for name in heads if mapping else ():
        if not isinstance(name, str):
            raise TypeError(f"heads: a mapping takes task names that are words, got {name!r}.")
    names = list(heads) if mapping else [str(k) for k in range(len(heads))]
    modules = list(heads.values()) if mapping else list(heads)
    if not modules:
        raise ValueError("heads takes at least one module, got none.")
    for name, head in zip(names, modules, strict=True):
        if not isinstance(head, nn.Module):
            raise TypeError(f"heads: task {name} takes an nn.Module, got {type(head).__name__}.")
    return names, modules


def check_parts(backbone: Any, method: Any, d: Any, feature_dim: Any, last_shared: Any) -> None:
    """Raises TypeError or ValueError that names the first argument of MultiTask that cannot be used."""
    if not isinstance(backbone, nn.Module):
        raise TypeError(f"backbone takes an nn.Module, got {type(backbone).__name__}.")
    if not isinstance(method, (str, Method)):
        raise TypeError(
            f'method takes a name such as "rotograd" or what mtlcore.method returns, got {type(method).__name__}.'
        )
    for name, number, least in (("d", 1 if d is None else d, 1), ("feature_dim", feature_dim, None)):
        if isinstance(number, bool) or not isinstance(number, int):
            raise TypeError(f"{name} takes a whole number, got {number!r}.")
        if least is not None and number < least:
            raise ValueError(f"{name} takes a whole number from {least}, got {number}.")
    if not isinstance(last_shared, (str, nn.Module, NoneType)):
        raise TypeError(
            f"last_shared takes a module of the backbone or its name, got {type(last_shared).__name__}."
        )


def one_of(name: str, here: Any, in_the_method: Any) -> Any:
    """Returns whichever of the two values was given, or None. Raises ValueError where both were given."""
    if here is not None and in_the_method is not None:
        raise ValueError(f"{name} takes one place: MultiTask's own keyword, or the method's, got both.")
    return here if here is not None else in_the_method


def check_accumulate(count: Any) -> None:
    """Raises ValueError unless `count`, the number of micro-batches, is a whole number from 1."""
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"accumulate takes a whole number from 1, got {count!r}.")


def check_feature(feature: Any) -> None:
    """Raises TypeError unless the backbone's output is one floating-point tensor."""
    if not isinstance(feature, Tensor):
        raise TypeError(f"the backbone takes an input and returns one tensor, got {type(feature).__name__}.")
    if not feature.is_floating_point():
        raise TypeError(f"the backbone returns a floating-point feature, got {feature.dtype}.")


def check_devices(feature: Tensor, heads: Sequence[nn.Module], names: Sequence[str]) -> None:
    """Raises ValueError that names the first head on another device than the feature."""
    for name, head in zip(names, heads, strict=True):
        tensor = next(head.parameters(), None)
        if tensor is not None and tensor.device != feature.device:
            raise ValueError(
                f"the features are on {feature.device}, the head of task {name} is on {tensor.device}: "
                "move the model to one device."
            )


def check_losses(losses: Any, names: Sequence[str], device: torch.device) -> list[Tensor | None]:
    """Returns the K losses in the order of the tasks, with None for a task that is absent from the batch.

    Raises TypeError or ValueError that names the task whose loss is missing, is neither None nor a scalar tensor, or
    is on another device.
    """
    if isinstance(losses, Mapping):
        if set(losses) != set(names):
            raise ValueError(
                f"losses takes one for each of the tasks {', '.join(names)}, got "
                f"{', '.join(map(str, losses))}."
            )
        losses = [losses[name] for name in names]
    if isinstance(losses, Tensor) or not isinstance(losses, Sequence):
        raise TypeError(
            f"losses takes a sequence of {len(names)} scalar tensors, one a task, got "
            f"{type(losses).__name__}."
        )
    if len(losses) != len(names):
        raise ValueError(f"losses takes {len(names)} scalar tensors, one a task, got {len(losses)}.")
    for name, loss in zip(names, losses, strict=True):
        if loss is None:
            continue
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            shape = list(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
            raise ValueError(f"the loss of task {name} takes a scalar tensor, got {shape}: average it first.")
        if loss.device != device:
            raise ValueError(f"the loss of task {name} is on {loss.device}, the features are on {device}.")
    return list(losses)


class LossCheck:
    """Checks that every loss depends on the shared feature, and only through the view of its own task.

    Where the graphs of the losses meet, their gradients have to be computed to see this; that is done once per model.
    """

    def __init__(self) -> None:
        self._seen_separate = False

    def __call__(
        self,
        graph: HeadGraph,
        losses: Sequence[Tensor | None],
        views: Sequence[Tensor],
        names: Sequence[str],
    ) -> None:
        """Raises ValueError or RuntimeError that names the first task whose loss does not."""
        check_graph(graph, losses, names)
        if graph.crosses and not self._seen_separate:
            check_separate(losses, views, names)
            self._seen_separate = True


def check_graph(graph: HeadGraph, losses: Sequence[Tensor | None], names: Sequence[str]) -> None:
    """Raises ValueError for a loss that does not depend on z, RuntimeError for a re-entrant checkpoint in a head."""
    for k, name in enumerate(names):
        if losses[k] is None:
            continue
        if not graph.views[k] >> k & 1:
            raise ValueError(
                f"the loss of task {name} does not depend on the shared feature: its head does not use z, "
                "or the loss was not made from this model's last forward, or the losses are in another order "
                "than the heads."
            )
        if graph.reentrant >> k & 1:
            raise RuntimeError(
                f"the head of task {name} uses checkpoint(..., use_reentrant=True), which has no gradients "
                "at z: pass use_reentrant=False."
            )


def check_separate(losses: Sequence[Tensor | None], views: Sequence[Tensor], names: Sequence[str]) -> None:
    """Raises ValueError where a loss has a gradient at the view of another task: the two could not be told apart."""
    for k, loss in enumerate(losses):
        if loss is None:
            continue
        others = [j for j in range(len(views)) if j != k]
        with graph_used_again(True):
            found = torch.autograd.grad(
                loss, [views[j] for j in others], retain_graph=True, allow_unused=True
            )
        for j, gradient in zip(others, found, strict=True):
            if gradient is not None and bool((gradient != 0).any()):
                raise ValueError(
                    f"the loss of task {names[k]} depends on the prediction of task {names[j]}: a task's "
                    "loss takes its own prediction only."
                )


def check_untouched(view: Tensor, version: int | None, name: str) -> None:
    """Raises RuntimeError where a head has changed its input in place, because other tasks may share that memory.

    version: the version of the view before the head was applied; None where there is none, as in inference mode.
    """
    if version is not None and view._version != version:
        raise RuntimeError(
            f"the head of task {name} changes its input in place (such as ReLU(inplace=True) as first "
            "layer): use inplace=False there."
        )
