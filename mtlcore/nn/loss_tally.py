"""The losses that a rule sees: the mean of each over the micro-batches and processes that have it."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mtlcore.nn.finite import NotFinite
from mtlcore.nn.processes import Processes


class LossTally:
    """The mean loss of each task so far. A task is absent if no micro-batch of any process has a loss for it."""

    def __init__(self, tasks: int) -> None:
        self._sums = np.zeros(tasks)
        self._counts = np.zeros(tasks)

    def add(
        self,
        losses: Sequence[Tensor | None],
        names: Sequence[str],
        device: torch.device,
        processes: Processes,
    ) -> None:
        """Adds one micro-batch of all processes. Raises NotFinite that names a task with an infinite or NaN loss."""
        given = torch.tensor([loss is not None for loss in losses], dtype=torch.float64, device=device)
        nothing = torch.zeros((), dtype=torch.float64, device=device)
        values = torch.stack(
            [nothing if loss is None else loss.detach().reshape(()).double() for loss in losses]
        )
        sums, counts = processes.mean(torch.stack([values, given])).cpu().numpy()
        for name, value in zip(names, sums.tolist(), strict=True):
            if not abs(value) < float("inf"):
                raise NotFinite(
                    f"the loss of task {name} is {value}: it takes a finite number, or None where no sample of "
                    "the batch has the task's label."
                )
        self._sums += sums
        self._counts += counts

    @property
    def present(self) -> np.ndarray:
        """Which tasks have a loss, bool [K]."""
        return self._counts > 0.0

    @property
    def values(self) -> np.ndarray:
        """The mean losses, float64 [K]; NaN for an absent task."""
        return np.divide(self._sums, self._counts, out=np.full(len(self._sums), np.nan), where=self.present)
