"""Writes a run's numbers to MLflow from a process of its own.

Importing MLflow and opening its database takes as long as importing torch; side by side a run's first point
comes in half the time, and a step never waits for SQLite. The trainer sends JSON lines and waits for an
answer only where it must know that everything is written: before a checkpoint, and at the end. The process
ends when the trainer does.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from experiments import locks, paths, store
from experiments.new_store import open_store

FINISHED, FAILED, KILLED = "FINISHED", "FAILED", "KILLED"
_MOST = 1000  # metrics in one call, MLflow's own limit


class RecorderError(OSError):
    """The store did not take what was sent; the sentence says why."""


class Recorder:
    """The trainer's side. Numbers are on their way after `log`, in the store after `flush`."""

    def __init__(self, run_id: str, folder: Path, params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "experiments.recorder"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=paths.ROOT,
        )  # fmt: skip
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._requests, self._answers = self._child.stdin, self._child.stdout
        self._send(
            {"run": run_id, "lock": str(folder / "recorder.lock"), "params": dict(params), "tags": dict(tags)}
        )

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Sends numbers for a step; NaN and infinity are kept as they are."""
        self._send({"step": step, "time": int(time.time() * 1000), "metrics": dict(metrics)})

    def tag(self, tags: Mapping[str, str]) -> None:
        """Sends tags."""
        self._send({"tags": dict(tags)})

    def resume_at(self, step: int) -> None:
        """Has what an earlier try wrote after `step` deleted; to be called before the first `log`.

        Waits for nothing: the store is opened while the trainer takes its first step.
        """
        self._send({"rewind": step})

    def flush(self) -> None:
        """Returns when everything sent is in the store. Raises RecorderError where it could not be written."""
        self._ask({"flush": True})

    def close(self, status: str) -> None:
        """Writes what is left and how the run ended, and returns when the process is gone."""
        try:
            self._ask({"end": status})
        finally:
            self.abandon()

    def give_up(self, status: str) -> None:
        """Writes how the run ended if that still can be written; raises nothing, for something went wrong
        already.
        """
        with contextlib.suppress(OSError):
            self.close(status)

    def abandon(self) -> None:
        """Lets the process write what it has and end; raises nothing."""
        with contextlib.suppress(OSError):
            self._requests.close()
        self._child.wait()
        self._answers.close()

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            self._requests.write(json.dumps(message) + "\n")
            self._requests.flush()
        except OSError:
            raise RecorderError(self._last_words()) from None

    def _ask(self, message: Mapping[str, Any]) -> None:
        self._send(message)
        answer = self._answers.readline()
        if not answer or "error" in (said := json.loads(answer)):
            raise RecorderError(said["error"] if answer else self._last_words())

    def _last_words(self) -> str:
        line = self._answers.readline()
        said = json.loads(line) if line else {}
        return said.get("error", "The process that writes to the store ended before its time.")


class _Writer:
    """The other side: one MLflow run and the numbers not written yet."""

    def __init__(self, first: Mapping[str, Any]) -> None:
        self.lock = locks.take(
            Path(first["lock"]), wait=True
        )  # an earlier try's recorder may still be writing
        self.pending: list[Any] = []
        self.ended = False
        self.client, experiment = open_store()
        known = _uuid_of(first["run"])
        if known is None:
            from mlflow.entities import Param, RunTag

            tags = first["tags"] | {store.RUN_TAG: first["run"]}
            made = self.client.create_run(experiment, tags=tags, run_name=first["run"])
            self.uuid: str = made.info.run_id
            params = [Param(key, str(value)) for key, value in first["params"].items()]
            self.client.log_batch(self.uuid, params=params, tags=[RunTag(k, v) for k, v in tags.items()])
        else:
            self.uuid = known
            self.client.update_run(self.uuid, status="RUNNING")
            self._tag(first["tags"])

    def take(self, message: Mapping[str, Any]) -> bool:
        """Does what a message says; returns whether the other side waits for an answer."""
        if "metrics" in message:
            from mlflow.entities import Metric

            self.pending += [
                Metric(key, value, message["time"], message["step"])
                for key, value in message["metrics"].items()
            ]
            return False
        if "tags" in message:
            self._tag(message["tags"])
            return False
        if "rewind" in message:
            store.rewind(self.uuid, message["rewind"])
            return False
        self.write()
        if "end" in message:
            self.client.set_terminated(self.uuid, message["end"])
            self.ended = True
        return True

    def write(self) -> None:
        """Writes every pending number."""
        while self.pending:
            self.client.log_batch(self.uuid, metrics=self.pending[:_MOST])
            del self.pending[:_MOST]

    def _tag(self, tags: Mapping[str, str]) -> None:
        for key, value in tags.items():
            self.client.set_tag(self.uuid, key, value)


def _uuid_of(run_id: str) -> str | None:
    return next((run.uuid for run in store.runs() if run.id == run_id), None)


def _serve(requests: TextIO, answers: TextIO) -> None:
    """Reads messages until the trainer is gone, writing as soon as there is nothing more to read."""
    lines = _lines_or_idle(requests)
    writer = _Writer(json.loads(next(line for line in lines if line is not None)))
    for line in lines:
        if line is None:
            writer.write()
        elif writer.take(json.loads(line)):
            _answer(answers, {"done": True})
    writer.write()
    if not writer.ended:  # the trainer is gone without a word
        writer.client.set_terminated(writer.uuid, KILLED)


def _answer(answers: TextIO, said: Mapping[str, Any]) -> None:
    answers.write(json.dumps(said) + "\n")
    answers.flush()


def _lines_or_idle(stream: TextIO) -> Iterator[bytes | None]:
    """Yields the stream's lines, and None each time it has none ready."""
    import select

    descriptor, rest = stream.fileno(), b""
    while True:
        if not select.select([descriptor], [], [], 0)[0]:
            yield None
        block = os.read(descriptor, 1 << 16)
        if not block:
            return
        *whole, rest = (rest + block).split(b"\n")
        yield from whole


def main() -> None:
    """Serves one run; what goes wrong is told to the trainer as a sentence."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the trainer's to handle
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    answers, sys.stdout = sys.stdout, sys.stderr  # MLflow may print; answers go alone
    try:
        _serve(sys.stdin, answers)
    except Exception as error:
        with contextlib.suppress(OSError):
            told = f"The run's numbers cannot be written to {paths.database()}: {_shortened(error)}"
            _answer(answers, {"error": told})
        raise


def _shortened(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)[:300]


if __name__ == "__main__":
    main()
