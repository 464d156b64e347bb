"""The level `features`: gradients at the shared feature, which cost one backward through the backbone."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from mtlcore.nn.levels.level import Level
from mtlcore.nn.micro_batch import Batch


class FeatureLevel(Level):
    """Measures where the backward through the heads ends. The backbone gets one backward, with the update."""

    key = "features"

    def add(self, batch: Batch, tasks: Sequence[int], weights: np.ndarray | None) -> None:
        """Runs the backward at once where the weights are known, which frees the graph of the micro-batch."""
        if weights is not None:
            self.features.go_back(batch, weights)

    def gram(self) -> Tensor:
        """Returns the Gram matrix at the feature, float64 [K, K], over the whole batch and all processes."""
        return self.features.gram()
