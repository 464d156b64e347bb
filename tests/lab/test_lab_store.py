"""The store is MLflow's: its tables have what is read here, and what a recorder writes can be read back."""

import os
import signal
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from lab_tools import until

from experiments import launch, locks, paths, store
from experiments.launch import local
from experiments.recorder import FINISHED, Recorder

pytestmark = pytest.mark.xdist_group("lab")


def test_mlflow_still_has_the_columns_that_are_read(lab):
    with closing(sqlite3.connect(paths.database())) as db:
        for table, columns in store.COLUMNS.items():
            found = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
            assert columns <= found, table


def test_reading_cannot_write(lab):
    with store._reader() as db, pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("DELETE FROM runs")


def test_a_deleted_run_is_not_shown(lab):
    assert store.runs() == []


def test_what_is_logged_can_be_read_whatever_the_number(lab):
    recorder = Recorder("one", lab, {"lr": 0.1}, {store.CONFIG_TAG: '{"width": 8}', "more": "text"})
    recorder.log(1, {"loss/cat": 0.5, "nothing": float("nan")})
    recorder.log(3, {"loss/cat": -1e-300, "most": float("inf")})
    recorder.tag({store.DATA_TAG: "synthetic"})
    recorder.flush()
    (run,) = store.runs()
    assert (run.id, run.status, run.params["lr"], run.tags["more"]) == ("one", "RUNNING", "0.1", "text")
    assert run.config == {"width": 8}
    curve = store.curves(["one"], ["loss/cat"])["one", "loss/cat"]
    assert (curve.steps.tolist(), curve.values.tolist()) == ([1, 3], [0.5, -1e-300])
    assert np.isnan(store.curves(["one"])["one", "nothing"].values[0])
    assert store.curves(["one"])["one", "most"].values[0] > 1e300
    assert store.curves(["one"], after_step=1).keys() == {("one", "loss/cat"), ("one", "most")}
    assert store.curves(["two"]) == {}
    assert store.curves([]) == {}
    recorder.close(FINISHED)
    assert store.runs()[0].status == "FINISHED"
    assert store.runs()[0].ended >= store.runs()[0].started
    with closing(sqlite3.connect(paths.database())) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_trainer_that_is_gone_leaves_everything_it_sent(lab):
    """The recorder outlives its trainer, writes what came, and says that the run was killed."""
    trainer = os.fork()
    if trainer == 0:
        recorder = Recorder("one", lab, {}, {})
        recorder.flush()
        for step in range(1, 200):
            recorder.log(step, {"loss/cat": float(step)})
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(trainer, 0)
    until(lambda: locks.holder(lab / "recorder.lock") is None and store.runs()[0].status == "KILLED")
    assert store.curves(["one"])["one", "loss/cat"].steps.tolist() == list(range(1, 200))


def test_the_store_is_made_before_the_first_run(tmp_path, monkeypatch):
    """By as many lookers at once as there are; where it is there, nothing is started."""
    monkeypatch.setenv("MTL_DATA", str(tmp_path))
    for _ in range(2):
        launch.prepare()
    for child in local._children:
        assert child.wait() == 0
    with closing(sqlite3.connect(paths.database())) as db:
        assert db.execute("SELECT name FROM experiments WHERE name = 'cifar10'").fetchall() == [("cifar10",)]
    local._children.clear()
    launch.prepare()
    assert local._children == []
