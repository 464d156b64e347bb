"""Launching runs and looking after them: one interface, whether they run on this machine or on a Ray cluster.

`MTL_RAY_ADDRESS` chooses Ray. Importing this loads neither torch nor MLflow.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments import locks, paths
from experiments.launch import local
from experiments.launch.folder import ENDED, FINISHED, QUEUED, RUNNING, RunFolder, all_folders, existing
from experiments.launch.local import LocalLauncher
from experiments.launch.policy import Limits, Permission, allowed, limits, who_may_launch

__all__ = [
    "Limits",
    "Permission",
    "Refused",
    "Run",
    "allowed",
    "cancel",
    "delete",
    "get",
    "launcher",
    "limits",
    "log_tail",
    "prepare",
    "queue",
    "resume",
    "submit",
    "supported",
    "trouble",
    "unsupported_reason",
    "who_may_launch",
]


class Refused(ValueError):
    """What was asked for cannot work or goes beyond a limit; the sentence says why."""


@dataclass(frozen=True)
class Run:
    """How one run stands. Times are seconds since 1970, None for what has not happened.

    state: queued, running, finished, failed, cancelled or interrupted. place: how many runs are before it in
    its line. message: what it is doing or what went wrong. source: which data it shows. eta: seconds until it
    ends, None if unknown.
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
        return frozenset({"delete"}) if self.state == FINISHED else frozenset({"delete", "resume"})


def supported() -> bool:
    """Returns whether runs can be launched on this system."""
    return locks.SUPPORTED


def unsupported_reason() -> str:
    """Returns the sentence to show where launching is not supported, "" where it is."""
    return "" if locks.SUPPORTED else locks.UNSUPPORTED


def trouble() -> str:
    """Returns why the chosen launcher cannot be reached now, "" where it can: a cluster may not answer."""
    return str(getattr(launcher(), "trouble", str)())


def launcher() -> Any:
    """Returns the launcher in use: Ray where MTL_RAY_ADDRESS is set, else this machine's own."""
    address = paths.ray_address()
    if address:
        from experiments.launch.ray_jobs import RayLauncher

        return RayLauncher(address)
    return LocalLauncher()


def prepare() -> None:
    """Makes the store in the background where there is none yet: a first run then starts as quickly as later
    ones.
    """
    if supported() and not paths.database().exists():
        local.prepare_store()


def submit(configs: Sequence[Any]) -> list[str]:
    """Returns the ids of the new runs, one for each LabConfig, in line in that order.

    Raises Refused, and launches none, where one of them cannot work or they are more than the limits allow.
    """
    from experiments.estimate import refusal

    if not supported():
        raise Refused(locks.UNSUPPORTED)
    check_limits(configs)
    for config in configs:
        reason = refusal(config)
        if reason:
            raise Refused(f"{config.title}: {reason}")
    try:
        return launcher().submit([request_of(config) for config in configs])
    except ValueError as error:
        raise Refused(str(error)) from error


def check_limits(configs: Sequence[Any]) -> None:
    """Raises Refused where the configurations are more or larger than the limits allow."""
    most = limits()
    waiting = sum(folder.status().get("state", QUEUED) not in ENDED for folder in all_folders())
    if not configs:
        raise Refused("Choose at least one method and one seed.")
    if waiting + len(configs) > most.queued:
        raise Refused(
            f"At most {most.queued} runs may wait or run at once: {waiting} do, {len(configs)} "
            "more were asked for."
        )
    for config in configs:
        for name in ("epochs", "batch"):
            if getattr(config, name) > getattr(most, name):
                raise Refused(
                    f"{name} takes at most {getattr(most, name)} on this server, got {getattr(config, name)}."
                )


def request_of(config: Any) -> dict[str, Any]:
    """Returns what a run folder keeps of a LabConfig."""
    import json

    return {
        "title": config.title,
        "method": config.method,
        "seed": config.seed,
        "device": config.device,
        "steps": config.epochs * config.steps_per_epoch,
        "config": json.loads(config.to_json()),
    }


def queue() -> list[Run]:
    """Returns every run: those at work, then those in line, then those that ended, the last one first.

    Looking also starts queued runs that have no worker, as after a reboot, and notes which ones were
    interrupted.
    """
    current = launcher()
    if supported():
        LocalLauncher().look_after()
        if current.name != LocalLauncher.name:
            current.look_after()
    return sorted(_all(current), key=_order)


def get(run: str) -> Run:
    """Returns how one run stands. Raises ValueError where there is none of that id."""
    existing(run)
    return next(one for one in _all(launcher()) if one.id == run)


def cancel(run: str) -> None:
    """Ends a run that waits or works, within two seconds. Raises ValueError for one that has ended."""
    _launcher_of(run).cancel(run)


def resume(run: str) -> None:
    """Puts a run that did not finish back in line; it goes on after its last saved epoch. Raises ValueError
    otherwise.
    """
    _launcher_of(run).resume(run)


def delete(run: str) -> None:
    """Deletes a run that has ended, with its checkpoints and its place in the store. Raises ValueError
    otherwise.
    """
    _launcher_of(run).delete(run)


def log_tail(run: str, lines: int = 40) -> str:
    """Returns the last lines of what a run printed, "" where it printed nothing."""
    log = existing(run).log
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 400 * lines))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


def _launcher_of(run: str) -> Any:
    kept = existing(run).request().get("launcher")
    if kept == LocalLauncher.name:
        return LocalLauncher()
    current = launcher()
    if current.name != kept:
        raise Refused(f"Run {run} was launched through {kept}: set MTL_RAY_ADDRESS to reach it.")
    return current


def _all(current: Any) -> list[Run]:
    known = {LocalLauncher.name: LocalLauncher(), current.name: current}
    found = []
    for folder in all_folders():
        request = folder.request()
        if request:  # None while it is being deleted
            owner = known.get(request["launcher"])
            found.append(
                (folder, request, owner.state(folder) if owner else folder.status().get("state", QUEUED))
            )
    live = [(r["device"], r["ticket"]) for _, r, state in found if state in (QUEUED, RUNNING)]
    return [_view(folder, request, state, live) for folder, request, state in found]


def _view(folder: RunFolder, request: Mapping[str, Any], state: str, live: list[tuple[str, int]]) -> Run:
    status = folder.status()
    place = sum(device == request["device"] and ticket < request["ticket"] for device, ticket in live)
    return Run(
        id=folder.id,
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
        epochs=request["config"]["epochs"],
        step=status.get("step", 0),
        steps=request["steps"],
        eta=_eta(status, state),
        message=status.get("message", ""),
        source=status.get("source", ""),
    )


def _eta(status: Mapping[str, Any], state: str) -> float | None:
    if state != RUNNING or not status.get("seconds_left"):
        return None
    return max(0.0, status["seconds_left"] - (time.time() - status["updated"]))


def _order(run: Run) -> tuple[int, float]:
    if run.state == RUNNING:
        return 0, run.submitted
    return (1, run.place) if run.state == QUEUED else (2, -(run.ended or run.submitted))
