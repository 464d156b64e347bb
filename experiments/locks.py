"""Locks that end with their process, however it ends: POSIX record locks through fcntl (Linux and macOS).

Two properties of these locks shape this module. A process loses its lock on a file when it closes *any*
descriptor of that file, so a file locked here is never opened twice. And locks are held by processes, not
threads, so one mutex stands before every use of them in this process, and one for each file that is held for more
than an instant.
"""

import os
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_DAYS = 7 * 86400.0  # seconds
SUPPORTED = fcntl is not None
UNSUPPORTED = (
    "Launching needs fcntl locks, which Linux and macOS have and this system has not; "
    "finished runs can still be read."
)

_mutex = threading.RLock()
_held: dict[Path, "Lock"] = {}
_turns: dict[Path, threading.Lock] = {}  # one for each file that `exclusive` was asked for
# struct flock: Linux has type and whence first, macOS last.
_LINUX, _MACOS = "hhqqi4x", "qqihh"


class Busy(OSError):
    """Someone holds a lock for too long; the sentence says who."""


class Lock:
    """A lock that this process holds on a file; it ends with `release` or with the process."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def release(self) -> None:
        """Gives the lock back; a second call does nothing."""
        with _mutex:
            if _held.pop(self.path, None) is self:
                os.close(self._descriptor)


def take(path: Path, wait: bool = False) -> Lock | None:
    """Returns an exclusive lock on the file at `path`, made if need be, or None where another process holds
    one.

    With `wait` the call blocks until the lock is free; the wait is the kernel's, and a signal handler that
    raises ends it. Waiting holds no mutex, so only a process with nothing else to lock may wait. Raises
    OSError where the file cannot be made.
    """
    path = path.absolute()
    with _mutex:
        if path in _held:
            return None
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not wait:
            if _try_exclusive(descriptor):
                return _keep(path, descriptor)
            os.close(descriptor)
            return None
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
    except BaseException:
        os.close(descriptor)
        raise
    with _mutex:
        return _keep(path, descriptor)


def wait_until_free(path: Path) -> None:
    """Returns when no process holds an exclusive lock on the file, or it is gone; the wait is the kernel's."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """Returns the PID of the process that holds the file exclusively, None where no living process does."""
    if not SUPPORTED:
        return None
    path = path.absolute()
    with _mutex:
        if path in _held:
            return os.getpid()
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            kind, pid = _probe(descriptor)
        finally:
            os.close(descriptor)
    return pid if kind == fcntl.F_WRLCK else None


@contextmanager
def exclusive(path: Path, patience: float = _DAYS) -> Iterator[None]:
    """Holds the file's lock for a short while, waiting for other processes and for this process's threads.

    Raises Busy where another one holds it for more than `patience` seconds: a process that was stopped must not
    stop all others. A file that is held this way is locked in no other.
    """
    path, end = path.absolute(), time.monotonic() + patience
    with _mutex:
        turn = _turns.setdefault(path, threading.Lock())
    if not turn.acquire(timeout=patience):
        raise Busy(f"{path} is held by another thread of this process for more than {patience:.0f} s.")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            while not _try_exclusive(descriptor):
                if time.monotonic() > end:
                    pid = _probe(descriptor)[1]
                    raise Busy(f"{path} is held by process {pid} for more than {patience:.0f} s.")
                time.sleep(0.005)  # the kernel's own wait would have no end
            yield
        finally:
            os.close(descriptor)
    finally:
        turn.release()


def _keep(path: Path, descriptor: int) -> Lock:
    _held[path] = Lock(path, descriptor)
    return _held[path]


def _try_exclusive(descriptor: int) -> bool:
    """Takes the lock unless another process has it; a reader in `wait_until_free` holds it for an instant
    only.
    """
    while True:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            kind, _ = _probe(descriptor)
            if kind == fcntl.F_WRLCK:
                return False


def _probe(descriptor: int) -> tuple[int, int]:
    """Returns (kind of lock, PID) that stands in the way of an exclusive lock; kind F_UNLCK where none does."""
    if sys.platform == "darwin":
        asked = struct.pack(_MACOS, 0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
        _, _, pid, kind, _ = struct.unpack(_MACOS, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        return kind, pid
    asked = struct.pack(_LINUX, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _, _, _, pid = struct.unpack(_LINUX, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return kind, pid
