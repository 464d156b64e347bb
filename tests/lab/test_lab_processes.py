"""Several processes that torchrun starts train one run together."""

import subprocess
import sys

import numpy as np
import pytest
from lab_tools import SMALL, small, steps, wait_for

from experiments import launch, paths, store

pytestmark = pytest.mark.xdist_group("lab")

PER_EPOCH = 4


def test_two_processes_are_one_run(lab):
    """Each step is taken by both: a batch of 32 is 16 for each, and the numbers are written once.

    Without the `--` torchrun would take --m for an abbreviation of its own options.
    """
    config = small("rotograd", params={"m": 4}, width=2, batch=32, train_images=128, test_images=40)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    ran = subprocess.run(
        [*command, "-m", "--", "experiments.cifar10.train", *config.arguments()],
        cwd=paths.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    (run,) = launch.queue()
    wait_for(run.id)
    assert steps(run.id) == list(range(1, SMALL["epochs"] * PER_EPOCH + 1))
    assert steps(run.id, "f1/mean") == [PER_EPOCH, 2 * PER_EPOCH]
    found = store.curves([run.id])
    assert all(np.isfinite(curve.values).all() for curve in found.values())
    assert ran.stdout.count(f"Run {run.id}") == 1
