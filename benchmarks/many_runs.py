"""How long a look at the queue takes with many runs that have ended, and how many files it reads.

`python -m benchmarks.many_runs`, in a data folder of its own.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path
from unittest import mock

RUNS, LOOKS = 1000, 20


def main() -> None:
    """Prints the figures."""
    from experiments import launch
    from experiments.launch import contents

    with tempfile.TemporaryDirectory() as folder:
        os.environ["MTL_DATA"] = folder
        fill(RUNS)
        started = time.perf_counter()
        launch.queue()
        print(f"first look at {RUNS} ended runs: {1e3 * (time.perf_counter() - started):.1f} ms")
        times, reads, busy = [], 0, time.process_time()
        for _ in range(LOOKS):
            with mock.patch.object(contents, "_object", side_effect=contents._object) as reading:
                started = time.perf_counter()
                assert len(launch.queue()) == RUNS
                times.append(1e3 * (time.perf_counter() - started))
                reads += reading.call_count
        busy = 1e3 * (time.process_time() - busy) / LOOKS
        print(
            f"later looks: median {statistics.median(times):.1f} ms, {busy:.1f} ms of the processor's time each"
        )
        print(f"{reads} files read in {LOOKS} later looks")


def fill(count: int) -> None:
    """Makes the folders of runs that have finished."""
    from experiments import launch, paths
    from experiments.cifar10.config import LabConfig
    from experiments.launch.folder import write_json

    more = {"device": "cpu", "launcher": "local", "submitted": time.time()}
    for ticket in range(1, count + 1):
        request = launch.request_of(LabConfig("uniform", seed=ticket)) | more | {"ticket": ticket}
        home = Path(paths.runs_folder()) / f"uniform-s{ticket}-{ticket:05d}"
        home.mkdir(parents=True)
        write_json(home / "run.json", request)
        ended = {"state": "finished", "started": 1e9, "ended": 1e9 + ticket, "updated": 1e9 + ticket}
        write_json(home / "status.json", ended | {"epoch": 10, "step": 100, "message": "finished"})


if __name__ == "__main__":
    main()
