"""Checkpoints: one file an epoch, whole or not there at all, whose name tells what its content must be."""

import contextlib
import hashlib
import io
import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from experiments.files import flush_to_disk

_NAME = re.compile(r"checkpoint-(\d{4})-([0-9a-f]{16})\.pt")
_KEEP = 2  # the newest one may have been damaged on the disk


class Found(NamedTuple):
    """A checkpoint that could be read, and a sentence for each newer one that could not."""

    content: dict[str, Any]
    complaints: list[str]


def save(folder: Path, epoch: int, content: Mapping[str, Any]) -> Path:
    """Returns the file, on the disk when this returns: written aside, synchronised, then renamed.

    Raises OSError with a sentence where it cannot be written; earlier checkpoints are then as before.
    """
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    target = folder / f"checkpoint-{epoch:04d}-{_digest(buffer.getbuffer())}.pt"
    aside = folder / "checkpoint.writing"
    try:
        with aside.open("wb") as file:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise OSError(
            error.errno,
            f"The checkpoint of epoch {epoch} ({len(buffer.getbuffer()) / 1e6:.1f} MB) cannot be "
            f"written to {folder}: "
            f"{error.strerror}. What was saved before is kept: make room, then resume.",
        ) from error
    flush_to_disk(folder)
    forget_all_but(folder, _KEEP)
    return target


def newest(folder: Path) -> Found | None:
    """Returns the newest checkpoint whose content is what its name says, None where there is no checkpoint.

    Raises ValueError where there are checkpoints and none is intact.
    """
    complaints: list[str] = []
    for path in _all(folder):
        content = path.read_bytes()
        if _digest(content) == _NAME.fullmatch(path.name)[2]:  # type: ignore[index]
            return Found(torch.load(io.BytesIO(content), map_location="cpu", weights_only=True), complaints)
        complaints.append(f"{path.name} is damaged: its content is not what was written.")
    if complaints:
        raise ValueError(
            f"No checkpoint in {folder} is intact ({' '.join(complaints)}) Delete the run and "
            "launch it again."
        )
    return None


def forget_all_but(folder: Path, count: int) -> None:
    """Deletes all but the newest `count` checkpoints."""
    for path in _all(folder)[count:]:
        path.unlink(missing_ok=True)


def versions() -> dict[str, str]:
    """Returns what the numbers depend on: the versions of Python, torch and numpy."""
    return {"python": platform.python_version(), "torch": str(torch.__version__), "numpy": np.__version__}


def _all(folder: Path) -> list[Path]:
    """Returns the checkpoints, newest first."""
    found = [path for path in folder.glob("checkpoint-*.pt") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: (path.name[:15], path.stat().st_mtime_ns), reverse=True)


def _digest(content: Any) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()
