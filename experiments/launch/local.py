"""The local launcher: a detached worker for each run, first in first out on each device, nothing to start by
hand.

Only the run at work and the next in line have a process; each worker starts the next one, and so does whoever
looks. A worker outlives the web server, and a queue outlives everything: it is nothing but the run folders.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments import locks, paths, store
from experiments.launch import devices
from experiments.launch.folder import (
    CANCELLED,
    ENDED,
    FINISHED,
    INTERRUPTED,
    QUEUED,
    RUNNING,
    RunFolder,
    all_folders,
    existing,
)  # fmt: skip

_IN_LINE = 1  # runs that wait with a process of their own, behind the one at work
_GRACE = 1.0  # seconds a cancelled worker has to write what it has
_PATIENCE = 10.0  # seconds another process may take to change the queue
_children: list[subprocess.Popen[bytes]] = []


class LocalLauncher:
    """Runs on this machine's devices."""

    name = "local"

    def submit(self, requests: Sequence[Mapping[str, Any]]) -> list[str]:
        """Returns the ids of new runs, in line in the order given. requests: title, method, seed, device and
        config.
        """
        _lab().mkdir(parents=True, exist_ok=True)
        with launching():
            load = _load()
            made = [self._add(request, load) for request in requests]
        self.look_after()
        return made

    def enlist(self, request: Mapping[str, Any]) -> RunFolder:
        """Returns a new run's folder, in line like any other, whose worker is the asking process itself."""
        with launching():
            return RunFolder(self._add({**request, "attached": True}, _load()))

    def _add(self, request: Mapping[str, Any], load: dict[str, int]) -> str:
        device = devices.decide(request["device"], load)
        load[device] = load.get(device, 0) + 1
        ticket = next_ticket()
        folder = RunFolder(run_id(request, ticket))
        folder.path.mkdir(parents=True)
        folder.write_status(state=QUEUED)
        folder.write_request(
            {**request, "ticket": ticket, "device": device, "launcher": self.name, "submitted": time.time()}
        )
        return folder.id

    def state(self, folder: RunFolder) -> str:
        """Returns a run's state: what its status says, unless its worker is gone."""
        stated = folder.status().get("state", QUEUED)
        if stated != RUNNING or folder.worker() is not None:
            return stated
        again = folder.status().get("state", QUEUED)  # it may have ended properly in between
        return INTERRUPTED if again == RUNNING else again

    def look_after(self) -> None:
        """Starts the workers that the lines need, and writes down which runs were interrupted."""
        _reap()
        with launching():
            lines: dict[str, list[RunFolder]] = {}
            for folder in _mine():
                state = self.state(folder)
                if state == INTERRUPTED:
                    _settle(folder, INTERRUPTED)
                elif state == RUNNING or (state == QUEUED and not folder.request().get("attached")):
                    lines.setdefault(folder.request()["device"], []).append(folder)
            for line in lines.values():
                line.sort(key=_ticket)
                for folder in [f for f in line[: _IN_LINE + 1] if f.worker() is None]:
                    _start(folder)

    def cancel(self, run: str) -> None:
        """Ends a run that waits or works, within two seconds. Raises ValueError for a run that has ended."""
        folder = existing(run)
        if self.state(folder) in ENDED:
            raise ValueError(f"Run {run} has ended: it is {self.state(folder)}.")
        folder.cancel_mark.touch()
        _stop(folder)
        with launching():
            _settle(folder, CANCELLED)
        self.look_after()

    def resume(self, run: str) -> None:
        """Puts a run that did not finish at the end of its line; it goes on from its last checkpoint."""
        folder = existing(run)
        with launching():
            state = self.state(folder)
            if state not in ENDED or state == FINISHED:
                raise ValueError(f"Run {run} cannot be resumed: it is {state}.")
            folder.cancel_mark.unlink(missing_ok=True)
            folder.write_request(folder.request() | {"ticket": next_ticket(), "attached": False})
            folder.write_status(state=QUEUED, message="")
        self.look_after()

    def delete(self, run: str) -> None:
        """Deletes a run that has ended: its folder, its checkpoints, and its place in the store."""
        folder = existing(run)
        with launching():
            if self.state(folder) not in ENDED or folder.worker() is not None:
                raise ValueError(f"Run {run} is {self.state(folder)}: cancel it first.")
            store.hide(run)
            shutil.rmtree(folder.path)


