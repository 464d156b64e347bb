"""The compiled engine: runs the kernels of every path, in legs, on all cores."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Any

from toy_problems.compiled.arrays import Arrays
from toy_problems.compiled.layout import prepare
from toy_problems.compiled.plan import Plan
from toy_problems.compiled.run import travel
from toy_problems.config import ToyConfig
from toy_problems.initial import draw
from toy_problems.plans import plans_of
from toy_problems.trajectory import Trajectory, assemble, record_steps

# Steps before a thread looks for the path that has waited longest, and whether to go on. A call takes as long as some
# hundred of the cheapest steps, so a long run has no more legs than even out the threads.
LEG, LEGS, MOST = 1024, 8, 8192
LOOK = 0.02  # seconds between two looks whether to go on while other threads run the paths
END = object()


def cores() -> int:
    """Returns how many threads run paths."""
    return os.cpu_count() or 1


@cache
def pool() -> ThreadPoolExecutor:
    """Returns the threads that paths run on; the kernels release the interpreter's lock."""
    return ThreadPoolExecutor(cores(), thread_name_prefix="toy-path")


def prepared(
    config: ToyConfig, given: Mapping[str, Any] | None = None, ends_only: bool = False
) -> list[tuple[Plan, Arrays]]:
    """Returns the plan and the arrays of every path of the configuration, ready to run.

    given: arrays that replace drawn ones. ends_only: keeps the first and the last record alone. Raises ValueError where
    `given` does not fit, and for a method that this engine does not have.
    """
    plans, beginnings = plans_of(config, ends_only), draw(config, config.problem_spec, given)
    return [(plan, prepare(plan, initial)) for plan, initial in zip(plans, beginnings, strict=True)]


def legs(plan: Plan, arrays: Arrays) -> Iterator[None]:
    """Runs one path to its end, filling its records, and pauses between legs of some thousand steps."""
    leg = min(MOST, max(LEG, -(-(plan.steps + 1) // LEGS)))
    for first in range(0, plan.steps + 1, leg):
        if not travel(arrays, first, first + leg - 1):
            return
        yield


def _never() -> None:
    """Goes on."""


def _share(waiting: deque[Iterator[None]], pause: Callable[[], None] = _never) -> None:
    """Runs legs of whichever path has waited longest, so that five paths fill two cores to the end."""
    while waiting:
        pause()
        try:
            path = waiting.popleft()
        except IndexError:  # another thread was quicker
            return
        if next(path, END) is not END:
            waiting.append(path)


def _together(waiting: deque[Iterator[None]], threads: int, pause: Callable[[], None]) -> None:
    """Runs the paths on the pool's threads. What pause() raises here ends them all after their legs."""
    stopped = False

    def unless_stopped() -> None:
        if stopped:
            waiting.clear()

    working = [pool().submit(_share, waiting, unless_stopped) for _ in range(threads)]
    try:
        while wait(working, LOOK).not_done:
            pause()
    finally:
        stopped = True
        wait(working)
    for done in working:
        done.result()


def run_paths(
    config: ToyConfig,
    given: Mapping[str, Any] | None,
    ends_only: bool = False,
    pause: Callable[[], None] | None = None,
) -> Sequence[Arrays]:
    """Returns the arrays of every path, run to its end. pause() is called between legs on this thread."""
    paths = prepared(config, given, ends_only)
    waiting = deque(legs(*path) for path in paths)
    if len(paths) == 1:
        _share(waiting, pause or _never)
    else:
        _together(waiting, min(cores(), len(paths)), pause or _never)
    return [arrays for _, arrays in paths]


def run_compiled(
    config: ToyConfig, given: Mapping[str, Any] | None = None, pause: Callable[[], None] | None = None
) -> Trajectory:
    """Returns the trajectory of a configuration. Raises ValueError where `given` does not fit."""
    paths = run_paths(config, given, pause=pause)
    steps = record_steps(config.steps, config.record_every)
    return assemble(config, steps, [path.records for path in paths], [path.ending for path in paths])
