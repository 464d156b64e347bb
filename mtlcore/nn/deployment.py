"""One task's network by itself, for use after training."""

import copy

from torch import nn

from mtlcore.nn.compilation import uncompiled


def deployed(backbone: nn.Module, view: nn.Module | None, head: nn.Module) -> nn.Sequential:
    """Returns copies of backbone and head with the task's frozen view between them.

    view: maps z to what the head sees; None where the head sees z itself. What torch.compile wrapped is copied as it
    was before.
    """
    parts = (copy.deepcopy(uncompiled(backbone)), view, copy.deepcopy(uncompiled(head)))
    return nn.Sequential(*[part for part in parts if part is not None])
