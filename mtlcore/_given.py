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


def square(name: str, value: Any) -> np.ndarray:
    """Returns the value as float64 [K, K], C order. Raises ValueError naming it for anything else."""
    given = np.ascontiguousarray(real_array(name, value), dtype=np.float64)
    if given.ndim != 2 or given.shape[0] != given.shape[1] or given.shape[0] == 0:
        raise ValueError(f"{name} takes a matrix [K, K] with K >= 1, got shape {list(given.shape)}.")
    return given


def admit_gram(gram: np.ndarray, out: np.ndarray, numbers: Sequence[int]) -> None:
    """Writes the symmetrised Gram matrix to out [K, K]; numbers: what the tasks are called in a complaint.

    Raises ValueError naming the entry that is not finite, not symmetric or no inner product.
    """
    code, i, j = _admit.admit_gram(gram, out)
    if code != _admit.GOOD:
        raise ValueError(_gram_complaint(code, gram, i, j, numbers))


def _gram_complaint(code: int, gram: np.ndarray, i: int, j: int, numbers: Sequence[int]) -> str:
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


def admit_losses(
    key: str, name: str, losses: Any, first: np.ndarray, out: np.ndarray, numbers: Sequence[int]
) -> None:
    """Writes the losses of K tasks, rounding below 0 set to 0, to out [K]; first [K] keeps each one's first.

    key, name: the rule and the argument that a complaint is about; numbers: what the tasks are called in it. Raises
    ValueError for losses that are missing, not K numbers, not finite or below 0.
    """
    tasks = out.size
    if losses is None:
        raise ValueError(f"{key} needs losses=, one excess loss for each of the {tasks} tasks.")
    given = np.ascontiguousarray(losses, dtype=np.float64)
    if given.shape != (tasks,):
        raise ValueError(f"{name} takes {tasks} numbers, one a task, got shape {list(given.shape)}.")
    code, k = _admit.admit_losses(given, first, out)
    if code == _admit.BAD_LOSS:
        raise ValueError(f"{name} of task {numbers[k]} is {given[k]}: it takes a finite number.")
    if code == _admit.NEGATIVE_LOSS:
        raise ValueError(
            f"{name} of task {numbers[k]} is {given[k]:g}: it takes an excess loss, not below 0."
        )


def elementwise_inputs(key: str, gradients: np.ndarray, features: Any) -> tuple[np.ndarray, np.ndarray]:
    """Returns the gradients [K, N, d] and the features z [N, d] that an element-wise rule's kernel takes.

    gradients: [K, D], or [K, N, d] with features [N, d]; without features z is 1 everywhere. Raises ValueError, naming
    the rule, for features that are missing or have another shape, and for numbers that are not finite.
    """
    shape = gradients.shape
    if features is None and len(shape) == 3:
        raise ValueError(f"{key} needs features= [N, d] for gradients [K, N, d], got none.")
    cube = gradients if len(shape) == 3 else gradients[:, None, :]
    z = np.ones(cube.shape[1:]) if features is None else writable(features)
    if z.shape != cube.shape[1:]:
        raise ValueError(
            f"{key}: features take the shape of a gradient, {list(cube.shape[1:])}, got {list(z.shape)}."
        )
    if not np.isfinite(cube).all() or not np.isfinite(z).all():
        raise ValueError(f"{key}: gradients and features take finite numbers.")
    return cube, z
