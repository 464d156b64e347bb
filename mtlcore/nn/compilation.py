"""Parts compiled by torch.compile, whose graph may allow one backward only."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

_DONATED = "donated buffer"  # in torch's complaint


@contextmanager
def graph_used_again(again: bool) -> Iterator[None]:
    """Says what to do where a backward whose graph is used `again` meets a part that does not allow it.

    torch compiles a part's backward when it first runs: for many uses if the first one is one of many.
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


@torch.compiler.disable  # raised as it runs: what raises while torch.compile reads it is run again without
def refuse_compilation() -> None:
    """Raises RuntimeError, which says what to compile."""
    raise RuntimeError(
        "torch.compile does not follow MultiTask itself: give it torch.compile(backbone) and compiled heads, and leave "
        "the step around it uncompiled."
    )


def check_not_exported() -> None:
    """Raises RuntimeError while torch.export reads the network."""
    if torch.compiler.is_exporting():
        raise RuntimeError(
            "MultiTask is for training: export one task at a time, torch.export.export(model.task(k), ...)."
        )


def uncompiled(module: nn.Module) -> nn.Module:
    """Returns the module that torch.compile wrapped; one that it did not, as it is."""
    inner = getattr(module, "_orig_mod", None)
    return inner if isinstance(inner, nn.Module) else module