def run_id(request: Mapping[str, Any], ticket: int) -> str:
    """Returns a name that people can read and files can have: method, seed, ticket."""
    method = re.sub(r"[^a-z0-9_]+", "-", str(request["method"]).lower()).strip("-_")[:40]
    return f"{method or 'run'}-s{request['seed']}-{ticket:05d}"


def next_ticket() -> int:
    """Returns a number larger than every one before; the caller holds the launcher's lock."""
    file = _lab() / "ticket"
    ticket = int(file.read_text()) + 1 if file.exists() else 1
    aside = file.with_name("ticket.writing")
    aside.write_text(str(ticket))
    os.replace(aside, file)
    return ticket


def ahead_of(folder: RunFolder) -> list[RunFolder]:
    """Returns the runs with a living worker that came before this one on its device, first in line first."""
    mine = folder.request()
    found = [f for f in _mine() if f.id != folder.id and f.worker() is not None]
    return sorted((f for f in found if _before(f.request(), mine)), key=_ticket)


def _before(other: Mapping[str, Any], mine: Mapping[str, Any]) -> bool:
    return bool(other) and other["device"] == mine["device"] and other["ticket"] < mine["ticket"]


def _start(folder: RunFolder) -> None:
    """Starts a worker and returns when it holds its run's lock, so that the next one finds it there."""
    ready, tell = os.pipe()
    try:
        with folder.log.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "experiments.launch.worker", folder.id, str(tell)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                cwd=paths.ROOT, start_new_session=True, pass_fds=(tell,),
                env=worker_environment(),
            )  # fmt: skip
        _children.append(child)
        os.close(tell)
        tell = -1
        os.read(ready, 1)  # a byte once it holds the lock, nothing if it ended before
    finally:
        os.close(ready)
        if tell >= 0:
            os.close(tell)


def prepare_store() -> None:
    """Starts a process of its own that makes the store and ends; several at once wait for one another."""
    child = subprocess.Popen(
        [sys.executable, "-m", "experiments.new_store"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd=paths.ROOT, start_new_session=True, env=worker_environment(),
    )  # fmt: skip
    _children.append(child)


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


def _stop(folder: RunFolder) -> None:
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
    _reap()


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        if pid > 0:  # 0 would be this process's own group: a worker in another container is out of reach
            os.kill(pid, number)


def _settle(folder: RunFolder, state: str) -> None:
    """Writes how a run ended whose worker could not; the caller holds the launcher's lock."""
    lock = locks.take(folder.lock)
    if lock is None:
        return
    try:
        if folder.status().get("state") not in ENDED:
            folder.write_status(state=state, ended=time.time())
            store.mark_ended(folder.id)
    finally:
        lock.release()


def _mine() -> list[RunFolder]:
    return [folder for folder in all_folders() if folder.request().get("launcher") == LocalLauncher.name]


def _ticket(folder: RunFolder) -> int:
    return int(folder.request().get("ticket", 0))


def _load() -> dict[str, int]:
    """Returns how many runs wait or work on each device."""
    found: dict[str, int] = {}
    for folder in _mine():
        if folder.status().get("state", QUEUED) not in ENDED:
            device = folder.request()["device"]
            found[device] = found.get(device, 0) + 1
    return found


def _reap() -> None:
    """Takes note of workers of this process that have ended, so that none stays a zombie."""
    _children[:] = [child for child in _children if child.poll() is None]


def _lab() -> Path:
    return paths.runs_folder().parent


def launching() -> contextlib.AbstractContextManager[None]:
    """Holds what every change of the queue holds, across processes."""
    _lab().mkdir(parents=True, exist_ok=True)
    return locks.exclusive(_lab() / "launch.lock", _PATIENCE)
