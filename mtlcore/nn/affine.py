"""An affine map a task, trained on the task's loss (d-grad)."""

import torch
from torch import Tensor, nn

from mtlcore.nn.rows import from_rows, to_rows
from mtlcore.nn.transform import BackwardContext, DenseTransform, FixedView, Learned


class Affine(DenseTransform):
    """r_k = A_k z + b_k with A_k(0) = I, b_k(0) = 0: `matrix` [K, d, d] and `offset` [K, d]."""

    def __init__(self, tasks: int, width: int, dim: int = 1, dtype: torch.dtype = torch.float32) -> None:
        super().__init__(tasks, width, dim)
        self.matrix = nn.Parameter(torch.eye(width, dtype=dtype).repeat(tasks, 1, 1))
        self.offset = nn.Parameter(torch.zeros(tasks, width, dtype=dtype))

    def views(self, feature: Tensor) -> list[Tensor]:
        """Returns r_1, ..., r_K; the maps are constants here."""
        with torch.autocast(feature.device.type, enabled=False):
            matrix, offset = self.matrix.detach().to(feature.dtype), self.offset.detach().to(feature.dtype)
            rows = to_rows(feature, self.dim)
            return [
                from_rows(torch.addmm(offset[k], rows, matrix[k].T), feature, self.dim)
                for k in range(self.tasks)
            ]

    def pull_back(self, seen: Tensor) -> Tensor:
        """Returns A_k^T g for the gradients g at r_k, [K, S, d]."""
        return torch.bmm(seen, self.matrix.detach().to(seen.dtype))

    def learn(self, context: BackwardContext) -> Learned:
        """Returns the gradients of each task's own unweighted loss."""
        features = context.features.to(context.seen.dtype)
        matrix = torch.matmul(context.seen.mT, features)
        return [
            (self.matrix, matrix.to(self.matrix.dtype)),
            (self.offset, context.seen.sum(1).to(self.offset.dtype)),
        ]

    def deployed(self, task: int) -> nn.Module | None:
        """Returns this task's map, frozen."""
        return FixedView(self.matrix[task], self.offset[task], self.dim)
