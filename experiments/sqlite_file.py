"""Opening one SQLite file so that a full disk stops no reader, and putting a new one in its place whole."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from experiments.files import flush_to_disk

_NO_ROOM = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL)
_PATIENCE = 20.0  # seconds another process may keep the file locked


class StoreError(OSError):
    """The store cannot be read or written; the sentence says why."""


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Yields a connection that only reads. Raises StoreError."""
    with _explained(path, "read"), closing(_opened(path, "ro")) as db:
        db.execute("PRAGMA query_only=ON")
        yield db


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Yields a connection whose changes are kept together or not at all. Raises StoreError."""
    with _explained(path, "written"), closing(_opened(path, "rw")) as db, db:
        yield db


def put_in_place(made: Path, path: Path) -> None:
    """Puts the database `made` at `path`: whole or not at all, whenever this is interrupted.

    What stood there before is deleted. Other connections to `made` may stay open; they do not reach `path`.
    """
    copy = whole(made)
    with closing(sqlite3.connect(made, timeout=_PATIENCE)) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as db:
        db.execute("PRAGMA journal_mode=WAL")  # makes readers and one writer get along; the file keeps it
    flush_to_disk(copy)
    forget(path)  # a journal of the old file would be taken for the new one's
    os.replace(copy, path)
    flush_to_disk(path.parent)


def whole(made: Path) -> Path:
    """Returns where `put_in_place` keeps its copy of a database until it is renamed."""
    return made.with_name(made.name + ".whole")


def forget(path: Path) -> None:
    """Deletes a database, and then what SQLite keeps beside it."""
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


@contextmanager
def _explained(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"The store {path} cannot be {what}: {error}.") from error
    except sqlite3.Error as error:
        raise StoreError(
            f"The store {path} cannot be {what}: {error}. Moved away, it is made anew."
        ) from error


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    """Returns a connection.

    A file with write-ahead logging needs some kilobytes of shared memory beside it, even to be read. Where a full
    disk has no room for them the file is locked for the while instead, and the memory is this process's own.
    """
    db = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=_PATIENCE)
    try:
        db.execute("SELECT 1 FROM sqlite_master").fetchone()
        return db
    except sqlite3.Error as error:
        db.close()
        if error.sqlite_errorcode & 0xFF not in _NO_ROOM:
            raise
    db = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=_PATIENCE)
    db.execute("PRAGMA locking_mode=EXCLUSIVE")
    return db
