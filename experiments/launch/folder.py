"""A run's folder: what was asked for, how it stands, its log and its checkpoints. Only standard library: it
must load fast.

`run.json` is what was asked for. `status.json` is how it stands, written by whoever holds the run's lock and
by no one else, so a status and a living lock together tell the truth, however a process ended.
"""

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments import locks, paths
from experiments.files import write_whole
from experiments.launch.contents import Unreadable, read_request, read_status

QUEUED, RUNNING, FINISHED, FAILED, CANCELLED, INTERRUPTED, UNREADABLE = (
    "queued", "running", "finished", "failed", "cancelled", "interrupted", "unreadable",
)  # fmt: skip
ENDED = (FINISHED, FAILED, CANCELLED, INTERRUPTED, UNREADABLE)
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,80}")


@dataclass(frozen=True)
class RunFolder:
    """One run by its id. Raises ValueError for an id that is no run's name."""

    id: str

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise ValueError(
                f"A run's id is made of small letters, digits, '_', '.' and '-', got {self.id!r}."
            )

    @property
    def path(self) -> Path:
        """Returns the folder."""
        return paths.runs_folder() / self.id

    @property
    def lock(self) -> Path:
        """Returns the file that a living worker holds locked."""
        return self.path / "lock"

    @property
    def starting(self) -> Path:
        """Returns the file that is held locked by whoever starts a worker, until it has a lock of its own."""
        return self.path / "starting"

    @property
    def log(self) -> Path:
        """Returns the file with everything the worker printed."""
        return self.path / "log.txt"

    @property
    def cancel_mark(self) -> Path:
        """Returns the file that asks a worker not to begin."""
        return self.path / "cancel"

    def request(self) -> dict[str, Any]:
        """Returns what was asked for: ticket, device, launcher, submitted, title and the configuration.

        Raises Unreadable where the file cannot be understood or is not there.
        """
        return read_request(self.path / "run.json")

    def write_request(self, request: Mapping[str, Any]) -> None:
        """Writes what is asked for."""
        write_json(self.path / "run.json", request)

    def status(self) -> dict[str, Any]:
        """Returns how the run stood when its worker last said so. Raises Unreadable."""
        return read_status(self.path / "status.json")

    def write_status(self, **changes: Any) -> None:
        """Changes the status, or begins it anew where it cannot be read; the caller holds the run's lock."""
        try:
            before = self.status()
        except Unreadable:
            before = {}
        write_json(self.path / "status.json", before | changes | {"updated": time.time()})

    def stated(self) -> str:
        """Returns the state that the status names, "unreadable" where either file cannot be understood."""
        try:
            self.request()
            return str(self.status()["state"])
        except Unreadable:
            return UNREADABLE

    def worker(self) -> int | None:
        """Returns the PID of the living worker, None where there is none."""
        return locks.holder(self.lock)


def create(run_id: str, request: Mapping[str, Any]) -> RunFolder:
    """Returns a new run's folder, in line: it is there with all it needs, or not at all."""
    folder = RunFolder(run_id)
    aside = folder.path.with_name(f".new-{run_id}")
    aside.mkdir(parents=True)
    write_json(aside / "status.json", {"state": QUEUED, "updated": time.time()})
    write_json(aside / "run.json", request)
    os.rename(aside, folder.path)
    return folder


def is_id(name: str) -> bool:
    """Returns whether a run can have this name: what is being made or deleted has another."""
    return bool(_ID.fullmatch(name))


def existing(run_id: str) -> RunFolder:
    """Returns a run's folder. Raises ValueError where there is no such run."""
    folder = RunFolder(run_id)
    if not folder.path.is_dir():
        raise ValueError(f"There is no run {run_id!r}.")
    return folder


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes a small file: whole, or not at all."""
    write_whole(path, json.dumps(content, indent=1))
