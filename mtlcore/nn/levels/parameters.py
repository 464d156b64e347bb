"""The level `parameters`: the gradients at all shared parameters, for one backward a task."""

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
    """Holds every task's gradient at the shared parameters until the rule has combined them."""

    key = "parameters"
    takes_direct = True

    def __init__(self, parts: Parts, features: FeatureGradients) -> None:
        super().__init__(parts, features)
        self.lists = TaskLists(parts.tasks, parts.shared)

    def take_direct(self, found: list[TaskGradient]) -> list[TaskGradient]:
        """Takes what losses have at shared parameters without the feature between: it is the tasks' gradient too.

        Returns what stays the heads'.
        """
        kept = []
        for k, leaf, gradient in found:
            if self.lists.holds(leaf):
                self.lists.add_direct(k, leaf, gradient)
            else:
                kept.append((k, leaf, gradient))
        return kept

    def add(self, batch: Batch, tasks: Sequence[int], weights: np.ndarray | None) -> None:
        """Goes back to the shared parameters once a task; the micro-batch's graph is then used up."""
        assert batch.back is not None
        self.lists.add(batch.back, self.features.of_tasks(batch, tasks), retain=False)
        batch.back = None

    def gram(self) -> Tensor:
        """Returns the Gram matrix at the shared parameters, float64 [K, K], over the whole batch and all processes."""
        return self.lists.gram(self.features.device, self.parts.processes, self.features.scale)

    def written(self, heads: Pairs, weighing: Weighing) -> list[tuple[Tensor, Tensor]]:
        """Returns every (parameter, gradient); the backbone's are combined from the tasks', averaged already."""
        if weighing.elementwise:
            found = self.lists.decide(weighing.rule, weighing.active)
        else:
            assert weighing.weights is not None
            found = self.lists.combine(weighing.weights.tolist())
        return merge([*self.parts.averaged(heads), *zip(self.parts.shared, found, strict=True)])
