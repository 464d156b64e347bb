"""One rotation a task on the first m feature dimensions, which learns to align the task gradients."""

from typing import Any, Literal

import torch
from torch import Tensor, nn

from mtlcore.nn.retraction import DRIFT, angle_bound, haar_rotations, reorthogonalise, retract
from mtlcore.nn.rows import from_rows, to_rows
from mtlcore.nn.transform import BackwardContext, DenseTransform, FixedView, Learned

Objective = Literal["paper", "library", "task", "rigid"]


class Rotation(DenseTransform):
    """r_k = [R_k z_{1:m}, z_{m+1:d}] with R_k = R0_k expm(A_k), A = L - L^T; Javaloy & Valera 2021, eq. 3.

    The parameter `tangent` [K, m, m] holds L (its strictly lower triangle); any optimiser may step it. At the
    next forward the step is taken into the buffer `base` by a second-order retraction and the tangent is 0
    again, so tangent gradients never need the derivative of an exponential. `objective`: paper and library
    are the alignment loss, task is the task's own loss, rigid the mean of ||R_k g_n - gtil_{n,k}||^2 with g
    the rule's update.
    """

    base: Tensor

    def __init__(
        self,
        tasks: int,
        width: int,
        m: int,
        dim: int = 1,
        objective: Objective = "paper",
        start: Tensor | None = None,
    ) -> None:
        super().__init__(tasks, width, dim)
        self.m = m
        self.objective = objective
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
        """Returns R [K, m, m], detached."""
        self.settle()
        return self.base

    def views(self, feature: Tensor) -> list[Tensor]:
        """Returns r_1, ..., r_K; the rotations are constants here."""
        with torch.autocast(feature.device.type, enabled=False):
            rotations = self.rotations().to(feature.dtype)
            rows = to_rows(feature, self.dim)
            # all tasks in one product: rows [S, m] times [m, K m]
            turned = rows[:, : self.m] @ rotations.reshape(-1, self.m).T
            parts = [turned[:, k * self.m : (k + 1) * self.m] for k in range(self.tasks)]
            if self.m < self.width:
                parts = [torch.cat([part, rows[:, self.m :]], dim=1) for part in parts]
            return [from_rows(part, feature, self.dim) for part in parts]

    def pull_back(self, seen: Tensor) -> Tensor:
        """Returns R_k^T g for the gradients g at r_k, [K, S, d]."""
        rotations = self._current().to(seen.dtype)
        turned = torch.bmm(seen[..., : self.m], rotations)
        return turned if self.m == self.width else torch.cat([turned, seen[..., self.m :]], dim=-1)

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
        """Returns sum_n g_{n,k} x_n^T [K, m, m]."""
        other = self._partner(context).to(gradients.dtype)
        left = gradients[..., : self.m].transpose(1, 2).reshape(-1, gradients.shape[1])
        return (left @ other[:, : self.m]).view(self.tasks, self.m, self.m)

    def _partner(self, context: BackwardContext) -> Tensor:
        """Returns x [S, d]: z for the task's loss, -v for the alignment loss, -2 g / S for the rigid one."""
        if self.objective == "task":
            return context.features
        if self.objective == "rigid":  # up to a symmetric part, which has no tangent component
            return context.update * (-2.0 / (len(context.update) * context.processes.count))
        return -self._direction(context)

    def _direction(self, context: BackwardContext) -> Tensor:
        """Returns v [S, d]: the mean gradient at z of the tasks present, each of unit length over the whole batch."""
        norms, tasks = context.gram.diagonal().sqrt(), len(context.present)
        share = torch.where(norms > 0, 1.0 / (tasks * norms), torch.zeros_like(norms))
        if self.objective == "library":
            share = share * (2.0 * context.gram.sum().clamp(min=0.0).sqrt() / tasks)
        return torch.tensordot(share.to(context.pulled.dtype), context.pulled, dims=1)

    @torch.no_grad()
    def turned(self) -> tuple[Tensor, Tensor | None]:
        """Returns R and R(0) [K, m, m]; None for an R(0) that is the identity."""
        return self.rotations(), self.start

    def deployed(self, task: int) -> nn.Module | None:
        """Returns this task's rotation, frozen."""
        return FixedView(self.rotations()[task], None, self.dim)

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
        """Returns R [K, m, m], detached; the graph to the parameter is kept for `learn`."""
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


def initial_rotations(kind: str, tasks: int, m: int, seed: int, dtype: torch.dtype) -> Tensor:
    """Returns R(0) [K, m, m]: identity, or `haar`: drawn uniformly from SO(m)."""
    if kind == "haar":
        return haar_rotations(tasks, m, seed, dtype, torch.device("cpu"))
    return torch.eye(m, dtype=dtype).repeat(tasks, 1, 1)
