"""What one forward keeps for its backward, and one micro-batch at the shared feature."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mtlcore.nn.writing import BackwardPass


@dataclass(frozen=True)
class Forward:
    """What `forward` keeps for `backward`."""

    feature: Tensor  # z, with its graph
    views: list[Tensor]  # r_1, ..., r_K


@dataclass
class Batch:
    """One micro-batch at the shared feature. Gradients are [K, S, d] where they are kept as rows, else [K, ...]."""

    feature: Tensor
    back: BackwardPass | None  # None once it has been used up
    seen: Tensor  # at r_k
    pulled: Tensor  # at z
    update: Tensor | None = None  # the rule's d at z


def joined(parts: list[Tensor], dim: int, share: float = 1.0) -> Tensor:
    """Returns the parts joined along `dim`, times `share`. A single part with share 1 is returned without a copy."""
    whole = parts[0] if len(parts) == 1 else torch.cat(parts, dim=dim)
    return whole if share == 1.0 else whole * share
