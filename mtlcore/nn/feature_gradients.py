"""The task gradients at the shared feature, one micro-batch after the other, and the backward from there."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mtlcore.nn.gram import gram_of_rows
from mtlcore.nn.micro_batch import Batch
from mtlcore.nn.parts import Parts
from mtlcore.nn.rows import from_rows, stack_to_rows, to_rows
from mtlcore.nn.weighing import Weighing
from mtlcore.nn.writing import BackwardPass, Gradients, Pairs, added


class FeatureGradients:
    """The micro-batches of one step at the shared feature z.

    rows: whether gradients are kept as S points [K, S, d] rather than in the shape of the feature [K, ...].
    scale: the factor that a gradient scaler puts on every backward through the backbone. What is kept here is free of
    it, except for `through`.
    """

    def __init__(self, parts: Parts, rows: bool, scale: float) -> None:
        self.parts = parts
        self.rows = rows
        self.scale = scale
        self.batches: list[Batch] = []
        self.through: Gradients = [None] * len(parts.shared)  # what has come back to the shared parameters
        self._gram: Tensor | None = None

    @property
    def device(self) -> torch.device:
        """The device of the features."""
        return self.batches[0].feature.device

    def add(self, feature: Tensor, seen: Tensor) -> Batch:
        """Adds one micro-batch from its feature and the gradients at the K views [K, ...], and returns it."""
        transform = self.parts.transform
        seen = stack_to_rows(seen, transform.dim) if self.rows else seen
        back = BackwardPass(feature, self.parts.shared, scale=self.scale)
        batch = Batch(feature, back, seen, transform.pull_back(seen))
        self.batches.append(batch)
        self._gram = None
        return batch

    def of_tasks(self, batch: Batch, tasks: Sequence[int]) -> dict[int, Tensor]:
        """Returns these tasks' gradients at z, each in the shape of the feature."""
        return {k: self._shaped(batch.pulled[k], batch) for k in tasks}

    def _shaped(self, gradient: Tensor, batch: Batch) -> Tensor:
        return from_rows(gradient, batch.feature, self.parts.transform.dim) if self.rows else gradient

    def gram(self) -> Tensor:
        """Returns the Gram matrix at z, float64 [K, K], over the whole batch and all processes."""
        if self._gram is None:
            processes = self.parts.processes
            grams = [gram_of_rows(batch.pulled) for batch in self.batches]
            # rows of different processes stand side by side, each 1 / count of the gradient of the mean loss
            self._gram = processes.mean(torch.stack(grams).sum(0)) / processes.count
        return self._gram

    def go_back(self, batch: Batch, weights: np.ndarray | None) -> None:
        """Runs one backward through the backbone, from the update at z. The graph of the micro-batch is then used up.

        weights: the weights of the task gradients [K]; None where the micro-batch has its update already.
        """
        assert batch.back is not None
        if batch.update is None:
            assert weights is not None
            batch.update = weighted_sum(batch.pulled, weights)
        found = batch.back(self._shaped(batch.update, batch))
        batch.back = None
        self.through = [added(old, new) for old, new in zip(self.through, found, strict=True)]

    def finish(self, weighing: Weighing) -> Pairs:
        """Runs the backward of every micro-batch that still waits; returns the pairs of the shared parameters."""
        if weighing.elementwise:
            self._decide(weighing)
        for batch in self.batches:
            if batch.back is not None:
                self.go_back(batch, weighing.weights)
        return list(zip(self.parts.shared, self.through, strict=True))

    def _decide(self, weighing: Weighing) -> None:
        """Sets the update of every micro-batch from one call of the rule, on the whole batch of all processes."""
        processes, dim = self.parts.processes, self.parts.transform.dim
        pulled = torch.cat([batch.pulled for batch in self.batches], dim=1)
        features = torch.cat([to_rows(batch.feature.detach(), dim) for batch in self.batches])
        everyone, mine = processes.gather_rows(pulled, dim=1)
        points, _ = processes.gather_rows(features.to(pulled.dtype), dim=0)
        update = weighing.rule.combine(everyone, features=points, active=weighing.active)[mine]
        parts = update.split([batch.pulled.shape[1] for batch in self.batches])
        for batch, part in zip(self.batches, parts, strict=True):
            batch.update = part


def weighted_sum(gradients: Tensor, weights: np.ndarray) -> Tensor:
    """Returns sum_k w_k g_k for gradients [K, ...] and weights [K]."""
    factors = torch.as_tensor(weights, dtype=gradients.dtype).to(gradients.device)
    return torch.tensordot(factors, gradients, dims=1)
