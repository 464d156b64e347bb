"""Kills the store's first creation at random moments and says after how many of them it can be used.

`python tools/kill_store.py --kills 50 --seed 0`. Each time in a new folder: a process begins the store, is killed at a
moment between the file's first byte and the end, and another process opens the store, records a run and ends. The
processes are forks of this one, which has loaded MLflow: only the creation itself is attacked, not its imports.
"""

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FORK = multiprocessing.get_context("fork")


def main(argv: list[str] | None = None) -> int:
    """Returns 0 where every store could be used afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(argv)
    sys.path.insert(0, str(ROOT))
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401  # loaded once, for all forks

    draws = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as home:
        whole, _ = killed_creation(Path(home), 3600.0)
    print(f"an undisturbed creation takes {whole:.2f} s from its first byte; seed {asked.seed}", flush=True)
    used, when = 0, dict.fromkeys(("while it was made", "after it"), 0)
    for number in range(asked.kills):
        with tempfile.TemporaryDirectory() as home:
            moment = draws.uniform(0, whole)
            _, phase = killed_creation(Path(home), moment)
            fine = can_be_used()
        used += fine
        when[phase] += 1
        print(
            f"{number + 1}: killed after {moment:.2f} s, {phase}: {'used' if fine else 'NOT USABLE'}",
            flush=True,
        )
    print(f"stores created and killed: {used} of {asked.kills} can be used; killed {when}")
    return 0 if used == asked.kills else 1


def create() -> None:
    """Makes the store, in a process of its own."""
    from experiments.new_store import open_store

    open_store()


def record() -> None:
    """Records a run of one number, in a process of its own."""
    from experiments import store
    from experiments.new_store import open_store

    client, experiment = open_store()
    run = client.create_run(experiment, tags={store.RUN_TAG: "one"}).info.run_id
    client.log_metric(run, "loss", 0.5, step=1)
    client.set_terminated(run)


def killed_creation(home: Path, moment: float) -> tuple[float, str]:
    """Kills a creation `moment` seconds after its first byte; returns the seconds it had and its phase."""
    from experiments import paths

    os.environ["MTL_DATA"] = str(home)
    maker = FORK.Process(target=create)
    maker.start()
    while maker.is_alive() and not list(home.glob("lab/mlflow.db*")):
        time.sleep(0.001)  # between two looks at the folder, which tells nobody when it changes
    started = time.perf_counter()
    maker.join(moment)
    maker.kill()
    maker.join()
    return time.perf_counter() - started, "after it" if paths.database().exists() else "while it was made"


def can_be_used() -> bool:
    """Returns whether another process can record a run in the store, and this one read it back."""
    from experiments import store

    user = FORK.Process(target=record)
    user.start()
    user.join()
    try:
        curves = store.curves(["one"])
    except OSError as error:
        print(error)
        return False
    return user.exitcode == 0 and [curve.values.tolist() for curve in curves.values()] == [[0.5]]


if __name__ == "__main__":
    sys.exit(main())
