"""Every run's two files, read once for each time they are written: a thousand runs that have ended cost a look at
their dates.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments import paths
from experiments.launch.contents import Unreadable
from experiments.launch.folder import UNREADABLE, RunFolder, is_id

Stamp = tuple[int, int, int] | None
_kept: dict[str, tuple[tuple[Stamp, Stamp], "Record"]] = {}


@dataclass(frozen=True, eq=False)
class Record:
    """A run as its files tell. request: None where it cannot be read. trouble: why a file cannot be read, else "".

    Records are equal only to themselves: the same one is handed out as long as the files are the same.
    """

    folder: RunFolder
    request: Mapping[str, Any] | None
    status: Mapping[str, Any]
    trouble: str

    @property
    def stated(self) -> str:
        """Returns the state that the status names, "unreadable" where a file cannot be understood."""
        return UNREADABLE if self.trouble else str(self.status["state"])


def records() -> list[Record]:
    """Returns every run there is, in no particular order."""
    global _kept
    home = str(paths.runs_folder())
    try:
        names = os.listdir(home)
    except (FileNotFoundError, NotADirectoryError):
        return []
    before, now = _kept, {}
    for name in names:
        path = f"{home}/{name}"
        stamps = _stamp(f"{path}/run.json"), _stamp(f"{path}/status.json")
        known = before.get(path)
        if known is not None and known[0] == stamps:
            now[path] = known
        elif is_id(name) and os.path.isdir(path):
            now[path] = stamps, record(RunFolder(name))
    _kept = now
    return [one for _, one in now.values()]


def record(folder: RunFolder) -> Record:
    """Returns one run, its files read anew."""
    troubles: list[str] = []
    request: Mapping[str, Any] | None = None
    status: Mapping[str, Any] = {}
    try:
        request = folder.request()
    except Unreadable as error:
        troubles.append(str(error))
    try:
        status = folder.status()
    except Unreadable as error:
        troubles.append(str(error))
    return Record(folder, request, status, " ".join(troubles))


def _stamp(path: str) -> Stamp:
    """Returns what changes whenever a file is written: its date, its size, and which file it is."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
