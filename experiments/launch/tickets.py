"""The numbers of the queue: each run's is larger than every one before, whatever happened to the file of the last."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from experiments import paths, store
from experiments.files import write_whole
from experiments.launch.records import records

_MOST = 10**9  # a larger number is no ticket
_NUMBER = re.compile(r"-(\d{5,9})$")


def run_id(request: Mapping[str, Any], ticket: int) -> str:
    """Returns a name that people can read and files can have: method, seed, ticket."""
    method = re.sub(r"[^a-z0-9_]+", "-", str(request["method"]).lower()).strip("-_")[:40]
    return f"{method or 'run'}-s{request['seed']}-{ticket:05d}"


def next_ticket() -> int:
    """Returns a number larger than every one before; the caller holds the launcher's lock."""
    file = paths.runs_folder().parent / "ticket"
    try:
        last = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        last = -1
    if not 0 <= last < _MOST:
        last = max(_stored(), default=0)
    ticket = max(last, *_used(), 0) + 1
    write_whole(file, str(ticket))
    return ticket


def _used() -> Iterator[int]:
    """Yields the numbers that the runs of the folder have or had: a resumed run has got another since."""
    for one in records():
        yield from _in_name(one.folder.id)
        if one.request is not None and one.request["ticket"] < _MOST:
            yield one.request["ticket"]


def _stored() -> Iterator[int]:
    """Yields the numbers in the store's names, which remembers runs that were deleted."""
    with contextlib.suppress(store.StoreError):  # without it the folders' numbers have to do
        for name in store.names():
            yield from _in_name(name)


def _in_name(name: str) -> Iterator[int]:
    if found := _NUMBER.search(name):
        yield int(found[1])
