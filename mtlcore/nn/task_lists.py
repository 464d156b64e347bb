"""The K x D matrix of task gradients at the parameters, held once: K lists with one tensor a parameter."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mtlcore.nn.gram import gram_of_lists
from mtlcore.nn.processes import Processes
from mtlcore.nn.writing import BackwardPass, Gradients
from mtlcore.rule_object import Rule


class TaskLists:
    """Each task's gradient at the given parameters; None where it does not reach one, counted as zero."""

    def __init__(self, tasks: int, parameters: Sequence[Tensor]) -> None:
        self.parameters = list(parameters)
        self.lists: list[Gradients] = [[None] * len(self.parameters) for _ in range(tasks)]

    def add(self, back: BackwardPass, pulled: Sequence[Tensor], retain: bool) -> None:
        """Adds one micro-batch: K backward passes, from the gradients at the feature `pulled` (K of them).

        retain: whether the graph is needed once more after the last pass.
        """
        for k, gradient in enumerate(pulled):
            found = back(gradient, retain=retain or k < len(pulled) - 1)
            held = self.lists[k]
            for i, new in enumerate(found):
                old = held[i]
                held[i] = new if old is None else old if new is None else old.add_(new)

    def average(self, processes: Processes) -> None:
        """Averages every task's gradient over the processes."""
        for k, held in enumerate(self.lists):
            pairs = processes.mean_gradients(list(zip(self.parameters, held, strict=True)))
            self.lists[k] = [gradient for _, gradient in pairs]

    def gram(self, device: torch.device) -> Tensor:
        """Returns the Gram matrix, float64 [K, K] on `device`."""
        return gram_of_lists(self.lists, device)

    def combine(self, weights: Sequence[float]) -> Gradients:
        """Returns sum_k w_k g_k, one tensor a parameter, made in the memory of the tasks' own gradients."""
        total: Gradients = [None] * len(self.parameters)
        for k, weight in enumerate(weights):
            held, self.lists[k] = self.lists[k], []
            first = [i for i, one in enumerate(held) if one is not None and total[i] is None]
            further = [i for i, one in enumerate(held) if one is not None and total[i] is not None]
            _scale([held[i] for i in first], float(weight))
            _add([total[i] for i in further], [held[i] for i in further], float(weight))
            for i in first:
                total[i] = held[i]
        return total

    def decide(self, rule: Rule) -> Gradients:
        """Returns an element-wise rule's update, one tensor a parameter."""
        reached = [i for i in range(len(self.parameters)) if any(held[i] is not None for held in self.lists)]
        if not reached:
            return [None] * len(self.parameters)
        matrix = torch.stack([torch.cat([self._flat(k, i) for i in reached]) for k in range(len(self.lists))])
        update, start = rule.combine(matrix), 0
        total: Gradients = [None] * len(self.parameters)
        for i in reached:
            parameter = self.parameters[i]
            part = update[start : start + parameter.numel()]
            total[i] = part.view_as(parameter).to(parameter.dtype, copy=True)
            start += parameter.numel()
        return total

    def _flat(self, k: int, i: int) -> Tensor:
        gradient = self.lists[k][i]
        parameter = self.parameters[i]
        flat = torch.zeros_like(parameter) if gradient is None else gradient
        return flat.detach().reshape(-1).to(torch.promote_types(parameter.dtype, torch.float32))


def _scale(tensors: list, weight: float) -> None:
    if tensors:
        torch._foreach_mul_(tensors, weight)


def _add(totals: list, tensors: list, weight: float) -> None:
    if totals:
        torch._foreach_add_(totals, tensors, alpha=weight)
