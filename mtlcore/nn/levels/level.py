"""What every level does: where the task gradients of one step are measured, and how far back that takes."""

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
    """One step's task gradients at one level. A new one is made for every step.

    features: the step's micro-batches at the shared feature, through which every level goes.
    """

    key: ClassVar[str]
    takes_elementwise: ClassVar[bool] = True  # whether a rule can decide every coordinate here
    takes_direct: ClassVar[bool] = False  # whether `take_direct` takes anything

    def __init__(self, parts: Parts, features: FeatureGradients) -> None:
        self.parts = parts
        self.features = features

    @staticmethod
    def find_module(backbone: nn.Module, wanted: str | nn.Module | None) -> str | None:
        """Returns the name of the one backbone module this level looks at; None for a level that looks at none."""
        return None

    def take_direct(self, found: list[TaskGradient]) -> list[TaskGradient]:
        """Takes what losses have at shared parameters without the feature between; returns what stays the heads'."""
        return found

    @abstractmethod
    def add(self, batch: Batch, tasks: Sequence[int], weights: np.ndarray | None) -> None:
        """Goes back from one micro-batch as far as the measurement asks.

        tasks: those that have a loss in it. weights: the rule's [K] where they are known although further
        micro-batches come, else None.
        """

    @abstractmethod
    def gram(self) -> Tensor:
        """Returns the task gradients' Gram matrix, float64 [K, K], over the whole batch and all processes."""

    def written(self, heads: Pairs, weighing: Weighing) -> list[tuple[Tensor, Tensor]]:
        """Returns every (parameter, gradient) of heads and backbone, averaged over the processes.

        heads: what the heads' side has, of this process. Here the backbone's come from one backward of the update.
        """
        return merge(self.parts.averaged([*heads, *self.features.finish(weighing)]))
