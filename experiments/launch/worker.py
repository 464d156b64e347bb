"""The process of one run: `python -m experiments.launch.worker RUN_ID [FD]`, or without arguments the run in
MTL_RUN.

It takes the run's lock, tells through the descriptor that it has, waits for its turn and only then loads
torch.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from experiments import locks, paths, store
from experiments.launch import local
from experiments.launch.folder import CANCELLED, FAILED, FINISHED, QUEUED, RUNNING, RunFolder, existing
from experiments.launch.records import record
from experiments.recorder import FAILED as FAILED_RUN
from experiments.recorder import FINISHED as FINISHED_RUN
from experiments.recorder import KILLED as KILLED_RUN
from experiments.recorder import Recorder

_EVERY = 0.5  # seconds between two writings of the status


class Cancelled(BaseException):
    """Someone asked this run to end."""


class Report:
    """What a run says of itself while it works: `status.json`, written now and then."""

    def __init__(self, folder: RunFolder, show: Callable[[int, int, str], None] | None = None) -> None:
        self.folder = folder
        self.show = show
        self._written = 0.0
        self._said: dict[str, Any] = {
            "state": RUNNING
        }  # all of it, each time: what was written may be damaged since

    def say(self, message: str, **more: Any) -> None:
        """Says what is being done, at once."""
        self._write(message=message, **more)
        _tell(f"{time.strftime('%H:%M:%S')} {message}")

    def step(self, step: int, epoch: int, seconds_left: float | None, message: str) -> None:
        """Says how far the run is; written twice a second at most."""
        if self.show:
            self.show(step, epoch, message)
        if time.monotonic() - self._written > _EVERY:
            self._write(step=step, epoch=epoch, seconds_left=seconds_left, message=message)

    def _write(self, **changes: Any) -> None:
        self._written = time.monotonic()
        self._said |= changes
        self.folder.write_status(**self._said)


def run(
    folder: RunFolder, ready: Callable[[], None], show: Callable[[int, int, str], None] | None = None
) -> int:
    """Returns the exit status after the run has ended, one way or another; does nothing for a run that has a
    worker.
    """
    lock = locks.take(folder.lock)
    if lock is None:
        _tell(f"Run {folder.id} has a worker already (process {folder.worker()}).")
        return 3
    signal.signal(signal.SIGTERM, _cancel)
    try:
        if folder.cancel_mark.exists():
            raise Cancelled
        if folder.stated() != QUEUED:
            _tell(f"Run {folder.id} is not in line: it is {folder.stated()}.")
            return 3
        ready()
        return _work(folder, show)
    except (Cancelled, KeyboardInterrupt):
        folder.write_status(state=CANCELLED, message="cancelled", ended=time.time())
        return 1
    except Exception as error:
        traceback.print_exc()
        folder.write_status(state=FAILED, message=sentence(error), ended=time.time())
        raise SystemExit(1) from error
    finally:
        ready()  # whoever started this waits until it is told something
        lock.release()
        _next(folder)


def _work(folder: RunFolder, show: Callable[[int, int, str], None] | None) -> int:
    local_line = folder.request()["launcher"] == local.LocalLauncher.name
    device = _turn(folder) if local_line else None  # elsewhere the cluster has seen to that
    try:
        report = Report(folder, show)
        report.say("preparing", started=folder.status().get("started") or time.time(), ended=None)
        _next(folder)
        _train(folder, report)
        folder.write_status(state=FINISHED, message="finished", ended=time.time(), seconds_left=0)
    finally:
        if device is not None:
            device.release()
    return 0


def _train(folder: RunFolder, report: Report) -> None:
    """Trains with a recorder beside it, which loads MLflow while this process loads torch."""
    request = folder.request()
    config = request["config"]
    params = {name: value for name, value in config.items() if name != "params"} | config["params"]
    recorder = Recorder(
        folder.id,
        folder.path,
        params,
        {store.CONFIG_TAG: json.dumps(config), store.TITLE_TAG: request["title"]},
    )
    try:
        from experiments.cifar10.train import train_run

        train_run(request, folder.path, recorder, report)
    except BaseException as error:
        recorder.give_up(FAILED_RUN if isinstance(error, Exception) else KILLED_RUN)
        raise
    recorder.close(FINISHED_RUN)


def _next(folder: RunFolder) -> None:
    """Starts what comes next on this machine; a cluster does so by itself."""
    request = record(folder).request
    if request is None or request["launcher"] == local.LocalLauncher.name:
        for run, trouble in local.LocalLauncher().look_after().items():
            _tell(f"{run}: {trouble}")


def _turn(folder: RunFolder) -> locks.Lock:
    """Returns the device's lock once every run that came before has ended; the waiting is the kernel's."""
    while ahead := local.ahead_of(folder):
        _tell(f"waiting for {ahead[-1].id}")
        locks.wait_until_free(ahead[-1].lock)
    home = paths.runs_folder().parent / "devices"
    home.mkdir(exist_ok=True)
    name = str(folder.request()["device"]).replace(":", "-")
    device = locks.take(home / f"{name}.lock", wait=True)
    assert device is not None  # None is for a lock that this process holds already
    return device


def sentence(error: BaseException) -> str:
    """Returns what went wrong, for people: an error's own words, its kind before them where it has no
    sentence.
    """
    words = str(error.strerror if isinstance(error, OSError) and error.strerror else error).strip()
    return words if words.endswith(".") else f"{type(error).__name__}: {words}"


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _cancel(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: what follows must not be cut off
    raise Cancelled


def main(argv: list[str]) -> int:
    """Works on the run named first; the second argument, if any, is the descriptor to tell through."""
    descriptor = int(argv[1]) if len(argv) > 1 else -1

    def ready() -> None:
        nonlocal descriptor
        if descriptor >= 0:
            os.write(descriptor, b"1")
            os.close(descriptor)
            descriptor = -1

    return run(existing(argv[0] if argv else os.environ["MTL_RUN"]), ready)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
