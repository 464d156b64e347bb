"""The level `last_shared`: gradients at one module of the backbone, which cost one short backward per task."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from mtlcore.nn.feature_gradients import FeatureGradients
from mtlcore.nn.levels.level import Level
from mtlcore.nn.micro_batch import Batch
from mtlcore.nn.parts import Parts
from mtlcore.nn.task_lists import TaskLists
from mtlcore.nn.writing import BackwardPass


class LastSharedLevel(Level):
    """Keeps the gradient of every task at one module. The backward of the update still starts at the feature."""

    key = "last_shared"
    takes_elementwise = False

    def __init__(self, parts: Parts, features: FeatureGradients) -> None:
        super().__init__(parts, features)
        self.lists = TaskLists(parts.tasks, parts.watched)

    @staticmethod
    def find_module(backbone: nn.Module, wanted: str | nn.Module | None) -> str:
        """Returns the name of the wanted module of the backbone; with None, of the last one that has a weight matrix.

        Raises ValueError where there is no such module.
        """
        modules = dict(backbone.named_modules())
        if wanted is None:
            heavy = [name for name, module in modules.items() if _has_matrix(module)]
            if not heavy:
                raise ValueError(
                    "last_shared takes a module of the backbone; none of its modules has a weight matrix."
                )
            return heavy[-1]
        for name, module in modules.items():
            if name == wanted or module is wanted:
                return name
        known = ", ".join(name for name in modules if name) or "none"
        raise ValueError(f"last_shared takes a module of the backbone ({known}), got {wanted!r}.")

    def add(self, batch: Batch, tasks: Sequence[int], weights: np.ndarray | None) -> None:
        """Runs one backward per task, to the module only. The graph is kept for the backward of the update."""
        back = BackwardPass(batch.feature, self.lists.parameters, self.parts.shared, self.features.scale)
        self.lists.add(back, self.features.of_tasks(batch, tasks), retain=True)

    def gram(self) -> Tensor:
        """Returns the Gram matrix at the module, float64 [K, K], over the whole batch and all processes."""
        return self.lists.gram(self.features.device, self.parts.processes, self.features.scale)


def _has_matrix(module: nn.Module) -> bool:
    return any(parameter.ndim > 1 for parameter in module.parameters(recurse=False))
