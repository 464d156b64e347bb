"""How far the view of each task has turned since training began."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mtlcore.nn.transform import Transform
from mtlcore.turning import stillness


@dataclass(frozen=True)
class Turning:
    """How far the views of a model have turned, computed when it is asked for. key: the name of its method."""

    transform: Transform
    key: str

    @property
    def angles(self) -> np.ndarray | None:
        """How far the view of each task has turned by now, in rad [K]; None where views do not rotate."""
        turned = self.transform.turned()
        return None if turned is None else largest_angles(*turned)

    @property
    def stillness(self) -> str:
        """A sentence that the rotations do nothing; "" where they turn and where there are none."""
        angles = self.angles
        return "" if angles is None else stillness(self.key, angles.tolist())


def largest_angles(now: Tensor, start: Tensor | None) -> np.ndarray:
    """Returns the largest principal angle of each R_k R_k(0)^T, in rad, float64 [K].

    now, start: rotations [K, m, m]; a start of None is the identity. This solves an eigenvalue problem per task.
    """
    # |R - R(0)|_2 = 2 sin(angle / 2), from the difference: an arccosine would lose angles below 1e-4
    away = difference(now, start).cpu().double()
    longest = torch.linalg.eigvalsh(away.mT @ away)[..., -1].clamp(min=0.0).sqrt()
    return (2.0 * (0.5 * longest).clamp(max=1.0).arcsin()).numpy()


def mean_angles(now: Tensor, start: Tensor | None) -> np.ndarray:
    """Returns arccos of the mean cosine of R_k R_k(0)^T, tr / m, in rad, float64 [K]: cheap enough for every step."""
    # |R - R(0)|^2 = 2 m (1 - mean cosine)
    away = difference(now, start).flatten(1).norm(dim=1)
    return (2.0 * (away / (2.0 * now.shape[-1] ** 0.5)).clamp(max=1.0).arcsin()).cpu().double().numpy()


def difference(now: Tensor, start: Tensor | None) -> Tensor:
    """Returns R - R(0) [K, m, m], detached."""
    begun = torch.eye(now.shape[-1], dtype=now.dtype, device=now.device) if start is None else start
    return (now - begun).detach()
