"""Checks that gradients are finite; errors name the task and the parameter where one is not."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

Pairs = Sequence[tuple[Tensor, Tensor]]


class NotFinite(ValueError):
    """A loss or a gradient that is infinite or NaN."""


def check_gram(gram: Tensor, names: Sequence[str]) -> None:
    """Raises NotFinite that names the first task whose squared norm on the diagonal of `gram` [K, K] is not finite."""
    for name, square in zip(names, gram.diagonal().tolist(), strict=True):
        if not square < float("inf"):
            raise NotFinite(f"the gradient of task {name} is not finite (squared norm {square}).")


def check_pairs(
    pairs: Pairs,
    parameters: Callable[[], Iterable[tuple[str, Tensor]]],
    names: Sequence[str],
    tasks: Sequence[str],
) -> None:
    """Raises NotFinite that names the first parameter whose gradient is infinite or NaN, and its task.

    parameters: a function that returns (name, parameter) of all parameters; it is called only for the error. names:
    the names of all K tasks. tasks: the names of those present, any of which may be the cause at a shared parameter.
    """
    if _all_finite([gradient for _, gradient in pairs]):
        return
    bad = next(leaf for leaf, gradient in pairs if not bool(torch.isfinite(_dense(gradient)).all()))
    found = next((name for name, one in parameters() if one is bad), "a tensor a loss uses")
    owner = found.removeprefix("heads.").partition(".")[0] if found.startswith("heads.") else ""
    task = f"task {names[int(owner)]}" if owner else f"tasks {', '.join(tasks)} together"
    raise NotFinite(
        f"the gradient of {task} is not finite in {found}, though each task's gradient at the shared feature is: "
        "look for a square root, a logarithm or a division at 0 there."
    )


def _all_finite(gradients: Iterable[Tensor]) -> bool:
    """Returns whether every number is finite. The norm of each tensor decides, unless the norms overflow."""
    dense = [one for one in map(_dense, gradients) if one.numel()]
    groups: dict[tuple[torch.device, torch.dtype], list[Tensor]] = {}
    for one in dense:
        groups.setdefault((one.device, one.dtype), []).append(one)
    sums = [torch.stack(torch._foreach_norm(group)).sum().double() for group in groups.values()]
    if all(bool(torch.isfinite(one)) for one in sums):
        return True
    return all(bool(torch.isfinite(one).all()) for one in dense)


def _dense(gradient: Tensor) -> Tensor:
    """Returns the numbers of a gradient as a dense tensor; of a sparse one, the numbers that it stores."""
    return gradient.coalesce().values() if gradient.is_sparse else gradient
