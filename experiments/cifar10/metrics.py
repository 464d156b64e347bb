"""F1 scores, and what a step's gradients look like."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from experiments.cifar10 import CLASSES
from mtlcore import diagnostics
from mtlcore.nn.turning import mean_angles


class Confusion:
    """Counts of true positives, false positives and false negatives of K binary tasks, and the sum of their
    losses.
    """

    def __init__(self, tasks: int, device: torch.device) -> None:
        self.counts = torch.zeros(4, tasks, device=device)
        self.images = 0

    def add(self, logits: Tensor, targets: Tensor, losses: Tensor) -> None:
        """Counts a batch. logits, targets: [N, K]; losses: [K], mean over the batch."""
        positive, wanted = logits > 0, targets > 0.5
        rows = (positive & wanted, positive & ~wanted, ~positive & wanted)
        self.counts[:3] += torch.stack([row.sum(0) for row in rows])
        self.counts[3] += losses * len(logits)
        self.images += len(logits)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns F1 = 2 TP / (2 TP + FP + FN), 0 without any positive, and the mean loss, each float64 [K]."""
        hit, wrong, missed, losses = self.counts.cpu().double().numpy()
        below = 2 * hit + wrong + missed
        return np.divide(2 * hit, below, out=np.zeros_like(hit), where=below > 0), losses / max(
            self.images, 1
        )


def per_task(name: str, values: Any, tasks: tuple[int, ...]) -> dict[str, float]:
    """Returns `name/class` -> value for the run's tasks."""
    return {f"{name}/{CLASSES[task]}": float(value) for task, value in zip(tasks, values, strict=True)}


def turned(last: Any, tasks: tuple[int, ...]) -> dict[str, float]:
    """Returns how far each task's view has turned since the run began, in rad: its largest principal angle.

    Nothing for a method that does not rotate. An eigenvalue problem a task: for the end of an epoch.
    """
    angles = last.turned
    return {} if angles is None else per_task("turned", angles, tasks)


def step_metrics(
    last: Any, transform: Any, tasks: tuple[int, ...], rates: Mapping[str, float]
) -> dict[str, float]:
    """Returns everything that one logged step writes. last: what `MultiTask.backward` left."""
    found = per_task("loss", last.losses, tasks) | dict(rates)
    if last.weights is not None:
        found |= per_task("weight", last.weights, tasks)
    views = transform.turned()
    if views is not None:
        found |= per_task("angle", mean_angles(*views), tasks)
    return found | gradient_metrics(last.gram, tasks)


def gradient_metrics(gram: np.ndarray, tasks: tuple[int, ...]) -> dict[str, float]:
    """Returns each task gradient's cosine to the mean gradient, the norm ratio and the condition number, from
    M [K, K].
    """
    if len(tasks) == 1:
        return {}
    lengths = np.sqrt(np.clip(gram.diagonal(), 0.0, None)) * np.sqrt(max(gram.sum(), 0.0))
    cosine = np.divide(gram.sum(1), lengths, out=np.zeros(len(gram)), where=lengths > 0)
    found = per_task("cosine", cosine.clip(-1.0, 1.0), tasks)
    return found | {
        "norm_ratio": diagnostics.norm_ratio(gram),
        "condition": diagnostics.condition_number(gram),
    }
