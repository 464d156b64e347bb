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

QUEUED, RUNNING, FINISHED, FAILED, CANCELLED, INTERRUPTED = (
    "queued", "running", "finished", "failed", "cancelled", "interrupted",
)  # fmt: skip
ENDED = (FINISHED, FAILED, CANCELLED, INTERRUPTED)
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
    def log(self) -> Path:
        """Returns the file with everything the worker printed."""
        return self.path / "log.txt"

    @property
    def cancel_mark(self) -> Path:
        """Returns the file that asks a worker not to begin."""
        return self.path / "cancel"

    def request(self) -> dict[str, Any]:
        """Returns what was asked for: ticket, device, launcher, submitted, title and the configuration."""
        return _read(self.path / "run.json")

    def write_request(self, request: Mapping[str, Any]) -> None:
        """Writes what is asked for."""
        write_json(self.path / "run.json", request)

    def status(self) -> dict[str, Any]:
        """Returns how the run stood when its worker last said so."""
        return _read(self.path / "status.json")

    def write_status(self, **changes: Any) -> None:
        """Changes the status; the caller holds the run's lock."""
        write_json(self.path / "status.json", self.status() | changes | {"updated": time.time()})

    def worker(self) -> int | None:
        """Returns the PID of the living worker, None where there is none."""
        return locks.holder(self.lock)


def all_folders() -> list[RunFolder]:
    """Returns every run there is, in no particular order."""
    try:
        names = os.listdir(paths.runs_folder())
    except FileNotFoundError:
        return []
    return [
        RunFolder(n) for n in names if _ID.fullmatch(n) and (paths.runs_folder() / n / "run.json").exists()
    ]


def existing(run_id: str) -> RunFolder:
    """Returns a run's folder. Raises ValueError where there is no such run."""
    folder = RunFolder(run_id)
    if not (folder.path / "run.json").exists():
        raise ValueError(f"There is no run {run_id!r}.")
    return folder


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes a file that is whole or as before."""
    aside = path.with_name(path.name + ".writing")
    aside.write_text(json.dumps(content, indent=1), encoding="utf-8")
    os.replace(aside, path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
