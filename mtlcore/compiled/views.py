"""What a transform's compiled half reads and writes: each task's view of the feature, and how it learns.

K tasks, N inputs, d feature dimensions, Q free parameters of all views together. Every view is r_k = A_k z + b_k. The
groups are small because each array of a group costs some nanoseconds at every call that the group is handed to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import types

from mtlcore.compiled.pointers import reader
from mtlcore.compiled.signatures import Cube, Floats, Matrix

Boxes = types.Array(types.float64, 4, "C")
Whole = types.Array(types.int64, 1, "C")


class Views(NamedTuple):
    """Each task's view of the feature, r_k = A_k z + b_k, and what its transform keeps between steps."""

    A: np.ndarray  # [K, d, d]
    b: np.ndarray  # [K, d]
    hp: np.ndarray  # the numbers that the transform's kernel reads
    base: (
        np.ndarray
    )  # [B, s, s] R_k(0), a block s x s after the other, task after task; empty without rotations
    pull: np.ndarray  # slopes of the transform's own loss with respect to what it turns or maps, [B, s, s]
    work: np.ndarray  # [B, slots, s, s] powers and squarings of the last exponentials
    squarings: np.ndarray  # [B] how many of them there were


VIEWS = types.NamedTuple([Cube, Matrix, Floats, Cube, Cube, Boxes, Whole], Views)


class Features(NamedTuple):
    """Gradients at the feature level."""

    r: np.ndarray  # [K, N, d]
    local: np.ndarray  # [K, N, d] gradients at r_k
    seen: np.ndarray  # [K, N, d] the same seen from z
    update: np.ndarray  # [N, d] the rule's d
    target: (
        np.ndarray
    )  # [N, d] room for a direction, such as where an alignment loss wants every gradient to point


FEATURES_TYPE = types.NamedTuple([Cube, Cube, Cube, Matrix, Matrix], Features)


class OptimizerState(NamedTuple):
    """A flat vector of parameters and what its optimiser needs: the network's, or the transforms'."""

    theta: np.ndarray  # [P]; what is made of it are views of it (W1, b1, W2, b2 or z, in this order)
    step: np.ndarray  # [P] gradient to follow
    first: np.ndarray  # [P] Adam's first moment
    second: np.ndarray  # [P] and second


OPTIMIZER_STATE = types.NamedUniTuple(Floats, 4, OptimizerState)

# z [N, d], views (written), their free parameters and optimiser (written), features, the step t
LEARN = types.void(Matrix, VIEWS, OPTIMIZER_STATE, FEATURES_TYPE, types.int64)
LEARN_POINTER = types.FunctionType(LEARN)
learn_at = reader(LEARN_POINTER)


@dataclass(frozen=True)
class CompiledTransform:
    """A transform's half in the compiled engine.

    begin: (R_k(0) [K, m, m], d, the transform's parameters) -> the views at their start and the free parameters [Q]
        that they are made of. A transform that begins from no rotation gets m = 0.
    learn: the kernel, of signature LEARN, that takes one step of the views from gradients taken with the old ones.
    """

    begin: Callable[[np.ndarray, int, Mapping[str, Any]], tuple[Views, np.ndarray]]
    learn: Any


def views_at(
    A: np.ndarray,
    hp: Any = (),
    base: np.ndarray | None = None,
    pull: np.ndarray | None = None,
    slots: int = 0,
) -> Views:
    """Returns views A [K, d, d] without shifts, and room for what turns or maps them."""
    tasks, d, _ = A.shape
    base = np.empty((0, 0, 0)) if base is None else base
    count, size, _ = base.shape
    return Views(
        A, np.zeros((tasks, d)), np.array(hp, dtype=np.float64), base,
        np.zeros(base.shape) if pull is None else pull,
        np.zeros((count, slots, size, size)), np.zeros(count, dtype=np.int64),
    )  # fmt: skip


def unchanged(tasks: int, d: int) -> Views:
    """Returns K views r_k = z of d dimensions."""
    return views_at(np.tile(np.eye(d), (tasks, 1, 1)))
