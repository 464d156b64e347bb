"""The local launcher: a detached worker for each run, first in first out on each device, nothing to start by
hand.

Only the run at work and the next in line have a process; each worker starts the next one, and so does whoever
looks. A worker outlives the web server, and a queue outlives everything: it is nothing but the run folders.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from experiments import locks, paths, store
from experiments.launch import deletion, devices
from experiments.launch.folder import (
    CANCELLED,
    ENDED,
    FAILED,
    FINISHED,
    INTERRUPTED,
    QUEUED,
    RUNNING,
    UNREADABLE,
    RunFolder,
    create,
    existing,
)  # fmt: skip
from experiments.launch.processes import Stuck, reap, start_worker, stop_worker
from experiments.launch.records import Record, records
from experiments.launch.tickets import next_ticket, run_id

_IN_LINE = 1  # runs that wait with a process of their own, behind the one at work
_PATIENCE = 10.0  # seconds another process may take to change the queue


class LocalLauncher:
    """Runs on this machine's devices."""

    name = "local"

    def submit(self, requests: Sequence[Mapping[str, Any]]) -> list[str]:
        """Returns the ids of new runs, in line in the order given. requests: title, method, seed, device and
        config.
        """
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
        more = {"ticket": ticket, "device": device, "launcher": self.name, "submitted": time.time()}
        return create(run_id(request, ticket), {**request, **more}).id

    def state(self, folder: RunFolder, stated: str | None = None) -> str:
        """Returns a run's state: what its status says (`stated`, if that was just read), unless its worker is
        gone.
        """
        stated = stated or folder.stated()
        if stated not in (RUNNING, UNREADABLE):
            return stated
        if folder.worker() is not None:
            return RUNNING
        again = folder.stated()  # it may have ended properly in between
        return INTERRUPTED if again == RUNNING else again

    def look_after(self) -> dict[str, str]:
        """Starts the workers that the lines need, and writes down which runs were interrupted.

        Returns a sentence for each run for which that could not be done, by id. Workers are waited for off the
        launcher's lock, and only so long.
        """
        reap()
        interrupted, waiting = self.needs(records())
        if not interrupted and not waiting:
            return {}
        troubles: dict[str, str] = {}
        claims: list[tuple[RunFolder, locks.Lock]] = []
        try:
            with launching():
                interrupted, waiting = self.needs(records())
                for folder in interrupted:
                    with _told(troubles, folder):
                        _settle(folder, INTERRUPTED)
                for folder in waiting:
                    with _told(troubles, folder):
                        claims += [(folder, claim)] if (claim := locks.take(folder.starting)) else []
        except OSError as error:
            return {folder.id: str(error) for folder in (*interrupted, *waiting)}
        try:
            for folder, _ in claims:
                with _told(troubles, folder):
                    _start(folder)
        finally:
            for _, claim in claims:
                claim.release()
        return troubles

    def needs(self, known: Iterable[Record]) -> tuple[list[RunFolder], list[RunFolder]]:
        """Returns, of these runs, those that were interrupted without anyone writing it down, and those that need a
        worker, each line's first one first.
        """
        interrupted: list[RunFolder] = []
        lines: dict[str, list[Record]] = {}
        for one in known:
            if one.stated in ENDED or _of(one).get("launcher") != self.name:
                continue
            state = self.state(one.folder, one.stated)
            if state == INTERRUPTED:
                interrupted.append(one.folder)
            elif state == RUNNING or (state == QUEUED and not _of(one).get("attached")):
                lines.setdefault(_of(one)["device"], []).append(one)
        first = [one.folder for line in lines.values() for one in sorted(line, key=_ticket)[: _IN_LINE + 1]]
        return interrupted, [folder for folder in first if folder.worker() is None]

    def cancel(self, run: str) -> None:
        """Ends a run that waits or works, within two seconds. Raises ValueError for a run that has ended."""
        folder = existing(run)
        if self.state(folder) in ENDED:
            raise ValueError(f"Run {run} has ended: it is {self.state(folder)}.")
        try:
            folder.cancel_mark.touch()
        finally:  # a full disk has no room for the mark, and a worker at work needs none
            stop_worker(folder)
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
            request = folder.request()
            folder.cancel_mark.unlink(missing_ok=True)
            folder.write_request(request | {"ticket": next_ticket(), "attached": False})
            folder.write_status(state=QUEUED, message="")
        self.look_after()

    def delete(self, run: str) -> None:
        """Deletes a run that has ended: its folder, its checkpoints, and its place in the store."""
        folder = existing(run)
        with launching():
            if self.state(folder) not in ENDED or folder.worker() is not None:
                raise ValueError(f"Run {run} is {self.state(folder)}: cancel it first.")
            deletion.delete(folder)


def ahead_of(folder: RunFolder) -> list[RunFolder]:
    """Returns the runs with a living worker that came before this one on its device, first in line first."""
    mine = folder.request()
    found = [
        one
        for one in _mine()
        if one.folder.id != folder.id
        and (_of(one)["device"], _ticket(one) < mine["ticket"]) == (mine["device"], True)
        and one.folder.worker() is not None
    ]
    return [one.folder for one in sorted(found, key=_ticket)]


def launching() -> contextlib.AbstractContextManager[None]:
    """Holds what every change of the queue holds, across processes. Raises locks.Busy after a while."""
    home = paths.made(paths.runs_folder().parent)
    return locks.exclusive(home / "launch.lock", _PATIENCE)


def _start(folder: RunFolder) -> None:
    """Starts a worker for a run that is claimed; one that does not begin fails, and the line goes on."""
    try:
        start_worker(folder)
    except Stuck as stuck:
        with launching():
            _settle(folder, FAILED, str(stuck))


@contextlib.contextmanager
def _told(troubles: dict[str, str], folder: RunFolder) -> Iterator[None]:
    """Keeps what the system refuses for one run from stopping the others."""
    try:
        yield
    except OSError as error:
        troubles[folder.id] = str(error)


def _settle(folder: RunFolder, state: str, message: str | None = None) -> None:
    """Writes how a run ended whose worker could not; the caller holds the launcher's lock."""
    lock = locks.take(folder.lock)
    if lock is None:
        return
    try:
        if folder.stated() in (QUEUED, RUNNING, UNREADABLE):
            said = {} if message is None else {"message": message}
            folder.write_status(state=state, ended=time.time(), **said)
            store.mark_ended(folder.id)
    finally:
        lock.release()


def _mine() -> list[Record]:
    return [
        one for one in records() if one.request is not None and _of(one)["launcher"] == LocalLauncher.name
    ]


def _of(one: Record) -> Mapping[str, Any]:
    return one.request or {}


def _ticket(one: Record) -> int:
    return int(_of(one)["ticket"])


def _load() -> dict[str, int]:
    """Returns how many runs wait or work on each device."""
    found: dict[str, int] = {}
    for one in _mine():
        if one.stated not in ENDED:
            device = _of(one)["device"]
            found[device] = found.get(device, 0) + 1
    return found
