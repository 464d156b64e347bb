"""What the last backward did: numbers for curves and for a closer look."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from mtlcore.diagnostics import cosines
from mtlcore.nn.turning import Turning
from mtlcore.spec import Status


@dataclass(frozen=True)
class BackwardReport:
    """The result of the last application of the rule to K tasks."""

    weights: np.ndarray | None  # [K] on the shared gradients; None for an element-wise rule, which has none
    head_weights: np.ndarray  # [K] on the heads' gradients
    losses: np.ndarray  # [K], mean over the micro-batches and processes that have it; NaN for an absent task
    status: Status
    level: str  # where `gram` was measured
    gram_tensor: Tensor  # [K, K] float64, on the model's device until it is asked for
    turning: Turning  # the rotations, as they are when one asks
    overflow: bool = False  # a gradient scaler has to skip this step: no rule was asked, weights are 0

    @property
    def turned(self) -> np.ndarray | None:
        """How far the view of each task has turned by now from where it began, in rad [K].

        This is the largest principal angle of R_k R_k(0)^T; None for a method that does not rotate.
        """
        return self.turning.angles

    @property
    def stillness(self) -> str:
        """A sentence that the rotations have turned by less than 1e-3 rad so far; "" where they have turned further."""
        return self.turning.stillness

    @property
    def gram(self) -> np.ndarray:
        """The Gram matrix of the task gradients, float64 [K, K]."""
        return self.gram_tensor.double().cpu().numpy()

    @property
    def cosines(self) -> np.ndarray:
        """The cosine of every two task gradients, [K, K] within [-1, 1], from `mtlcore.diagnostics.cosines`.

        It is 0 where a gradient is 0, and everywhere in a step that a gradient scaler has to skip.
        """
        gram = self.gram
        return np.zeros_like(gram) if self.overflow else cosines(gram)
