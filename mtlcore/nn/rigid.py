"""RotoGrad's first version: a rotation and a translation a task, moved towards closed-form targets."""

import torch
from torch import Tensor, nn

from mtlcore.nn.rows import from_rows, to_rows
from mtlcore.nn.transform import BackwardContext, DenseTransform, FixedView, Learned


def nearest_rotation(target: Tensor, current: Tensor) -> Tensor:
    """Returns the R in SO(d) that maximises tr(R^T target); where several do, the one nearest to `current`.

    target, current: [d, d] in float64. A target of 0 returns `current`.
    """
    d = len(target)
    u, s, vt = torch.linalg.svd(target)
    rank = int((s > d * torch.finfo(s.dtype).eps * s[0]).sum())
    if rank == 0:
        return current
    sign = torch.linalg.det(u) * torch.linalg.det(vt)
    if rank == d:
        turn = torch.ones_like(s)
        turn[-1] = sign.sign()
        return (u * turn) @ vt
    p, _, wt = torch.linalg.svd(u[:, rank:].T @ current @ vt[rank:].T)
    turn = torch.ones(d - rank, dtype=s.dtype, device=s.device)
    turn[-1] = (sign * torch.linalg.det(p) * torch.linalg.det(wt)).sign()
    return u[:, :rank] @ vt[:rank] + u[:, rank:] @ (p * turn) @ wt @ vt[rank:]


def _replaced(old: Tensor, new: Tensor, tasks: list[int]) -> Tensor:
    """Returns `old` [K, ...] with the rows of these tasks from `new`, in the dtype of `old`."""
    result = old.clone()
    result[tasks] = new[tasks].to(old.dtype)
    return result


class Rigid(DenseTransform):
    """r_k = R_k z + t_k; RotoGrad v1, Algorithm 1. It has no parameters and moves at every backward.

    R*_k turns the rule's update towards task k's gradients, t*_k = mean(r_k) - R*_k mean(z); both are
    approached by the share `rate`, which shrinks by the factor `decay` at every step. start: R(0) [K, d, d].
    """

    rotation: Tensor
    offset: Tensor
    rate: Tensor

    def __init__(self, start: Tensor, dim: int, rate: float, decay: float) -> None:
        tasks, width = start.shape[:2]
        super().__init__(tasks, width, dim)
        self.decay = decay
        self.begin_at(start)
        self.register_buffer("rotation", start.clone())
        self.register_buffer("offset", torch.zeros(tasks, width, dtype=start.dtype))
        self.register_buffer("rate", torch.tensor(rate, dtype=torch.float64))

    def views(self, feature: Tensor) -> list[Tensor]:
        """Returns r_1, ..., r_K; the rigid motions are constants here."""
        with torch.autocast(feature.device.type, enabled=False):
            # copies: the motion moves in place between a forward and the use of its graph
            rotation, offset = self.rotation.to(feature.dtype), self.offset.to(feature.dtype)
            rows = to_rows(feature, self.dim)
            return [
                from_rows(torch.addmm(offset[k], rows, rotation[k].T), feature, self.dim)
                for k in range(self.tasks)
            ]

    def pull_back(self, seen: Tensor) -> Tensor:
        """Returns R_k^T g for the gradients g at r_k, [K, S, d]."""
        return torch.bmm(seen, self.rotation.to(seen.dtype))

    @torch.no_grad()
    def learn(self, context: BackwardContext) -> Learned:
        """Moves the rotations and translations of the tasks present; returns no gradient."""
        outer = context.processes.mean(torch.matmul(context.seen.mT, context.update.to(context.seen.dtype)))
        centre = context.processes.mean(context.features.to(context.seen.dtype).mean(0)).double()
        rate, rotation, offset = float(self.rate), self.rotation.double(), self.offset.double()
        targets = torch.stack([nearest_rotation(h, r) for h, r in zip(outer.double(), rotation, strict=True)])
        shift = rotation @ centre + offset - targets @ centre
        mixed = (1.0 - rate) * rotation + rate * targets
        moved = torch.stack([nearest_rotation(x, r) for x, r in zip(mixed, rotation, strict=True)])
        shifted = (1.0 - rate) * offset + rate * shift
        self.rotation = _replaced(self.rotation, moved, context.present)
        self.offset = _replaced(self.offset, shifted, context.present)
        self.rate = self.rate * self.decay
        return []

    def turned(self) -> tuple[Tensor, Tensor | None]:
        """Returns R and R(0) [K, d, d]; None for an R(0) that is the identity."""
        return self.rotation, self.start

    def deployed(self, task: int) -> nn.Module | None:
        """Returns this task's rigid motion, frozen."""
        return FixedView(self.rotation[task], self.offset[task], self.dim)
