"""Rotations R_k = R_k(0) expm(L_k - L_k^T), in one block or several along the diagonal, for transforms made of them.

The slope of a transform's loss is taken with respect to R_k first, then carried back to the free parameters, the
strictly lower triangles L_k, block after block and task after task.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats
from mtlcore.compiled.views import BEGUN, EXTENT, OPTIMIZER_STATE, VIEWS, Extent, identities, views_at
from mtlcore.solvers.expm import E0, SCRATCH, SLOTS, X1, exponentiate, multiply, pull_back
from mtlcore.spec import FieldError
from mtlcore.transforms._slopes import BLOCKS, follow_slope
from mtlcore.transforms.networks import Asked
from mtlcore.transforms.readable import Descending

if TYPE_CHECKING:
    from torch import Tensor

    from mtlcore.nn.transform import BackwardContext, Transform


@kernel(types.void(VIEWS, Floats, types.int64))
def _refresh_large(views, q, block):
    """Writes R(0) expm(L - L^T) of one block to its rows and columns of A_k, q holding the triangles L."""
    work, m = views.work[block], views.base.shape[1]
    at = block * (m * (m - 1) // 2)
    for i in range(m):
        work[X1, i, i] = 0.0
        for j in range(i):
            work[X1, i, j] = q[at]
            work[X1, j, i] = -q[at]
            at += 1
    views.squarings[block] = exponentiate(work)
    turned = work[SCRATCH]
    multiply(views.base[block], work[E0 + views.squarings[block]], turned)
    count = int(views.hp[BLOCKS])
    k, start = block // count, block % count * m
    for i in range(m):
        for j in range(m):
            views.A[k, start + i, start + j] = turned[i, j]


@kernel(types.void(types.int64, Cube, Floats, Cube))
def _refresh_angles(count, base, q, A):
    """Writes R(0) expm([[0, -q], [q, 0]]) of every block, `count` a task, to its rows and columns of A_k."""
    for k in range(A.shape[0]):
        for block in range(count):
            at, start = k * count + block, 2 * block
            sine, cosine = elementary.sine_cosine(q[at])
            for i in range(2):
                left, right = base[at, i, 0], base[at, i, 1]
                A[k, start + i, start] = left * cosine + right * sine
                A[k, start + i, start + 1] = right * cosine - left * sine


@kernel(types.void(VIEWS, Floats))
def refresh(views, q):
    """Recomputes every A_k from the free parameters q."""
    if views.base.shape[1] == 2:
        _refresh_angles(int(views.hp[BLOCKS]), views.base, q, views.A)
    else:
        for block in range(views.base.shape[0]):
            _refresh_large(views, q, block)


@kernel(types.void(types.int64, Cube, Cube, Floats))
def _to_angles(count, A, pull, slope):
    """Carries the slopes of 2 x 2 rotations R(0) expm([[0, -q], [q, 0]]) to the angles q."""
    for k in range(A.shape[0]):
        for block in range(count):
            at, start = k * count + block, 2 * block
            total = 0.0
            for i in range(2):  # dA/dq = A [[0, -1], [1, 0]]
                total += pull[at, i, 0] * A[k, start + i, start + 1] - pull[at, i, 1] * A[k, start + i, start]
            slope[at] = total


@kernel(types.void(VIEWS, Floats))
def _to_generators(views, slope):
    """Carries the slopes of larger rotations to the strictly lower triangles of their generators."""
    at, m = 0, views.base.shape[1]
    result, inner = np.empty((m, m)), np.empty((m, m))
    for block in range(views.base.shape[0]):
        for i in range(m):
            for j in range(m):
                inner[i, j] = 0.0
                for h in range(m):
                    inner[i, j] += views.base[block, h, i] * views.pull[block, h, j]
        pull_back(views.work[block], views.squarings[block], inner, result)
        for i in range(m):
            for j in range(i):
                slope[at] = result[i, j] - result[j, i]
                at += 1


@kernel(types.void(VIEWS, OPTIMIZER_STATE, types.int64))
def turn(views, state, t):
    """Takes one step of the rotations' own optimiser, from the slopes in views.pull."""
    if views.base.shape[1] == 2:
        count = int(views.hp[BLOCKS])
        _to_angles(count, views.A, views.pull, state.step)
        follow_slope(views.hp, state, t)
        _refresh_angles(count, views.base, state.theta, views.A)
    else:
        _to_generators(views, state.step)
        follow_slope(views.hp, state, t)
        refresh(views, state.theta)


