"""Small runs, and waiting for what they do."""

import os
import signal
import threading
import time
from collections.abc import Callable

from experiments import launch, store
from experiments.cifar10.config import LabConfig
from experiments.launch.folder import ENDED, RunFolder, existing
from experiments.launch.local import LocalLauncher

SMALL = {"width": 8, "train_images": 512, "test_images": 200, "epochs": 2, "log_every": 1}
_PATIENCE = 600  # seconds, against waiting for ever; no test measures with it


def until(what: Callable[[], object], why: str = "") -> object:
    """Returns what() as soon as it is true; fails where it never becomes so."""
    end, pause = time.monotonic() + _PATIENCE, threading.Event()
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        pause.wait(0.02)
    raise AssertionError(
        f"waited in vain: {why or what}; {[(r.id, r.state, r.message) for r in launch.queue()]}"
    )


def small(method: str = "uniform", **changes: object) -> LabConfig:
    """Returns a run of a few seconds."""
    return LabConfig(method, **{**SMALL, **changes})


def enlist(**changes: object) -> RunFolder:
    """Returns the folder of a run in line whose worker nobody starts."""
    return LocalLauncher().enlist(launch.request_of(small(**changes)))


def ended(run: str) -> bool:
    """Returns whether a run has ended and its worker is gone."""
    return launch.get(run).state in ENDED and existing(run).worker() is None


def wait_for(run: str, state: str = "finished") -> launch.Run:
    """Returns the run once it has ended, in this state."""
    until(lambda: ended(run), f"{run} to end")
    found = launch.get(run)
    assert found.state == state, f"{found.state}: {found.message}\n{launch.log_tail(run)}"
    return found


def steps(run: str, metric: str = "loss/cat") -> list[int]:
    """Returns the steps at which a metric of the run is in the store."""
    curve = store.curves([run], [metric]).get((run, metric))
    return [] if curve is None else curve.steps.tolist()


def worker_of(run: str) -> int:
    """Returns the PID of a run's worker, once it has one."""
    return int(until(lambda: existing(run).worker(), f"a worker of {run}"))


def kill(run: str) -> None:
    """Kills a run's worker as a machine does that runs out of memory."""
    os.kill(worker_of(run), signal.SIGKILL)
    until(lambda: existing(run).worker() is None, f"the worker of {run} to be gone")
