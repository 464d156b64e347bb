"""Six methods train in line, and everything they say of themselves can be read back."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from lab_tools import SMALL, small, steps, until, wait_for

from experiments import launch, paths, store
from experiments.cifar10 import CLASSES

pytestmark = pytest.mark.xdist_group("lab")

METHODS = ("uniform", "pcgrad", "mgda_ub", "nash_mtl", "aligned_mtl_ub", "rotograd")
PER_STEP = SMALL["train_images"] // 64


@pytest.fixture(scope="module")
def trained(tmp_path_factory, empty_store):
    """Yields the ids of six finished runs, launched at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTL_DATA", str(tmp_path_factory.mktemp("lab")))
        paths.database().parent.mkdir(parents=True)
        shutil.copy(empty_store, paths.database())
        ids = launch.submit([small(method, log_every=4) for method in METHODS])
        for run in ids:
            wait_for(run)
        yield ids


def test_every_method_has_every_curve(trained):
    for run in trained:
        found = store.curves([run])
        assert steps(run, "f1/mean") == [PER_STEP, 2 * PER_STEP]
        assert steps(run) == [1, *range(4, 2 * PER_STEP + 1, 4)]
        for name in CLASSES:
            for metric in ("loss", "f1", "test_loss", "cosine", "weight"):
                assert (run, f"{metric}/{name}") in found
        for metric in ("norm_ratio", "condition", "lr", "images_per_second", "memory_mb"):
            assert (run, metric) in found
        assert all(np.isfinite(curve.values).all() for curve in found.values())


def test_only_rotations_have_angles_and_their_own_rate(trained):
    found = store.curves(trained)
    turned = {run for run, metric in found if metric in ("lr_rot", "angle/cat")}
    assert turned == {trained[-1]}
    assert (np.diff(found[trained[-1], "angle/cat"].values) > 0).all()


def test_they_ran_one_after_the_other_in_the_order_of_launch(trained):
    runs = [launch.get(run) for run in trained]
    assert all(a.ended <= b.started for a, b in zip(runs, runs[1:], strict=False))


READ = """
import json
from experiments import paths
from mlflow.tracking import MlflowClient
client = MlflowClient(paths.database_uri())
experiment = client.get_experiment_by_name("cifar10")
kept = {}
for run in client.search_runs([experiment.experiment_id]):
    history = client.get_metric_history(run.info.run_id, "loss/cat")
    points = [(point.step, point.value) for point in history]
    kept[run.info.run_name] = [run.info.status, run.data.params["width"], run.data.tags["lab.data"], points]
print(json.dumps(kept))
"""


def test_mlflow_reads_what_it_holds(trained):
    """The store is MLflow's own: its client finds the runs, their parameters and their history."""
    read = subprocess.run(
        [sys.executable, "-c", READ], cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    kept = json.loads(read.stdout)
    assert set(kept) == set(trained)
    for run, (status, width, source, points) in kept.items():
        assert (status, width, source) == ("FINISHED", "8", "synthetic images (seed 0)")
        assert [tuple(point) for point in points] == list(zip(*map(list, _curve(run)), strict=True))


def _curve(run):
    curve = store.curves([run], ["loss/cat"])[run, "loss/cat"]
    return curve.steps.tolist(), curve.values.tolist()


def test_the_table_has_a_row_for_each_and_says_what_it_lacks(trained):
    (table,) = store.tables()
    assert [row.title for row in table.rows] == [launch.get(run).title for run in trained]
    assert table.source == "synthetic images (seed 0)"
    assert "missing: all ten" in table.note
    assert all(row.delta is None for row in table.rows)
    assert table.to_csv().count("\n") == 1 + len(METHODS)


def test_views_say_what_they_show(trained):
    for run in map(launch.get, trained):
        assert (run.progress, run.epoch, run.step) == (1.0, 2, 2 * PER_STEP)
        assert run.source == "synthetic images (seed 0)"
        assert run.can == {"delete"}


def test_single_task_runs_are_the_baseline(lab):
    """One network a task, then Delta_k is there; few images, so some baseline may be 0 and is then named."""
    tiny = {"train_images": 64, "test_images": 40, "epochs": 1}
    ids = launch.submit(
        [small("single_task", params={"task": k}, **tiny) for k in range(2)] + [small(**tiny)]
    )
    for run in ids:
        wait_for(run)
    assert set(store.latest()[ids[0]]) >= {"f1/airplane", "f1/mean"}
    assert "f1/cat" not in store.latest()[ids[0]]
    (table,) = store.tables()
    assert np.isfinite(table.baseline).tolist() == [True, True] + [False] * 8


def test_the_command_repeats_the_run_to_the_last_bit(lab):
    config = small("graddrop", epochs=1, seed=3, train_images=128, test_images=40)
    (first,) = launch.submit([config])
    wait_for(first)
    words = config.command().split()
    ran = subprocess.run(
        [sys.executable, *words[1:]], cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    second = next(run.id for run in launch.queue() if run.id != first)
    assert f"Run {second}" in ran.stdout
    assert "epoch 1 of 1" in ran.stderr
    same = [store.curves([run], ["loss/cat", "f1/mean", "cosine/dog"]) for run in (first, second)]
    for (_, metric), curve in same[0].items():
        assert curve.values.tolist() == same[1][second, metric].values.tolist()
    assert json.loads(store.runs()[0].tags["lab.config"]) == json.loads(config.to_json())


def test_a_run_in_a_terminal_waits_for_its_turn(lab):
    """Whoever came first goes first, wherever they came from."""
    (first,) = launch.submit([small(epochs=30)])
    until(lambda: steps(first), "a first point")
    ran = subprocess.Popen(
        [sys.executable, "-m", "experiments.cifar10.train", *small(epochs=1).arguments()],
        cwd=paths.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    second = str(until(lambda: next((r.id for r in launch.queue() if r.id != first), None), "the second run"))
    until(lambda: launch.get(second).state == "queued" and launch.get(second).place == 1, "it to be in line")
    launch.cancel(first)
    assert ran.communicate()[0].startswith(f"Run {second}")
    assert ran.returncode == 0
    wait_for(second)
