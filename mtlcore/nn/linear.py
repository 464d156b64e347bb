"""Views r_k = A_k z + b_k of all d dimensions, whose own file says how they learn."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mtlcore.nn.rows import from_rows, to_rows
from mtlcore.nn.transform import BackwardContext, DenseTransform, FixedView, Learned


class LinearViews(DenseTransform):
    """r_k = A_k z + b_k for K tasks.

    tensors: by the names under which they are saved: A [K, d, d] comes first, then b [K, d], then what else is kept.
    learns: (this module, what a backward saw) -> gradients of trained tensors; others it may replace itself. A function
    of a module's top level, or a partial of one: models are pickled. trained: whether an optimiser moves the tensors.
    start: R(0) [K, d, d] where A is a rotation.
    """

    def __init__(
        self,
        dim: int,
        tensors: Mapping[str, Tensor],
        learns: Callable[[Any, BackwardContext], Learned],
        trained: bool = False,
        start: Tensor | None = None,
    ) -> None:
        first, second, *_ = tensors
        tasks, width = tensors[second].shape
        super().__init__(tasks, width, dim)
        self.first, self.second = first, second
        self.learns, self.rotates = learns, start is not None
        self.begin_at(start)
        for name, tensor in tensors.items():
            if trained:
                self.register_parameter(name, nn.Parameter(tensor))
            else:
                self.register_buffer(name, tensor)

    def _maps(self) -> tuple[Tensor, Tensor]:
        """Returns A [K, d, d] and b [K, d] as constants."""
        return getattr(self, self.first).detach(), getattr(self, self.second).detach()

    def views(self, feature: Tensor) -> list[Tensor]:
        """Returns r_1, ..., r_K; the maps are constants here."""
        with torch.autocast(feature.device.type, enabled=False):
            matrix, offset = (tensor.to(feature.dtype) for tensor in self._maps())
            rows = to_rows(feature, self.dim)
            return [
                from_rows(torch.addmm(offset[k], rows, matrix[k].T), feature, self.dim)
                for k in range(self.tasks)
            ]

    def pull_back(self, seen: Tensor) -> Tensor:
        """Returns A_k^T g for the gradients g at r_k, [K, S, d]."""
        return torch.bmm(seen, self._maps()[0].to(seen.dtype))

    def learn(self, context: BackwardContext) -> Learned:
        """Returns the gradients of trained tensors; others are moved."""
        return self.learns(self, context)

    def turned(self) -> tuple[Tensor, Tensor | None] | None:
        """Returns R and R(0) [K, d, d], None for an R(0) that is the identity; None where views do not rotate."""
        return (self._maps()[0], self.start) if self.rotates else None

    def deployed(self, task: int) -> nn.Module | None:
        """Returns this task's view, frozen."""
        matrix, offset = self._maps()
        return FixedView(matrix[task], offset[task], self.dim)
