"""Kills the store's first creation at random moments and says after how many of them it can be used.

`python tools/kill_store.py --kills 50 --seed 0`. Each time in a new folder: MLflow's file is begun, the process
killed at a moment between its first byte and the end, then a run recorded and read back, as the next visitor's
would be.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAKER = [sys.executable, "-m", "experiments.new_store"]


def main(argv: list[str] | None = None) -> int:
    """Returns 0 where every store could be used afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(argv)
    sys.path.insert(0, str(ROOT))
    draws = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as home:
        whole, _ = killed_creation(Path(home), 3600.0)
    print(f"an undisturbed creation takes {whole:.1f} s from its first byte; seed {asked.seed}", flush=True)
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


def killed_creation(home: Path, moment: float) -> tuple[float, str]:
    """Kills a creation `moment` seconds after its first byte; returns the seconds it had and its phase."""
    from experiments import paths

    os.environ["MTL_DATA"] = str(home)
    maker = subprocess.Popen(MAKER, cwd=ROOT)
    while maker.poll() is None and not list(home.glob("lab/mlflow.db*")):
        time.sleep(0.001)  # between two looks at the folder, which tells nobody when it changes
    started = time.perf_counter()
    try:
        maker.wait(moment)
    except subprocess.TimeoutExpired:
        maker.kill()
        maker.wait()
    return time.perf_counter() - started, "after it" if paths.database().exists() else "while it was made"


def can_be_used() -> bool:
    """Returns whether a run can be recorded in the store and read back."""
    from experiments import paths, store
    from experiments.recorder import FINISHED, Recorder

    paths.database().parent.mkdir(parents=True, exist_ok=True)
    try:
        recorder = Recorder("one", paths.database().parent, {}, {})
        recorder.log(1, {"loss": 0.5})
        recorder.close(FINISHED)
        return store.curves(["one"])["one", "loss"].values.tolist() == [0.5]
    except (OSError, KeyError) as error:
        print(error)
        return False


if __name__ == "__main__":
    sys.exit(main())
