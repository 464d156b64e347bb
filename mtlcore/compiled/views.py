"""What a transform's compiled half reads and writes: each task's view of the feature, and how it learns.

K tasks, N inputs, d feature dimensions, Q free parameters of all views together. Every view is r_k = A_k z + b_k. The
groups are small because each array of a group costs some nanoseconds at every call that the group is handed to.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.pointers import reader
from mtlcore.compiled.signatures import Cube, Floats, Matrix

LINE = 8  # float64 numbers in a cache line
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
    target: np.ndarray  # [N, d] room for a direction, such as the one an alignment loss asks for


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


class Extent(NamedTuple):
    """What of the feature a transform turns."""

    views: (
        int  # whether tasks see the feature through views of their own: 0 where it leaves everything as it is
    )
    m: int  # how many dimensions rotate; 0 for a transform that does not begin from a rotation
    block: int  # the size of the blocks along the diagonal that rotate, each by itself: m where there is one
    haar: int  # whether the rotations at the start are drawn from the rotation group


# d, the transform's numbers in the order of its SPEC's parameters, as Param.encode writes them
EXTENT = types.NamedUniTuple(types.int64, 4, Extent)(types.int64, Floats)
EXTENT_POINTER = types.FunctionType(EXTENT)
extent_at = reader(EXTENT_POINTER)
# R_k(0) [K, m, m], d, the transform's numbers -> the views at their start, and the free parameters [Q] they are made of
BEGUN = types.Tuple([VIEWS, Floats])
BEGIN = BEGUN(Cube, types.int64, Floats)
BEGIN_POINTER = types.FunctionType(BEGIN)
begin_at = reader(BEGIN_POINTER)


@kernel(Boxes(types.int64, types.int64, types.int64))
def on_cache_lines(count, slots, size):
    """Returns zeros [count, slots, size, size] that begin where a cache line does: the products of 16 x 16 matrices
    take a fifth less time than where every other vector that they read crosses two lines, which the allocation decides
    anew every time.
    """
    numbers = count * slots * size * size
    room = np.zeros(numbers + LINE)
    start = -(room.ctypes.data // 8) % LINE
    return room[start : start + numbers].reshape((count, slots, size, size))


@kernel(Cube(types.int64, types.int64))
def identities(count, d):
    """Returns `count` identity matrices, [count, d, d]."""
    A = np.zeros((count, d, d))
    for k in range(count):
        for i in range(d):
            A[k, i, i] = 1.0
    return A


@kernel(VIEWS(Cube, Floats, Cube, Cube, types.int64))
def views_at(A, hp, base, pull, slots):
    """Returns views A [K, d, d] without shifts, and room for what turns or maps them: see `Views`."""
    count, size = base.shape[0], base.shape[1]
    b, squarings = np.zeros((A.shape[0], A.shape[1])), np.zeros(count, np.int64)
    return Views(A, b, hp, base, pull, on_cache_lines(count, slots, size), squarings)


@kernel(VIEWS(types.int64, types.int64, Floats))
def identity_views(tasks, d, hp):
    """Returns K views r_k = z of d dimensions, which have no rotations, and numbers hp for their transform's kernel."""
    return views_at(identities(tasks, d), hp, np.zeros((0, 0, 0)), np.zeros((0, 0, 0)), 0)


@kernel(EXTENT)
def unturned(d, hp):
    """Returns the extent of a transform that does not begin from rotations."""
    return Extent(1, 0, 0, 0)


@dataclass(frozen=True)
class CompiledTransform:
    """A transform's half in the compiled engine: kernels, called by address.

    begin: of signature BEGIN, the views at their start, all in new arrays. A transform without rotations gets m = 0.
    learn: of signature LEARN, one step of the views from gradients taken with the old ones.
    extent: of signature EXTENT, what it turns, as its SPEC's `blocks` and `idle` say it.
    """

    begin: Any
    learn: Any
    extent: Any = unturned
