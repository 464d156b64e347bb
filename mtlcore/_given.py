"""What a rule is given: brought into the form that kernels take, and the sentences that say what is wrong with it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mtlcore import _admit


def real_array(name: str, value: Any) -> np.ndarray:
    """Returns the value as an array of real numbers. Raises ValueError naming it where it is none."""
    try:
        array = np.asarray(value)
        array = array.astype(np.float64) if array.dtype.kind == "O" else array
    except (TypeError, ValueError) as error:
        raise ValueError(_no_array(name, value)) from error
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        raise ValueError(_no_array(name, value))
    return array


def _no_array(name: str, value: Any) -> str:
    return f"{name} takes an array of real numbers, got {value!r}."


def to_numpy(torch: Any, value: Any) -> Any:
    """Returns a float64 array for a tensor, or for a sequence that holds tensors; anything else as it is."""
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().double().numpy()
    if isinstance(value, (list, tuple)):
        return [None if item is None else float(item) for item in value]
    return value


def writable(array: Any) -> np.ndarray:
    """Returns the array as the kernels take it: float64, C order, writable; copied only where it is not."""
    return np.require(array, np.float64, ["C", "W"])


def check_gradients(shape: tuple[int, ...]) -> None:
    """Raises ValueError for a shape that is neither [K, D] nor [K, N, d]."""
    if len(shape) not in (2, 3) or shape[0] == 0:
        raise ValueError(f"G takes gradients [K, D] or [K, N, d] with K >= 1, got shape {list(shape)}.")


def of_present(losses: Any, present: np.ndarray, tasks: int) -> Any:
    """Returns the losses of the `present` tasks; None, or another number of losses than K, as it is."""
    if losses is None or np.shape(losses) != (tasks,):
        return losses
    return [losses[k] for k in present]


def gram_complaint(code: int, gram: np.ndarray, i: int, j: int, numbers: Sequence[int]) -> str:
    """Returns what `code` says of the entry (i, j); `numbers` are what its tasks are called."""
    value = gram[i, j]
    turned = gram[j, i]
    i, j = numbers[i], numbers[j]
    entry = f"entry ({i}, {j}) is {value:g}"
    if code == _admit.NOT_FINITE:
        task = f"{i}" if i == j else f"{i} or {j}"
        return f"gram takes finite numbers, {entry}: is the gradient of task {task} infinite or NaN?"
    if code == _admit.NEGATIVE_SQUARE:
        return f"gram takes inner products, so no negative diagonal, {entry}."
    if code == _admit.NOT_SYMMETRIC:
        return f"gram takes a symmetric matrix, {entry} and ({j}, {i}) is {turned:g}."
    return f"gram takes inner products, {entry}, more than the product of the norms of gradients {i} and {j}."
