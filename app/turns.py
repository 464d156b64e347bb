"""Whose computation runs next: a fair queue for everything that takes a core for longer than a blink.

Weighted fair queueing (Demers, Keshav & Shenker 1989): every visitor owns the same share of the cores, a
computation counts with the work it is expected to take, and the one whose share is used up last goes first. So a
visitor on the first screen passes those who ask for a lot, and nobody waits for ever.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

HEAVY = 1e6  # steps at d = 2: half a second of a core; what is shorter may take the last place, too
MOST_OWED = 1000  # visitors whose place in the queue is kept for them
LOOK = 0.05  # seconds between two looks whether what waits is still wanted


@dataclass(eq=False)
class Asked:
    """A computation that waits: where its visitor's share stands before and after it, in work."""

    visitor: str
    work: float
    start: float
    finish: float


class Turns:
    """Places for so many computations at once; the heavy ones leave one free where there are several."""

    def __init__(self, places: int) -> None:
        self._places, self._heavy_places = places, max(1, places - 1)
        self._changed = threading.Condition()
        self._waiting: list[Asked] = []
        self._running: list[Asked] = []
        self._now = 0.0  # virtual time: where the share of whoever was served last began
        self._used: dict[str, float] = {}  # by visitor, where it is ahead of the virtual time
        self._owed: dict[str, float] = {}  # where those began who left the queue without a turn

    @contextmanager
    def turn(self, visitor: str, work: float, pause: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Waits for a place and holds it. pause() is called while waiting; what it raises gives the turn back."""
        mine = self.ask(visitor, work)
        try:
            while not self.begin(mine):
                pause()
        except BaseException:
            self.give_back(mine)
            raise
        try:
            yield
        finally:
            self.end(mine)

    def ask(self, visitor: str, work: float) -> Asked:
        """Joins the queue."""
        with self._changed:
            start = self._owed.pop(visitor, max(self._now, self._used.get(visitor, 0.0)))
            mine = Asked(visitor, work, start, start + work)
            self._used[visitor] = mine.finish
            self._waiting.append(mine)
            return mine

    def begin(self, mine: Asked, patience: float = LOOK) -> bool:
        """Takes a place and returns True if it is this one's turn, now or within so many seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._next() is mine, patience):
                return False
            self._waiting.remove(mine)
            self._running.append(mine)
            self._now = max(self._now, mine.start)
            self._used = {name: used for name, used in self._used.items() if used > self._now}
            self._changed.notify_all()
            return True

    def end(self, mine: Asked) -> None:
        """Frees the place."""
        with self._changed:
            self._running.remove(mine)
            self._changed.notify_all()

    def give_back(self, mine: Asked) -> None:
        """Leaves the queue without having had a turn: what the visitor asks for next waits in the same place."""
        with self._changed:
            self._waiting.remove(mine)
            self._used[mine.visitor] = max(self._now, self._used.get(mine.visitor, 0.0) - mine.work)
            if len(self._owed) >= MOST_OWED:
                self._owed.clear()
            self._owed[mine.visitor] = mine.start
            self._changed.notify_all()

    def _next(self) -> Asked | None:
        if len(self._running) >= self._places:
            return None
        room = sum(one.work > HEAVY for one in self._running) < self._heavy_places
        able = [one for one in self._waiting if room or one.work <= HEAVY]
        return min(able, key=lambda one: one.finish, default=None)


TURNS = Turns(os.cpu_count() or 1)


def visitor() -> str:
    """Returns the session whose script this thread runs, "" outside one."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def unless_outdated() -> None:
    """Ends this script run where its visitor has changed something since: a newer run computes that instead.

    Streamlit looks for newer wishes whenever the session's state is read.
    """
    if visitor():
        "view" in st.session_state  # noqa: B015
