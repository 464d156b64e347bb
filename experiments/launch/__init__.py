"""Launching runs and looking after them: one interface, whether they run on this machine or on a Ray cluster.

`MTL_RAY_ADDRESS` chooses Ray. Importing this loads neither torch nor MLflow.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from experiments import locks, paths, store
from experiments.launch import deletion
from experiments.launch.folder import ENDED, UNREADABLE, existing
from experiments.launch.local import LocalLauncher, launching
from experiments.launch.policy import Limits, Permission, allowed, limits, who_may_launch
from experiments.launch.processes import prepare_store
from experiments.launch.records import Record, record, records
from experiments.launch.run import LIVE, Run, order, shown, view

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
    if not supported():
        return
    with contextlib.suppress(OSError), launching():
        deletion.sweep()  # what cannot be finished now is finished another time
    with contextlib.suppress(store.StoreError):  # which the page says where it reads the store
        if not store.ready():
            prepare_store()


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
    waiting = sum(one.stated not in ENDED for one in records())
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
    """Returns every run: those at work, in line, unreadable, and those that ended, the last one first.

    Looking also starts queued runs that have no worker, as after a reboot, and notes which ones were
    interrupted.
    """
    current = launcher()
    troubles: dict[str, str] = {}
    known = records()
    if supported() and any(LocalLauncher().needs(known)):
        troubles = LocalLauncher().look_after()
        known = records()
    if supported() and current.name != LocalLauncher.name:
        troubles |= current.look_after()
        known = records()
    return sorted(_all(current, known, troubles), key=order)


def get(run: str) -> Run:
    """Returns how one run stands. Raises ValueError where there is none of that id."""
    existing(run)
    found = next((one for one in _all(launcher(), records(), {}) if one.id == run), None)
    if found is None:  # deleted this moment
        raise ValueError(f"There is no run {run!r}.")
    return found


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
    request = record(existing(run)).request
    if (
        request is None or request["launcher"] == LocalLauncher.name
    ):  # what cannot be read is here to be deleted
        return LocalLauncher()
    current = launcher()
    if current.name != request["launcher"]:
        raise Refused(
            f"Run {run} was launched through {request['launcher']}: set MTL_RAY_ADDRESS to reach it."
        )
    return current


def _all(current: Any, runs: Sequence[Record], troubles: Mapping[str, str]) -> list[Run]:
    """Returns how every run of the records stands. troubles: what hinders a run, by its id."""
    owners = {LocalLauncher.name: LocalLauncher(), current.name: current}
    ended: list[Run] = []
    found: list[tuple[Record, str]] = []
    for one in runs:
        if one.stated in ENDED and one.stated != UNREADABLE:
            ended.append(shown(one))
            continue
        owner = owners.get((one.request or {}).get("launcher", LocalLauncher.name))
        found.append((one, owner.state(one.folder, one.stated) if owner else one.stated))
    live = [(r.request["device"], r.request["ticket"]) for r, state in found if r.request and state in LIVE]
    return ended + [view(one, state, live, troubles.get(one.folder.id, "")) for one, state in found]
