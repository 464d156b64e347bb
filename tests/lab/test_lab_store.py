"""The store is MLflow's: its tables have what is read here, and what a recorder writes can be read back."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest
from lab_tools import small, until

from experiments import launch, locks, paths, sqlite_file, store
from experiments.launch import processes
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
    for child in processes.children:
        assert child.wait() == 0
    with closing(sqlite3.connect(paths.database())) as db:
        assert db.execute("SELECT name FROM experiments WHERE name = 'cifar10'").fetchall() == [("cifar10",)]
    processes.children.clear()
    launch.prepare()
    assert processes.children == []


def written_and_read() -> None:
    """Asserts that the store takes a run and gives it back."""
    recorder = Recorder("one", paths.database().parent, {}, {})
    recorder.log(1, {"loss/cat": 0.5})
    recorder.close(FINISHED)
    assert [(run.id, run.status) for run in store.runs()] == [("one", "FINISHED")]
    assert store.curves(["one"])["one", "loss/cat"].values.tolist() == [0.5]


def test_a_creation_that_is_killed_leaves_a_store_that_can_be_used(tmp_path, monkeypatch):
    """Killed as soon as its tables are begun, then as soon as they are copied, then as soon as they are in place."""
    monkeypatch.setenv("MTL_DATA", str(tmp_path))
    aside = paths.database().with_name("mlflow.db.making")
    for begun in (lambda: aside.exists() and aside.stat().st_size, sqlite_file.whole(aside).exists):
        maker = subprocess.Popen([sys.executable, "-m", "experiments.new_store"], cwd=paths.ROOT)
        until(lambda begun=begun, maker=maker: begun() or maker.poll() is not None, "the store to be begun")
        maker.kill()
        maker.wait()
        assert store.ready() == paths.database().exists()  # it may have been quicker: never half a store
        assert store.runs() == []
    maker = subprocess.Popen([sys.executable, "-m", "experiments.new_store"], cwd=paths.ROOT)
    until(lambda: paths.database().exists() or maker.poll() is not None, "the store to be in place")
    maker.kill()
    maker.wait()
    assert store.ready()
    written_and_read()
    assert not list(paths.database().parent.glob("*.making*"))


def test_a_half_made_store_is_recognised_and_made_anew(lab):
    """What an interrupted creation in place leaves: some tables, no experiment, no run."""
    with closing(sqlite3.connect(paths.database())) as db, db:
        for table in ("tags", "params", "metrics", "latest_metrics", "runs", "experiments"):
            db.execute(f"DELETE FROM {table}")
        db.execute("DROP TABLE latest_metrics")
    assert store.half_made()
    assert not store.ready()
    assert store.runs() == []
    written_and_read()


def test_a_store_with_other_peoples_experiments_is_never_made_anew(lab):
    with closing(sqlite3.connect(paths.database())) as db, db:
        db.execute("UPDATE experiments SET name = 'mine' WHERE name = 'cifar10'")
    assert not store.half_made()
    written_and_read()
    with closing(sqlite3.connect(paths.database())) as db:
        assert db.execute("SELECT COUNT(*) FROM experiments WHERE name = 'mine'").fetchone() == (1,)


def test_a_finished_run_without_a_score_is_in_no_table(lab):
    """A run that ended its last epoch, and was resumed for nothing but its end in a store made anew."""
    tags = {store.CONFIG_TAG: small().to_json(), store.TITLE_TAG: "Uniform", store.DATA_TAG: "synthetic"}
    Recorder("one", lab, {}, tags).close(FINISHED)
    assert [run.status for run in store.runs()] == ["FINISHED"]
    assert store.tables() == []
