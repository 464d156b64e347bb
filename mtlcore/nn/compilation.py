"""How MultiTask gets on with torch.compile and torch.export."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

_DONATED = "donated buffer"  # in torch's complaint


@contextmanager
def graph_used_again(again: bool) -> Iterator[None]:
    """Explains torch's error where a graph is to be used `again` but a compiled part allows only one backward.

    torch compiles the backward of a part when it first runs. It allows further runs only if the first one asked for
    them.
    """
    try:
        yield
    except RuntimeError as error:
        if not again or _DONATED not in str(error):
            raise
        raise RuntimeError(
            "a compiled part of the network was made for one backward a forward, and this method needs one a task: "
            "set torch._functorch.config.donated_buffer = False before anything is compiled."
        ) from error


def refuse_compilation() -> None:
    """Raises RuntimeError, which says what to compile instead.

    torch.compile would catch an error in code that it traces and run that code uncompiled, so it must not trace this.
    """
    raise RuntimeError(
        "torch.compile does not follow MultiTask itself: give it torch.compile(backbone) and compiled heads, and leave "
        "the step around it uncompiled."
    )


# What torch.compiler.disable sets; calling that would load torch's whole compiler, for two seconds, with this module.
refuse_compilation._torchdynamo_disable = True  # type: ignore[attr-defined]


def check_not_exported() -> None:
    """Raises RuntimeError while torch.export traces the network."""
    if torch.compiler.is_exporting():
        raise RuntimeError(
            "MultiTask is for training: export one task at a time, torch.export.export(model.task(k), ...)."
        )


def uncompiled(module: nn.Module) -> nn.Module:
    """Returns the module inside a wrapper of torch.compile; any other module is returned as it is."""
    inner = getattr(module, "_orig_mod", None)
    return inner if isinstance(inner, nn.Module) else module
