"""Small files that are whole or not there at all, and on the disk when the call returns."""

import contextlib
import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Writes a text file: aside, flushed to the disk, then renamed.

    Raises OSError with a sentence where it cannot be written; what was there before then still is.
    """
    aside = path.with_name(path.name + ".writing")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise OSError(error.errno, f"{path} cannot be written: {error.strerror}.") from error


def flush_to_disk(path: Path) -> None:
    """Returns when a file's content, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
