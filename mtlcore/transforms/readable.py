"""What a transform does in the readable engine, which is torch and autograd; nothing here loads torch before it runs.

K tasks, N inputs, d feature dimensions, everything in float64.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Seen:
    """What one step saw, all of it constant: taken with the old views."""

    t: int  # steps before this one
    z: "Tensor"  # [N, d]
    r: "list[Tensor]"  # K times [N, d]: A_k z + b_k
    local: "list[Tensor]"  # gradients at r_k
    noise: "list[Tensor]"  # what noise added to them
    G: "list[Tensor]"  # gradients at z
    update: "Tensor"  # [N, d] the update at z
    loss: "Callable[[Tensor, int], Tensor]"  # (r [N, d], k) -> task k's loss


class Readable:
    """K views r_k = A_k z + b_k; these are r_k = z and learn nothing.

    R: where rotations begin, [K, m, m], m = 0 where the transform has none. seed: of random numbers it draws itself.
    """

    differentiates_gradients = False  # whether `force` needs the graph of the gradients at z

    def __init__(self, R: np.ndarray, d: int, values: Mapping[str, Any], seed: int) -> None:
        import torch

        self.tasks, self.d, self.values = range(len(R)), d, values
        self.A = [torch.eye(d, dtype=torch.float64) for _ in R]
        self.b = [torch.zeros(d, dtype=torch.float64) for _ in R]
        self.begin([torch.tensor(turned) for turned in R], seed)

    def begin(self, R: "list[Tensor]", seed: int) -> None:
        """Makes the views that a transform begins from."""

    def view(self, k: int) -> "tuple[Tensor, Tensor]":
        """Returns A_k [d, d] and b_k [d], differentiable with respect to the view's own parameters."""
        return self.A[k], self.b[k]

    def force(self, G: "list[Tensor]", z: "Tensor") -> "Tensor | None":
        """Returns what the transform adds to the rule's update at z, [N, d]; None where it adds nothing."""
        return None

    def learn(self, seen: Seen) -> None:
        """Takes one step of the views."""


class Descending(Readable, ABC):
    """Views with parameters of their own, which an optimiser of theirs moves down the sum of K losses."""

    def __init__(self, R: np.ndarray, d: int, values: Mapping[str, Any], seed: int) -> None:
        import torch

        super().__init__(R, d, values, seed)
        kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[values["rot_optimizer"]]
        self.optimiser = kind(self.parameters(), lr=values["lr_rot"])

    @abstractmethod
    def parameters(self) -> "list[Tensor]":
        """Returns what the optimiser moves."""

    def loss(self, k: int, seen: Seen) -> "Tensor":
        """Returns what task k's view descends; by default the task's own loss, with the slope that noise adds to it."""
        A, b = self.view(k)
        r = seen.z @ A.T + b
        return seen.loss(r, k) + (seen.noise[k] * r).sum()

    def learn(self, seen: Seen) -> None:
        """Takes one step of the optimiser at the rate that decay leaves."""
        self.optimiser.zero_grad()
        sum(self.loss(k, seen) for k in self.tasks).backward()  # type: ignore[union-attr]
        for group in self.optimiser.param_groups:
            group["lr"] = self.values["lr_rot"] * self.values["rot_decay"] ** seen.t
        self.optimiser.step()
