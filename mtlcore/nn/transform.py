"""What every transform of the shared feature does for `MultiTask`, and the transform that does nothing."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mtlcore.nn.processes import Processes

Learned = list[tuple[Tensor, Tensor | None]]


@dataclass(frozen=True)
class BackwardContext:
    """What one backward saw at the features: S points (the whole batch), K tasks, d dimensions."""

    seen: Tensor  # [K, S, d] gradients at r_k
    pulled: Tensor  # [K, S, d] the same gradients at z
    features: Tensor  # [S, d] z
    update: Tensor  # [S, d] the rule's update d at z
    gram: Tensor  # [K, K] Gram matrix of `pulled`, over all processes
    processes: Processes
    present: list[int]  # the tasks that have a loss in this step; the others' gradients are 0


class Transform(nn.Module):
    """r_k = T_k(z) for K tasks; this one is r_k = z.

    dim: which dimension of a feature counts its d coordinates.
    """

    matters = False  # whether r_k differs from z
    start: Tensor | None

    def __init__(self, tasks: int, dim: int = 1) -> None:
        super().__init__()
        self.tasks = tasks
        self.dim = dim
        # R(0), None for the identity; `MultiTask` saves it, so that checkpoints that lack it can be read
        self.register_buffer("start", None, persistent=False)

    def begin_at(self, start: Tensor | None) -> None:
        """Remembers where rotations begin, [..., s, s]; None and an identity are the same."""
        if start is not None:
            plain = torch.eye(start.shape[-1], dtype=start.dtype, device=start.device)
            start = None if torch.equal(start, plain.expand_as(start)) else start.detach().clone()
        like = next(self.buffers(), None)
        self.start = start if start is None or like is None else start.to(like)

    def views(self, feature: Tensor) -> list[Tensor]:
        """Returns r_1, ..., r_K, each a tensor of its own, in the shape of `feature`."""
        return [feature.view_as(feature) for _ in range(self.tasks)]

    def pull_back(self, seen: Tensor) -> Tensor:
        """Returns the gradients at z [K, S, d] for gradients at r_k [K, S, d]."""
        return seen

    def learn(self, context: BackwardContext) -> Learned:
        """Returns the gradient of each parameter; a transform without parameters may move by itself."""
        return []

    def check(self, feature: Tensor) -> None:
        """Raises ValueError or TypeError for a feature this transform does not take."""

    def turned(self) -> tuple[Tensor, Tensor | None] | None:
        """Returns R and R(0) [K, ..., s, s], maybe block by block, None for an R(0) that is the identity; None where
        views do not rotate.
        """
        return None

    def deployed(self, task: int) -> nn.Module | None:
        """Returns a module of its own that maps z to r_k, None where r_k = z."""
        return None


class DenseTransform(Transform):
    """A transform of the rows of [N, d] or [N, d, H, W] features, with state in at least float32."""

    matters = True

    def __init__(self, tasks: int, width: int, dim: int = 1) -> None:
        super().__init__(tasks, dim)
        self.width = width

    def check(self, feature: Tensor) -> None:
        """Raises ValueError where the feature's d or device is not the transform's."""
        if feature.ndim < 2:
            raise ValueError(f"features take the shape [N, d] or [N, d, H, W], got {list(feature.shape)}.")
        if not -feature.ndim < self.dim < feature.ndim or self.dim == 0:
            raise ValueError(
                f"feature_dim takes a dimension of the features {list(feature.shape)} other than the first, "
                f"got {self.dim}."
            )
        width = feature.shape[self.dim]
        if width != self.width:
            raise ValueError(
                f"the backbone's features have d = {width} in dimension {self.dim} of "
                f"{list(feature.shape)}, the transform "
                f"was made for d = {self.width}: pass d={width} to MultiTask."
            )
        for tensor in (*self.parameters(), *self.buffers()):
            if tensor.device != feature.device:
                raise ValueError(
                    f"the features are on {feature.device}, the transform is on {tensor.device}: "
                    "move the model to one device."
                )

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        """Moves with the model, but never below float32: a rotation in 16 bits is none."""
        before = {name: tensor.detach() for name, tensor in self._tensors()}
        super()._apply(fn, recurse)
        for name, tensor in self._tensors():
            if tensor.is_floating_point() and torch.finfo(tensor.dtype).bits < 32:
                tensor.data = before[name].to(device=tensor.device, dtype=torch.float32)
        return self

    def _tensors(self) -> list[tuple[str, Tensor]]:
        return [*self.named_parameters(), *self.named_buffers()]


class FixedView(nn.Module):
    """r = A z + b on the rows of a feature: one task's transform, frozen for deployment."""

    matrix: Tensor
    offset: Tensor

    def __init__(self, matrix: Tensor, offset: Tensor | None, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.register_buffer("matrix", matrix.detach().clone())
        self.register_buffer("offset", None if offset is None else offset.detach().clone())

    def forward(self, feature: Tensor) -> Tensor:
        """Returns r for z [N, d] or [N, d, H, W]: blocks [B, s, s] act on the first B s coordinates, s by s."""
        moved = feature.movedim(self.dim, -1)
        size = self.matrix.shape[-1]
        m = self.matrix.numel() // size
        blocks = moved[..., :m].unflatten(-1, (-1, size))
        matrices = self.matrix.to(moved.dtype).view(-1, size, size)
        turned = torch.einsum("...bj,bij->...bi", blocks, matrices).flatten(-2)
        if self.offset is not None:
            turned = turned + self.offset.to(moved.dtype)
        if m < moved.shape[-1]:
            turned = torch.cat([turned, moved[..., m:]], dim=-1)
        return turned.movedim(-1, self.dim)
