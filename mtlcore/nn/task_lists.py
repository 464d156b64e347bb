"""The K x D matrix of task gradients at parameters, stored once: K lists with one tensor per parameter."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from mtlcore.nn.gram import gram_of_lists
from mtlcore.nn.processes import Processes
from mtlcore.nn.writing import BackwardPass, Gradients, added
from mtlcore.rule_object import Rule


class TaskLists:
    """The gradient of each task at the given parameters. None, where a loss does not depend on one, counts as zero."""

    def __init__(self, tasks: int, parameters: Sequence[Tensor]) -> None:
        self.parameters = list(parameters)
        self._places = {id(parameter): i for i, parameter in enumerate(self.parameters)}
        self.lists: list[Gradients] = [[None] * len(self.parameters) for _ in range(tasks)]

    def add(self, back: BackwardPass, pulled: Mapping[int, Tensor], retain: bool) -> None:
        """Adds one micro-batch: runs one backward per task, from its gradient at the feature in `pulled`.

        retain: whether the graph is needed once more after the last of them.
        """
        for number, (k, gradient) in enumerate(pulled.items()):
            found = back(gradient, retain=retain or number < len(pulled) - 1)
            held = self.lists[k]
            for i, new in enumerate(found):
                held[i] = added(held[i], new)

    def add_direct(self, k: int, leaf: Tensor, gradient: Tensor | None) -> None:
        """Adds a gradient of task k at one of the parameters that does not come through the feature."""
        i = self._places[id(leaf)]
        self.lists[k][i] = added(self.lists[k][i], gradient)

    def holds(self, leaf: Tensor) -> bool:
        """Returns whether the leaf is one of the parameters."""
        return id(leaf) in self._places

    def gram(self, device: torch.device, processes: Processes, scale: float) -> Tensor:
        """Averages the gradient of each task over the processes; returns the Gram matrix, float64 [K, K] on `device`.

        scale: the factor of a gradient scaler, which the gradients carry; it is divided out of the Gram matrix.
        """
        for k, held in enumerate(self.lists):
            pairs = processes.mean_gradients(list(zip(self.parameters, held, strict=True)))
            self.lists[k] = [gradient for _, gradient in pairs]
        return gram_of_lists(self.lists, device) / scale**2

    def combine(self, weights: Sequence[float]) -> Gradients:
        """Returns sum_k w_k g_k, one tensor per parameter. The task gradients are used up: their memory is reused."""
        total: Gradients = [None] * len(self.parameters)
        stored_sparse = self._sparse
        for k, weight in enumerate(weights):
            held, self.lists[k] = self.lists[k], []
            given = {i: one for i, one in enumerate(held) if one is not None}
            dense = [i for i in given if i not in stored_sparse]
            first = [i for i in dense if total[i] is None]
            further = [i for i in dense if total[i] is not None]
            _scale([held[i] for i in first], float(weight))
            _add([total[i] for i in further], [held[i] for i in further], float(weight))
            for i in first:
                total[i] = held[i]
            for i in stored_sparse.intersection(given):
                total[i] = added(total[i], given[i] * float(weight))
        return total

    @property
    def _sparse(self) -> set[int]:
        """The numbers of the parameters at which the gradient of some task is sparse, as embeddings can have it."""
        return {i for held in self.lists for i, one in enumerate(held) if one is not None and one.is_sparse}

    def decide(self, rule: Rule, active: np.ndarray | None) -> Gradients:
        """Returns the update of an element-wise rule, one tensor per parameter. active: which tasks are present."""
        reached = [i for i in range(len(self.parameters)) if any(held[i] is not None for held in self.lists)]
        if not reached:
            return [None] * len(self.parameters)
        matrix = torch.stack([torch.cat([self._flat(k, i) for i in reached]) for k in range(len(self.lists))])
        update, start = rule.combine(matrix, active=active), 0
        total: Gradients = [None] * len(self.parameters)
        for i in reached:
            parameter = self.parameters[i]
            part = update[start : start + parameter.numel()]
            shaped = part.view_as(parameter).to(parameter.dtype, copy=True)
            total[i] = self._in_layout(shaped, i)
            start += parameter.numel()
        return total

    def _in_layout(self, update: Tensor, i: int) -> Tensor:
        """Returns the update in the layout of the task gradients: sparse where all of them are sparse."""
        given = [one for held in self.lists if (one := held[i]) is not None]
        return update.to_sparse(given[0].sparse_dim()) if all(one.is_sparse for one in given) else update

    def _flat(self, k: int, i: int) -> Tensor:
        gradient = self.lists[k][i]
        parameter = self.parameters[i]
        flat = torch.zeros_like(parameter) if gradient is None else gradient.to_dense()
        return flat.detach().reshape(-1).to(torch.promote_types(parameter.dtype, torch.float32))


def _scale(tensors: list, weight: float) -> None:
    if tensors:
        torch._foreach_mul_(tensors, weight)


def _add(totals: list, tensors: list, weight: float) -> None:
    if totals:
        torch._foreach_add_(totals, tensors, alpha=weight)
