"""Parts compiled by torch.compile, whose graphs are used up by one backward unless they were compiled otherwise."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from torch._functorch import config

_DONATED = "donated buffer"  # in torch's complaint


def kept_for_more(wanted: bool) -> AbstractContextManager[object]:
    """Returns a context in which parts are compiled so that more than one backward can use their graph.

    wanted: whether that is needed; it costs the memory that a graph gives up during its one backward.
    """
    return config.patch(donated_buffer=False) if wanted else nullcontext()


@contextmanager
def graph_used_again(again: bool) -> Iterator[None]:
    """Says what to do where a backward whose graph is used `again` meets a part that does not allow it."""
    try:
        yield
    except RuntimeError as error:
        if not again or _DONATED not in str(error):
            raise
        raise RuntimeError(
            "a compiled part of the network allows one backward only, and this method needs one a task: let "
            "MultiTask's own forward be the first to run it, or set torch._functorch.config.donated_buffer = False "
            "before it is compiled."
        ) from error
