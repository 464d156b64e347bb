"""Gram matrices in float64, a block of coordinates at a time."""

from collections.abc import Sequence

import torch
from torch import Tensor

CPU_BLOCK = 1 << 15  # coordinates: K blocks of float64 stay in a core's cache
DEVICE_BLOCK = 1 << 22

Gradients = Sequence[Tensor | None]


def _block(device: torch.device) -> int:
    return CPU_BLOCK if device.type == "cpu" else DEVICE_BLOCK


def _exact(device: torch.device) -> torch.dtype:
    """Returns the dtype of products: those of float32 numbers are exact in float64, which MPS has not."""
    return torch.float32 if device.type == "mps" else torch.float64


def gram_of_rows(rows: Tensor) -> Tensor:
    """Returns M = G G^T, float64 [K, K] on the rows' device, for gradients `rows` [K, ...]."""
    flat = rows.detach().reshape(rows.shape[0], -1)
    exact = _exact(flat.device)
    gram = torch.zeros(len(flat), len(flat), dtype=exact, device=flat.device)
    for part in flat.split(_block(flat.device), dim=1):
        wide = part.to(exact)
        gram.addmm_(wide, wide.T)
    return gram


def gram_of_lists(tasks: Sequence[Gradients], device: torch.device) -> Tensor:
    """Returns M, float64 [K, K] on `device`, for K lists of gradients, one tensor a parameter.

    None counts as zero. Parameters are taken a block at a time, so no second K x D matrix is made.
    """
    size = len(tasks)
    gram = torch.zeros(size, size, dtype=_exact(device), device=device)
    for gradients in zip(*tasks, strict=True):
        reached = [k for k in range(size) if gradients[k] is not None]
        if reached:
            flat = [one.reshape(-1) for one in gradients if one is not None]
            _add_blocks(gram, reached, flat)
    return gram


def _add_blocks(gram: Tensor, reached: list[int], flat: list[Tensor]) -> None:
    """Adds to `gram` the inner products of the flat gradients of the `reached` tasks."""
    step, exact = _block(flat[0].device), _exact(flat[0].device)
    part = torch.zeros(len(flat), len(flat), dtype=exact, device=flat[0].device)
    for start in range(0, flat[0].numel(), step):
        wide = torch.stack([one[start : start + step] for one in flat]).to(exact)
        part.addmm_(wide, wide.T)
    if len(reached) == len(gram):
        gram += part.to(gram)
    else:
        index = torch.tensor(reached, device=gram.device)
        gram[index[:, None], index] += part.to(gram)
