"""The level `parameters`: gradients at all shared parameters, which cost one backward per task."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from mtlcore.nn.feature_gradients import FeatureGradients
from mtlcore.nn.head_gradients import TaskGradient
from mtlcore.nn.levels.level import Level
from mtlcore.nn.micro_batch import Batch
from mtlcore.nn.parts import Parts
from mtlcore.nn.task_lists import TaskLists
from mtlcore.nn.weighing import Weighing
from mtlcore.nn.writing import Pairs, merge


class ParameterLevel(Level):
    """Keeps the gradient of every task at the shared parameters until the rule has combined them."""

    key = "parameters"
    takes_direct = True

    def __init__(self, parts: Parts, features: FeatureGradients) -> None:
        super().__init__(parts, features)
        self.lists = TaskLists(parts.tasks, parts.shared)

    def take_direct(self, found: list[TaskGradient]) -> list[TaskGradient]:
        """Takes gradients at shared parameters that do not come through the feature: they belong to their task too.

        Returns the others, which stay with the heads.
        """
        kept = []
        for k, leaf, gradient in found:
            if self.lists.holds(leaf):
                self.lists.add_direct(k, leaf, gradient)
            else:
                kept.append((k, leaf, gradient))
        return kept

    def add(self, batch: Batch, tasks: Sequence[int], weights: np.ndarray | None) -> None:
        """Runs one backward per task, to the shared parameters. The graph of the micro-batch is then used up."""
        assert batch.back is not None
        self.lists.add(batch.back, self.features.of_tasks(batch, tasks), retain=False)
        batch.back = None

    def gram(self) -> Tensor:
        """Returns the Gram matrix at the shared parameters, float64 [K, K], over the whole batch and all processes."""
        return self.lists.gram(self.features.device, self.parts.processes, self.features.scale)

    def written(self, heads: Pairs, weighing: Weighing) -> list[tuple[Tensor, Tensor]]:
        """Returns every (parameter, gradient); those of the backbone combine averaged task gradients."""
        if weighing.elementwise:
            found = self.lists.decide(weighing.rule, weighing.active)
        else:
            assert weighing.weights is not None
            found = self.lists.combine(weighing.weights.tolist())
        return merge([*self.parts.averaged(heads), *zip(self.parts.shared, found, strict=True)])
