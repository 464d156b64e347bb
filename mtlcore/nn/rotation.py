"""One rotation a task on the first m feature dimensions, in one block or several, and how it learns."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from mtlcore.nn.retraction import DRIFT, angle_bound, haar_rotations, reorthogonalise, retract
from mtlcore.nn.rows import from_rows, to_rows
from mtlcore.nn.transform import BackwardContext, DenseTransform, FixedView, Learned


class Rotation(DenseTransform):
    """r_k = [R_k z_{1:m}, z_{m+1:d}] with R_k = R0_k expm(A_k), A = L - L^T; Javaloy & Valera 2021, eq. 3.

    R_k consists of B blocks [s, s] along its diagonal, each a rotation of its own; B = 1 is a rotation of all m
    dimensions. The parameter `tangent` [K B, s, s] holds L (its strictly lower triangle); any optimiser may step it. At
    the next forward the step is taken into the buffer `base` by a second-order retraction and the tangent is 0
    again, so tangent gradients never need the derivative of an exponential.

    partner: (what a backward saw) -> x [S, d]; the loss that the rotations descend has the slope sum_n gtil_n x_n^T
    at R_k. A function of a module's top level, or a partial of one: models are pickled.
    start: R(0) [K B, s, s], task after task; None is the identity in one block.
    """

    base: Tensor

    def __init__(
        self,
        tasks: int,
        width: int,
        m: int,
        dim: int = 1,
        *,
        partner: Callable[[BackwardContext], Tensor],
        start: Tensor | None = None,
    ) -> None:
        super().__init__(tasks, width, dim)
        self.m = m
        self.partner = partner
        begun = torch.eye(m).repeat(tasks, 1, 1) if start is None else start
        self.begin_at(begun)
        self._make(begun)

    def _make(self, start: Tensor) -> None:
        self.register_buffer("base", start.clone())
        self.tangent = nn.Parameter(torch.zeros_like(start))
        self._drift = 0.0

    @torch.no_grad()
    def settle(self) -> None:
        """Takes the optimiser's step into the base, which is made orthogonal again from time to time.

        Raises ValueError for a tangent that is not finite.
        """
        angle = angle_bound(self.tangent)
        if angle == 0.0:
            return
        if not angle < float("inf"):
            raise ValueError(
                f"the rotations' parameters are not finite (a step of {angle}): lower the rotation "
                "learning rate."
            )
        moved, drift = retract(self.base, self.tangent, angle)
        self._drift += drift
        if self._drift > DRIFT[moved.dtype]:
            moved, self._drift = reorthogonalise(moved, self._drift)
        self.base.copy_(moved)
        self.tangent.zero_()

    def rotations(self) -> Tensor:
        """Returns R [K B, s, s], detached."""
        self.settle()
        return self.base

    def views(self, feature: Tensor) -> list[Tensor]:
        """Returns r_1, ..., r_K; the rotations are constants here."""
        with torch.autocast(feature.device.type, enabled=False):
            rotations = self.rotations().to(feature.dtype)
            rows = to_rows(feature, self.dim)
            parts = list(self._turn(rows[:, : self.m], rotations))
            if self.m < self.width:
                parts = [torch.cat([part, rows[:, self.m :]], dim=1) for part in parts]
            return [from_rows(part, feature, self.dim) for part in parts]

    def _turn(self, rows: Tensor, rotations: Tensor) -> Tensor:
        """Returns R_k z for rows z [S, m], [K, S, m]: of each block all tasks in one product, [S, s] times [s, K s]."""
        size = rotations.shape[-1]
        by_block = (
            rotations.view(self.tasks, -1, size, size).transpose(0, 1).reshape(-1, self.tasks * size, size)
        )
        turned = torch.bmm(rows.reshape(len(rows), -1, size).transpose(0, 1), by_block.mT)  # [B, S, K s]
        return turned.view(*turned.shape[:2], self.tasks, size).permute(2, 1, 0, 3).flatten(2)

    def pull_back(self, seen: Tensor) -> Tensor:
        """Returns R_k^T g for the gradients g at r_k, [K, S, d]."""
        rotations = self._current().to(seen.dtype)
        by_block = self._by_block(seen).transpose(1, 2).flatten(0, 1)  # [K B, S, s]
        turned = torch.bmm(by_block, rotations).view(self.tasks, -1, seen.shape[1], by_block.shape[-1])
        turned = turned.transpose(1, 2).flatten(2)
        return turned if self.m == self.width else torch.cat([turned, seen[..., self.m :]], dim=-1)

    def _by_block(self, gradients: Tensor) -> Tensor:
        """Returns the first m coordinates of gradients [K, S, d] as [K, S, B, s]."""
        return gradients[..., : self.m].unflatten(-1, (-1, self.tangent.shape[-1]))

    def _current(self) -> Tensor:
        """Returns the rotations of the last forward."""
        return self.base

    def learn(self, context: BackwardContext) -> Learned:
        """Returns the tangent's gradient, in closed form: three products of the size of the batch."""
        # With R = R0 expm(A) at A = 0 a loss with gradient E at R has the gradient R0^T E at A. All losses
        # have E_k = sum_n gtil_n x_n^T, so R0^T E_k = sum_n g_n x_n^T with g the gradient at z.
        at_base = self._outer(context.pulled, context)
        return [(self.tangent, (at_base - at_base.mT).tril_(-1).to(self.tangent.dtype))]

    def _outer(self, gradients: Tensor, context: BackwardContext) -> Tensor:
        """Returns the blocks of sum_n g_{n,k} x_n^T, [K B, s, s]."""
        size, count = self.tangent.shape[-1], gradients.shape[1]
        other = self.partner(context).to(gradients.dtype)[:, : self.m].unflatten(-1, (-1, size))
        left = self._by_block(gradients).permute(2, 0, 3, 1).reshape(-1, self.tasks * size, count)
        blocks = torch.bmm(left, other.transpose(0, 1)).view(-1, self.tasks, size, size)
        return blocks.transpose(0, 1).flatten(0, 1)

    @torch.no_grad()
    def turned(self) -> tuple[Tensor, Tensor | None]:
        """Returns R and R(0) [K, B, s, s]; None for an R(0) that is the identity."""
        start = None if self.start is None else self._blocks_of(self.start)
        return self._blocks_of(self.rotations()), start

    def _blocks_of(self, rotations: Tensor) -> Tensor:
        return rotations.unflatten(0, (self.tasks, -1))

    def deployed(self, task: int) -> nn.Module | None:
        """Returns this task's rotation, frozen."""
        return FixedView(self._blocks_of(self.rotations())[task].squeeze(0), None, self.dim)

    def get_extra_state(self) -> dict[str, Any]:
        """Returns how far the base may be from orthogonal, so that a resumed run repeats bit for bit."""
        return {"drift": self._drift}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Takes what `get_extra_state` returned."""
        self._drift = float(state["drift"])


class ExpmRotation(Rotation):
    """The published parametrization, on geotorch: R = R0 expm(A) with its adjoint at every step."""

    def _make(self, start: Tensor) -> None:
        from geotorch.so import SO

        self.group = SO(start.shape, triv="expm")
        self.group.base = start.clone()  # geotorch draws one by itself
        self.tangent = nn.Parameter(torch.zeros_like(start))
        self._graph: Tensor | None = None

    def rotations(self) -> Tensor:
        """Returns R [K B, s, s], detached; the graph to the parameter is kept for `learn`."""
        rotations = self.group(self.tangent)
        if torch.is_grad_enabled():
            self._graph = rotations
        return rotations.detach()

    def _current(self) -> Tensor:
        assert self._graph is not None
        return self._graph.detach()

    def learn(self, context: BackwardContext) -> Learned:
        """Returns the parameter's gradient through the exponential."""
        assert self._graph is not None
        (gradient,) = torch.autograd.grad(
            self._graph,
            self.tangent,
            self._outer(context.seen, context).to(self._graph.dtype),
            retain_graph=True,
        )
        return [(self.tangent, gradient)]

    def get_extra_state(self) -> dict[str, Any]:
        """Returns nothing: the base never moves."""
        return {}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Takes what `get_extra_state` returned."""

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_graph": None}  # a graph can be neither copied nor written to a file


PARAMETRIZATIONS = {"retraction": Rotation, "expm": ExpmRotation}


def initial_rotations(kind: str, count: int, size: int, seed: int, dtype: torch.dtype) -> Tensor:
    """Returns R(0) [count, s, s]: identity, or `haar`: drawn uniformly from SO(s)."""
    if kind == "haar":
        return haar_rotations(count, size, seed, dtype, torch.device("cpu"))
    return torch.eye(size, dtype=dtype).repeat(count, 1, 1)