@kernel(Cube(Cube, types.int64))
def _blocks_of(R, size):
    """Returns the blocks along the diagonal of R [K, m, m], [K m / size, size, size], task after task."""
    count = R.shape[1] // size
    blocks = np.empty((R.shape[0] * count, size, size))
    for at in range(blocks.shape[0]):
        start = at % count * size
        for i in range(size):
            for j in range(size):
                blocks[at, i, j] = R[at // count, start + i, start + j]
    return blocks


@kernel(BEGUN(Cube, types.int64, Floats, types.int64))
def begin(R, d, hp, size):
    """Returns the views at R(0) [K, m, m] and their free parameters, all 0.

    hp: the transform's numbers (see `_slopes`), which the views keep. size: of the blocks along R's diagonal.
    """
    A, base = identities(R.shape[0], d), _blocks_of(R, size)
    for k in range(R.shape[0]):
        for i in range(R.shape[1]):
            for j in range(R.shape[1]):
                A[k, i, j] = R[k, i, j]
    hp[BLOCKS] = R.shape[1] // size
    views = views_at(A, hp, base, np.zeros(base.shape), SLOTS if size > 2 else 0)
    free = np.zeros(base.shape[0] * (size * (size - 1) // 2))
    refresh(views, free)  # larger rotations need the powers of their first exponential
    return views, free


@kernel(types.int64(types.int64, types.int64))
def rotated(m, d):
    """Returns how many of d dimensions rotate; m = -1 is d."""
    return d if m < 0 else m


@kernel(EXTENT.return_type(types.int64, types.int64, types.float64))
def turned(m, block, haar):
    """Returns the extent of rotations of the first m dimensions in blocks: one dimension has none but the identity."""
    return Extent(1 if m > 0 and block > 1 else 0, m, block, int(haar))


def idle(values: Mapping[str, Any]) -> bool:
    """Returns whether nothing rotates."""
    return values.get("m", -1) == 0


def whole(values: Mapping[str, Any], d: int) -> tuple[int, ...]:
    """Returns the one block (m,) that rotates; m = -1 is d."""
    m = rotated(values.get("m", -1), d)
    return (m,) if m else ()


def check_width(values: Mapping[str, Any], d: int, owner: str) -> None:
    """Raises ValueError for m > d."""
    m = values.get("m", -1)
    if m > d:
        raise FieldError(owner, "m", m, f"-1 (all) or 0 to d = {d}")


class Rotations(Descending):
    """R_k = R_k(0) expm(L_k - L_k^T) on the first m dimensions: geotorch's SO(s), a block after the other."""

    def block_size(self, m: int) -> int:
        """Returns the size of the blocks; by default one block has all m dimensions."""
        return m

    def begin(self, R: "list[Tensor]", seed: int) -> None:
        """Makes each task's blocks [B, s, s], parametrized around R_k(0)."""
        import geotorch.so
        import torch
        from torch.nn.utils import parametrize

        self.turned = []
        for start in R:
            size = self.block_size(len(start))
            blocks = torch.stack([start[i : i + size, i : i + size] for i in range(0, len(start), size)])
            holder = torch.nn.Module()
            holder.R = torch.nn.Parameter(blocks)
            with torch.random.fork_rng():  # geotorch draws a base by itself; the line after replaces it
                parametrize.register_parametrization(holder, "R", geotorch.so.SO(blocks.shape).double())
            setattr(holder, "R", blocks.clone())  # noqa: B010 - the parametrization takes any rotation here
            self.turned.append(holder)

    def parameters(self) -> "list[Tensor]":
        """Returns the generators."""
        return [parameter for holder in self.turned for parameter in holder.parameters()]

    def view(self, k: int) -> "tuple[Tensor, Tensor]":
        """Returns A [d, d], R in its first m rows and columns, and no shift."""
        import torch

        blocks: Any = self.turned[k].R
        rest = self.d - blocks.shape[0] * blocks.shape[1]
        return torch.block_diag(*blocks, torch.eye(rest, dtype=torch.float64)), self.b[k]


def module(
    asked: Asked, sizes: tuple[int, ...], partner: "Callable[[BackwardContext], Tensor]"
) -> "Transform":
    """Returns rotations for a network: their blocks' sizes, all alike, and what they turn towards (see `Rotation`)."""
    from mtlcore.nn.rotation import PARAMETRIZATIONS, initial_rotations

    kind = asked.values.get("rot_init", "identity")
    start = initial_rotations(kind, asked.tasks * len(sizes), sizes[0], asked.seed, asked.dtype)
    made = PARAMETRIZATIONS[asked.parametrization]
    return made(asked.tasks, asked.width, sum(sizes), asked.dim, partner=partner, start=start)
