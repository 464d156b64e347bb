"""Starting and ending processes that outlive this one: workers, and the maker of the store."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from experiments import paths
from experiments.launch.folder import RunFolder

PATIENCE = 60.0  # seconds a worker, a bare Python at first, may take until it holds its run's lock
_GRACE = 1.0  # seconds a cancelled worker has to write what it has
children: list[subprocess.Popen[bytes]] = []


class Stuck(RuntimeError):
    """A worker did not begin in time and was ended; the sentence says so."""


def start_worker(folder: RunFolder) -> None:
    """Starts a worker and returns when it holds its run's lock, so that the next one finds it there.

    Raises Stuck where that takes too long, OSError where it cannot be started. Waits, so no lock may be held.
    """
    ready, tell = os.pipe()
    try:
        with folder.log.open("ab") as log:
            child = _detached(
                ["experiments.launch.worker", folder.id, str(tell)],
                stdout=log, stderr=subprocess.STDOUT, pass_fds=(tell,),
            )  # fmt: skip
        os.close(tell)
        tell = -1
        if not _readable(
            ready, PATIENCE
        ):  # a byte once it holds the lock, the end of the file if it ended before
            child.kill()
            child.wait()
            raise Stuck(
                f"Its worker did not begin within {PATIENCE:.0f} s and was ended. Resume starts another."
            )
    finally:
        os.close(ready)
        if tell >= 0:
            os.close(tell)


def stop_worker(folder: RunFolder) -> None:
    """Asks the worker to end, then ends it; returns when its lock is free."""
    pid = folder.worker()
    if pid is None:
        return
    _signal(pid, signal.SIGTERM)
    end = time.monotonic() + _GRACE
    while folder.worker() == pid:
        if time.monotonic() > end:
            _signal(pid, signal.SIGKILL)
        time.sleep(0.01)  # a wait for the lock in the kernel could not end the worker after a while
    reap()


def prepare_store() -> None:
    """Starts a process of its own that makes the store and ends; several at once wait for one another."""
    _detached(["experiments.new_store"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def reap() -> None:
    """Takes note of processes of this one that have ended, so that none stays a zombie."""
    children[:] = [child for child in children if child.poll() is None]


def worker_environment() -> dict[str, str]:
    """Returns the environment of a worker: this process's, and threads that wait without burning the other
    runs' time.
    """
    # OpenMP threads spin while they wait; with two programs on two cores that made a step ten times slower.
    return {
        "OMP_WAIT_POLICY": "PASSIVE",
        **os.environ,
        "MTL_DATA": str(paths.data_folder()),
        "PYTHONUNBUFFERED": "1",
    }


def _detached(module: Sequence[str], **streams: Any) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-m", *module],
        stdin=subprocess.DEVNULL, cwd=paths.ROOT, start_new_session=True, env=worker_environment(), **streams,
    )  # fmt: skip
    children.append(child)
    return child


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        if pid > 0:  # 0 would be this process's own group: a worker in another container is out of reach
            os.kill(pid, number)


def _readable(descriptor: int, seconds: float) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN | select.POLLHUP)
    return bool(waiting.poll(1000 * seconds))
