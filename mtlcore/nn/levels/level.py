"""The interface of a level: where the task gradients of one step are measured, and which backward that takes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from torch import Tensor, nn

from mtlcore.nn.feature_gradients import FeatureGradients
from mtlcore.nn.head_gradients import TaskGradient
from mtlcore.nn.micro_batch import Batch
from mtlcore.nn.parts import Parts
from mtlcore.nn.weighing import Weighing
from mtlcore.nn.writing import Pairs, merge


class Level(ABC):
    """The task gradients of one step at one level. Every step makes a new object.

    features: the micro-batches of the step at the shared feature, from where every level starts.
    """

    key: ClassVar[str]
    takes_elementwise: ClassVar[bool] = True  # whether an element-wise rule can be applied here
    takes_direct: ClassVar[bool] = False  # whether `take_direct` takes anything

    def __init__(self, parts: Parts, features: FeatureGradients) -> None:
        self.parts = parts
        self.features = features

    @staticmethod
    def find_module(backbone: nn.Module, wanted: str | nn.Module | None) -> str | None:
        """Returns the name of the backbone's module at which this level measures; None if it is not a single module."""
        return None

    def take_direct(self, found: list[TaskGradient]) -> list[TaskGradient]:
        """Takes gradients at shared parameters that do not come through the feature; returns those that it leaves."""
        return found

    @abstractmethod
    def add(self, batch: Batch, tasks: Sequence[int], weights: np.ndarray | None) -> None:
        """Runs the backward of one micro-batch that the measurement needs.

        tasks: the numbers of the tasks that have a loss in it. weights: the weights of the rule [K], if they are
        known although further micro-batches follow, else None.
        """

    @abstractmethod
    def gram(self) -> Tensor:
        """Returns the Gram matrix of the task gradients, float64 [K, K], over the whole batch and all processes."""

    def written(self, heads: Pairs, weighing: Weighing) -> list[tuple[Tensor, Tensor]]:
        """Returns every (parameter, gradient) of heads and backbone, averaged over the processes.

        heads: the pairs of the heads, of this process only. Unless a level says otherwise, those of the backbone come
        from one backward of the update.
        """
        return merge(self.parts.averaged([*heads, *self.features.finish(weighing)]))
