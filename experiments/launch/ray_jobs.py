"""The launcher for a Ray cluster: the same interface, each run a Ray job on one of the cluster's GPUs.

Ray's job server is asked over HTTP with its documented REST interface, so the web server needs no Ray. What a
job is told travels in environment variables: the entry point, which Ray gives to a shell, is the same few
words for every run. The cluster's machines need this project at the same place and the data folder as a
shared one.
"""

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from experiments import paths, store
from experiments.launch import deletion
from experiments.launch.folder import (
    CANCELLED,
    ENDED,
    FINISHED,
    INTERRUPTED,
    QUEUED,
    UNREADABLE,
    RunFolder,
    create,
    existing,
)
from experiments.launch.local import launching
from experiments.launch.processes import worker_environment
from experiments.launch.records import records
from experiments.launch.tickets import next_ticket, run_id

ENTRY = "python -m experiments.launch.worker"
RUN_VARIABLE = "MTL_RUN"
_ALIVE = ("PENDING", "RUNNING")
_PATIENCE = 5  # seconds for the cluster to answer


class Unreachable(ValueError):
    """The cluster did not answer; the sentence says where it was looked for."""


class RayLauncher:
    """Runs as Ray jobs. address: the job server's, as http://host:8265; ray:// and bare host:port mean the
    same host.
    """

    name = "ray"

    def __init__(self, address: str) -> None:
        bare = address.partition("://")[2] or address
        self.address = f"{'https' if address.startswith('https://') else 'http'}://{bare.rstrip('/')}"
        self._seen: dict[str, str] | None = None  # the jobs as this look found them

    def trouble(self) -> str:
        """Returns the sentence that says that the cluster does not answer, "" where it does."""
        try:
            self._ask("GET", "/api/version")
        except ValueError as error:
            return str(error)
        return ""

    def submit(self, requests: Sequence[Mapping[str, Any]]) -> list[str]:
        """Returns the ids of new runs, as many at once as the cluster has GPUs. Raises Unreachable and
        launches none.
        """
        self._ask("GET", "/api/version")
        with launching():
            folders = [self._add(request) for request in requests]
        for folder in folders:
            self._start(folder)
        return [folder.id for folder in folders]

    def _add(self, request: Mapping[str, Any]) -> RunFolder:
        ticket = next_ticket()
        more = {
            "ticket": ticket,
            "device": "ray",
            "launcher": self.name,
            "submitted": time.time(),
            "tries": 0,
        }
        return create(run_id(request, ticket), {**request, **more})

    def _start(self, folder: RunFolder) -> None:
        """Submits one job; Ray keeps it pending until a GPU is free."""
        tries = folder.request().get("tries", 0) + 1
        folder.write_request(folder.request() | {"tries": tries, "job": f"{folder.id}-{tries}"})
        gpus = self._gpus()
        self._ask(
            "POST",
            "/api/jobs/",
            {
                "entrypoint": ENTRY,
                "submission_id": f"{folder.id}-{tries}",
                "runtime_env": {"env_vars": _environment(folder)},
                **({"entrypoint_num_gpus": 1} if gpus else {"entrypoint_num_cpus": 1}),
            },
        )

    def state(self, folder: RunFolder, stated: str | None = None) -> str:
        """Returns a run's state (`stated`: what its status says, if that was just read); a job that the cluster
        has lost or that died is interrupted.
        """
        stated = stated or folder.stated()
        if stated in ENDED:
            return stated
        if self._seen is None:
            self._seen = self._jobs()
        if not self._seen or self._seen.get(folder.request().get("job", "")) in _ALIVE:
            return stated  # without an answer nothing is known but what the run last said
        again = folder.stated()
        return again if again in ENDED else INTERRUPTED

    def look_after(self) -> dict[str, str]:
        """Writes down which runs were interrupted; the cluster starts what waits by itself.

        Returns a sentence for each run for which that could not be done, by id.
        """
        troubles: dict[str, str] = {}
        for one in records():
            mine = (
                one.request is not None and one.request["launcher"] == self.name and one.stated not in ENDED
            )
            if mine and self.state(one.folder, one.stated) == INTERRUPTED:
                try:
                    self._settle(one.folder, INTERRUPTED)
                except OSError as error:
                    troubles[one.folder.id] = str(error)
        return troubles

    def cancel(self, run: str) -> None:
        """Stops the job. Raises ValueError for a run that has ended, Unreachable where the cluster does not
        answer.
        """
        folder = existing(run)
        if self.state(folder) in ENDED:
            raise ValueError(f"Run {run} has ended: it is {self.state(folder)}.")
        folder.cancel_mark.touch()
        self._ask("POST", f"/api/jobs/{folder.request()['job']}/stop", {})
        end = time.monotonic() + _PATIENCE
        while self._job(folder) in _ALIVE and time.monotonic() < end:
            time.sleep(0.02)  # between two questions: the cluster's interface does not call back
        self._settle(folder, CANCELLED)

    def resume(self, run: str) -> None:
        """Submits a run that did not finish again; it goes on from its last checkpoint."""
        folder = existing(run)
        with launching():
            state = self.state(folder)
            if state not in ENDED or state == FINISHED:
                raise ValueError(f"Run {run} cannot be resumed: it is {state}.")
            self._ask("GET", "/api/version")
            request = folder.request()
            folder.cancel_mark.unlink(missing_ok=True)
            folder.write_request(request | {"ticket": next_ticket()})
            folder.write_status(state=QUEUED, message="")
        self._start(folder)

    def delete(self, run: str) -> None:
        """Deletes a run that has ended: its folder, its checkpoints, and its place in the store."""
        folder = existing(run)
        with launching():
            if self.state(folder) not in ENDED:
                raise ValueError(f"Run {run} is {self.state(folder)}: cancel it first.")
            deletion.delete(folder)

    def _settle(self, folder: RunFolder, state: str) -> None:
        with launching():
            if folder.stated() not in ENDED or folder.stated() == UNREADABLE:
                folder.write_status(state=state, ended=time.time())
                store.mark_ended(folder.id)

    def _jobs(self) -> dict[str, str]:
        """Returns every job's status in Ray's words, by its id; nothing where the cluster does not answer."""
        try:
            return {"": "", **{job["submission_id"]: job["status"] for job in self._ask("GET", "/api/jobs/")}}
        except Unreachable:
            return {}

    def _job(self, folder: RunFolder) -> str:
        """Returns one job's status now, GONE where the cluster has forgotten it."""
        try:
            return str(self._ask("GET", f"/api/jobs/{folder.request().get('job', '')}")["status"])
        except FileNotFoundError:
            return "GONE"

    def _gpus(self) -> float:
        """Returns how many GPUs the cluster has."""
        answer = self._ask("GET", "/api/cluster_status")
        usage = (((answer.get("data") or {}).get("clusterStatus") or {}).get("loadMetricsReport") or {}).get(
            "usage"
        ) or {}
        return float((usage.get("GPU") or [0, 0])[1])

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Returns the job server's answer. Raises FileNotFoundError for what it does not know, Unreachable
        without one.
        """
        request = urllib.request.Request(
            self.address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **_authorization()},
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise FileNotFoundError(path) from error
            said = error.read().decode("utf-8", "replace").strip().splitlines()
            raise ValueError(
                f"The Ray cluster at {self.address} refused: {said[-1] if said else error.reason}"
            ) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(
                f"No Ray cluster answers at {self.address} ({getattr(error, 'reason', error)}). "
                "Start one with "
                "`ray start --head`, or unset MTL_RAY_ADDRESS to train on this machine."
            ) from error


def _authorization() -> dict[str, str]:
    """Returns the header of a cluster that asks for a token, which Ray too reads from RAY_AUTH_TOKEN."""
    token = os.environ.get("RAY_AUTH_TOKEN", "")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _environment(folder: RunFolder) -> dict[str, str]:
    """Returns what the job is told; the rest of its environment is the cluster's."""
    own = worker_environment()
    python_path = os.pathsep.join(filter(None, [str(paths.ROOT), os.environ.get("PYTHONPATH", "")]))
    return {
        RUN_VARIABLE: folder.id,
        "MTL_DATA": own["MTL_DATA"],
        "PYTHONPATH": python_path,
        "PYTHONUNBUFFERED": "1",
        "OMP_WAIT_POLICY": own["OMP_WAIT_POLICY"],
    }
