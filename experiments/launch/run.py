"""How one run stands, put together from its files: what a page shows."""

import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.launch.folder import ENDED, FINISHED, QUEUED, RUNNING, UNREADABLE
from experiments.launch.records import Record

LIVE = (QUEUED, RUNNING)
_shown: "weakref.WeakKeyDictionary[Record, Run]" = weakref.WeakKeyDictionary()


@dataclass(frozen=True)
class Run:
    """How one run stands. Times are seconds since 1970, None for what has not happened.

    state: queued, running, finished, failed, cancelled, interrupted or unreadable. place: how many runs are before
    it in its line. message: what it is doing, what went wrong or what hinders it. source: which data it shows. eta:
    seconds until it ends, None if unknown. Of an unreadable run only the id, the message and what its files still
    tell are known; its configuration may be empty.
    """

    id: str
    state: str
    title: str
    method: str
    seed: int
    device: str
    config: Mapping[str, Any]
    submitted: float
    started: float | None
    ended: float | None
    place: int
    epoch: int
    epochs: int
    step: int
    steps: int
    eta: float | None
    message: str
    source: str

    @property
    def progress(self) -> float:
        """Returns the share of steps done, from 0 to 1."""
        return 1.0 if self.state == FINISHED else min(self.step / self.steps, 1.0) if self.steps else 0.0

    @property
    def can(self) -> frozenset[str]:
        """Returns what can be done with it: cancel, or resume and delete."""
        if self.state not in ENDED:
            return frozenset({"cancel"})
        whole = self.state != FINISHED and self.config
        return frozenset({"delete", "resume"}) if whole else frozenset({"delete"})

    @property
    def took(self) -> float | None:
        """Returns the seconds between beginning and end, None where they are not known: a clock may have jumped."""
        if self.started is None or self.ended is None or self.ended < self.started:
            return None
        return self.ended - self.started


def shown(one: Record) -> Run:
    """Returns how a run that has ended stands; put together once for each time its files are written."""
    if one not in _shown:
        _shown[one] = view(one, one.stated, [], "")
    return _shown[one]


def view(one: Record, state: str, live: Sequence[tuple[str, int]], trouble: str) -> Run:
    """Returns how a run stands. live: (device, ticket) of those that wait or work. trouble: what hinders it."""
    status, request = one.status, one.request or _unknown(one)
    place = sum(device == request["device"] and ticket < request["ticket"] for device, ticket in live)
    return Run(
        id=one.folder.id,
        state=state,
        title=request["title"],
        method=request["method"],
        seed=request["seed"],
        device=request["device"],
        config=request["config"],
        submitted=request["submitted"],
        started=status.get("started"),
        ended=status.get("ended") if state in ENDED else None,
        place=place if state == QUEUED else 0,
        epoch=status.get("epoch", 0),
        epochs=request["config"].get("epochs", 0),
        step=status.get("step", 0),
        steps=request["steps"],
        eta=_eta(status, state),
        message=one.trouble or trouble or status.get("message", ""),
        source=status.get("source", ""),
    )


def order(run: Run) -> tuple[int, float, str]:
    """Returns the place in the list: those at work, those in line, those that cannot be read and want someone's
    attention, then those that ended, the last one first.
    """
    if run.state == RUNNING:
        return 0, run.submitted, run.id
    if run.state == UNREADABLE:
        return 2, 0.0, run.id
    if run.state == QUEUED:
        return 1, run.place, run.id
    return 3, -(run.ended or run.submitted), run.id


def _unknown(one: Record) -> Mapping[str, Any]:
    """Returns what stands for a request that cannot be read."""
    texts = {"title": one.folder.id, "method": "", "device": "unknown"}
    return {**texts, "seed": 0, "ticket": 0, "steps": 0, "submitted": 0.0, "config": {}}


def _eta(status: Mapping[str, Any], state: str) -> float | None:
    """Returns the seconds until the end, None where they are unknown or the clock has jumped since they were
    said.
    """
    left, said = status.get("seconds_left"), status.get("updated")
    since = time.time() - (said or 0.0)
    if state != RUNNING or not left or since < 0:
        return None
    return max(0.0, left - since)
