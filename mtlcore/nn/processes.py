"""Several processes that train one model: means over all of them, so that every process takes the same step."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

BUCKET = 1 << 23  # numbers sent at once


class Processes:
    """The processes of one group; None is the default group. With one process the methods change nothing."""

    def __init__(self, group: Any = None) -> None:
        self.group = group

    @property
    def count(self) -> int:
        """How many processes train together."""
        return dist.get_world_size(self.group) if dist.is_available() and dist.is_initialized() else 1

    def __deepcopy__(self, memo: dict[int, Any]) -> "Processes":
        return Processes(self.group)  # a group belongs to the program, not to a model

    def __getstate__(self) -> dict[str, Any]:
        return {"group": None}  # and cannot be written to a file

    def mean(self, tensor: Tensor) -> Tensor:
        """Returns the mean of `tensor` over the processes."""
        count = self.count
        if count == 1:
            return tensor
        total = tensor.detach().clone()
        dist.all_reduce(total, group=self.group)
        return total / count

    def mean_gradients(self, pairs: list[tuple[Tensor, Tensor | None]]) -> list[tuple[Tensor, Tensor | None]]:
        """Returns the pairs (leaf, gradient) with the mean of each gradient; None only where all processes have None.

        Every process passes the same leaves in the same order.
        """
        if self.count == 1 or not pairs:
            return pairs
        present = torch.tensor([gradient is not None for _, gradient in pairs], dtype=torch.float32)
        present = present.to(pairs[0][0].device)
        dist.all_reduce(present, op=dist.ReduceOp.MAX, group=self.group)
        wanted = present.tolist()
        sent = [
            (torch.zeros_like(leaf) if gradient is None else gradient).to_dense()
            for (leaf, gradient), one in zip(pairs, wanted, strict=True)
            if one
        ]
        self._mean_in_place(sent)
        received = iter(sent)
        return [(leaf, next(received) if one else None) for (leaf, _), one in zip(pairs, wanted, strict=True)]

    def _mean_in_place(self, tensors: Sequence[Tensor]) -> None:
        for bucket in _buckets(tensors):
            flat = torch.cat([tensor.reshape(-1) for tensor in bucket])
            dist.all_reduce(flat, group=self.group)
            flat /= self.count
            start = 0
            for tensor in bucket:
                tensor.copy_(flat[start : start + tensor.numel()].view_as(tensor))
                start += tensor.numel()

    def gather_rows(self, rows: Tensor, dim: int) -> tuple[Tensor, slice]:
        """Returns the rows of all processes joined along `dim`, and the slice of them that this process gave."""
        if self.count == 1:
            return rows, slice(0, rows.shape[dim])
        mine = torch.tensor([rows.shape[dim]], device=rows.device)
        sizes = [torch.empty_like(mine) for _ in range(self.count)]
        dist.all_gather(sizes, mine, group=self.group)
        lengths = [int(size) for size in sizes]
        padded = rows.movedim(dim, 0).contiguous()
        padded = torch.cat([padded, padded.new_zeros(max(lengths) - len(padded), *padded.shape[1:])])
        everyone = [torch.empty_like(padded) for _ in lengths]
        dist.all_gather(everyone, padded, group=self.group)
        joined = torch.cat([part[:length] for part, length in zip(everyone, lengths, strict=True)])
        start = sum(lengths[: dist.get_rank(self.group)])
        return joined.movedim(0, dim), slice(start, start + rows.shape[dim])

    @torch.no_grad()
    def start_alike(self, module: nn.Module) -> None:
        """Copies the parameters and buffers of the first process to all others.

        Raises RuntimeError for a lazy module, which has no parameters yet.
        """
        if self.count > 1:
            if any(is_lazy(tensor) for tensor in (*module.parameters(), *module.buffers())):
                raise RuntimeError(
                    "a lazy module has no parameters yet that processes could share: pass one batch through the "
                    "network before MultiTask is given it."
                )
            first = dist.get_global_rank(self.group, 0) if self.group is not None else 0
            for tensor in (*module.parameters(), *module.buffers()):
                dist.broadcast(tensor.detach(), first, group=self.group)


def _buckets(tensors: Sequence[Tensor]) -> list[list[Tensor]]:
    """Returns the tensors in groups; each group has one dtype, one device and about BUCKET numbers."""
    groups: dict[Any, list[list[Tensor]]] = {}
    sizes: dict[Any, int] = {}
    for tensor in tensors:
        key = (tensor.dtype, tensor.device)
        if key not in groups or sizes[key] > BUCKET:
            groups.setdefault(key, []).append([])
            sizes[key] = 0
        groups[key][-1].append(tensor)
        sizes[key] += tensor.numel()
    return [bucket for lists in groups.values() for bucket in lists]
