"""Kills workers in every phase of their work, resumes them, and compares what they recorded with a calm run's.

`python tools/kill_workers.py --kills 24 --seed 0`. Each method trains once undisturbed and once killed again and again,
each time in another phase and a random moment later. No point may be lost, doubled or changed.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
METHODS = ("uniform", "rotograd", "gradnorm_w", "mgda")
SIZES: dict[str, Any] = {"width": 4, "train_images": 512, "test_images": 200, "epochs": 8, "log_every": 1}
DELAY = 0.3  # seconds at most between a phase's beginning and the kill
TIMED = ("images_per_second", "memory_mb")  # what two equal runs need not have in common


def begun(folder: Any) -> bool:
    """Returns whether the run has a worker."""
    return folder.worker() is not None


def preparing(folder: Any) -> bool:
    """Returns whether the worker has its turn and loads what it needs."""
    return folder.status().get("message") == "preparing"


def reading(folder: Any) -> bool:
    """Returns whether the data has been read and the network is made."""
    return str(folder.status().get("message")).startswith(("training", "going on"))


def stepping(folder: Any) -> bool:
    """Returns whether an epoch is under way."""
    return str(folder.status().get("message")).startswith("epoch")


def saving(folder: Any) -> bool:
    """Returns whether a checkpoint is being written."""
    return (folder.path / "checkpoint.writing").exists()


def saved(folder: Any) -> bool:
    """Returns whether one checkpoint more is there than the run began with."""
    return len(list(folder.path.glob("checkpoint-*.pt"))) >= 2


PHASES: tuple[Callable[[Any], bool], ...] = (begun, preparing, reading, stepping, saving, saved)


def main(argv: list[str] | None = None) -> int:
    """Returns 0 where every killed run ended with the calm one's points."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(argv)
    sys.path.insert(0, str(ROOT))
    from experiments.cifar10.config import LabConfig

    draws = random.Random(asked.seed)
    survived = done = 0
    for number in range(-(-asked.kills // len(PHASES))):
        config = LabConfig(METHODS[number % len(METHODS)], seed=number, **SIZES)
        phases = draws.sample(PHASES, len(PHASES))[: asked.kills - done]
        with tempfile.TemporaryDirectory() as home:
            os.environ["MTL_DATA"] = home
            hit, trouble = compared(config, phases, draws)
        done += len(phases)
        survived += 0 if trouble else hit
        names = ", ".join(phase.__name__ for phase in phases)
        print(f"{config.title}: killed {hit} times ({names}); {trouble or 'equal'}")
    print(
        f"workers killed: {survived} of {done} resumed with no point lost, doubled or changed; seed {asked.seed}"
    )
    return 0 if survived == done else 1


def compared(config: Any, phases: list[Callable[[Any], bool]], draws: random.Random) -> tuple[int, str]:
    """Returns how often a run was killed, and what it recorded otherwise than a calm one, "" for nothing."""
    from experiments import launch

    (calm,) = launch.submit([config])
    until_ended(calm)
    (shaken,) = launch.submit([config])
    hit = sum(killed(shaken, phase, draws.uniform(0, DELAY)) for phase in phases)
    until_ended(shaken)
    wanted, found = points(calm), points(shaken)
    whole = set(wanted) == {(metric, step) for metric, step, _ in rows(calm)}
    differing = [key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)]
    doubled = len(rows(shaken)) - len(found)
    states = [run.state for run in launch.queue()]
    if states != ["finished"] * 2 or not whole or not wanted:
        return hit, f"the runs ended {states}: {launch.log_tail(shaken, 5)}"
    return hit, f"{len(differing)} points differ, {doubled} are doubled" if differing or doubled else ""


def killed(run: str, phase: Callable[[Any], bool], delay: float) -> bool:
    """Returns whether the run's worker was killed, a while after the phase had begun, and has been resumed."""
    from experiments import launch
    from experiments.launch.folder import ENDED, existing

    folder = existing(run)
    until(lambda: phase(folder) or launch.get(run).state in ENDED)
    time.sleep(delay)  # the moment itself is what is drawn at random
    pid = folder.worker()
    if pid is None:
        return False
    os.kill(pid, signal.SIGKILL)
    until(lambda: folder.worker() is None)
    if next(one for one in launch.queue() if one.id == run).state == "interrupted":
        launch.resume(run)
    return True


def until_ended(run: str) -> None:
    """Returns when the run has ended and its worker is gone."""
    from experiments import launch
    from experiments.launch.folder import ENDED, existing

    until(lambda: launch.get(run).state in ENDED and existing(run).worker() is None)


def until(what: Callable[[], bool]) -> None:
    """Returns when what() is true."""
    while not what():
        time.sleep(0.01)  # between two looks at files, which tell nobody when they change


def rows(run: str) -> list[tuple[str, int, str]]:
    """Returns everything that a run recorded but what it took: (metric, step, value), as often as it is there."""
    from experiments import store

    found = store.curves([run])
    return [
        (metric, int(step), float(value).hex())
        for (_, metric), curve in found.items()
        if metric not in TIMED
        for step, value in zip(curve.steps, curve.values, strict=True)
    ]


def points(run: str) -> dict[tuple[str, int], str]:
    """Returns what a run recorded, by metric and step."""
    return {(metric, step): value for metric, step, value in rows(run)}


if __name__ == "__main__":
    sys.exit(main())
