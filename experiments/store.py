"""What runs have written: MLflow's SQLite file, read by SQL because its own history API is 30 times slower.

The tables are MLflow's and not a public interface: everything that names one of them is in this module, and a
test holds their columns to what is used here. Reading opens the file read-only and loads neither MLflow nor
torch. Runs go by the lab's own run id, which MLflow keeps as the tag `lab.run`.
"""

import functools
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments import paths, sqlite_file
from experiments.sqlite_file import StoreError as StoreError

RUN_TAG, CONFIG_TAG, TITLE_TAG, DATA_TAG, EPOCH_TAG = (
    "lab.run",
    "lab.config",
    "lab.title",
    "lab.data",
    "lab.epoch",
)
EXPERIMENT = "cifar10"
SCORE = "f1/mean"  # what every tested epoch writes, whatever the method
# What this module reads of MLflow's schema.
COLUMNS: Mapping[str, frozenset[str]] = {
    "experiments": frozenset({"name"}),
    "runs": frozenset({"run_uuid", "status", "start_time", "end_time", "lifecycle_stage", "deleted_time"}),
    "tags": frozenset({"key", "value", "run_uuid"}),
    "params": frozenset({"key", "value", "run_uuid"}),
    "metrics": frozenset({"key", "value", "timestamp", "run_uuid", "step", "is_nan"}),
    "latest_metrics": frozenset({"key", "value", "timestamp", "run_uuid", "step", "is_nan"}),
}


@dataclass(frozen=True)
class StoredRun:
    """One run as MLflow holds it. started, ended: seconds since 1970, ended None while it runs."""

    id: str
    uuid: str
    status: str
    started: float
    ended: float | None
    params: Mapping[str, str]
    tags: Mapping[str, str]

    @property
    def config(self) -> dict[str, Any]:
        """Returns the run's configuration as plain values."""
        return json.loads(self.tags[CONFIG_TAG])

    @property
    def title(self) -> str:
        """Returns what a legend calls the run, by today's defaults: those of version 0.1 were others."""
        return _title(self.tags.get(CONFIG_TAG, "{}"), self.tags.get(TITLE_TAG, self.id))


@dataclass(frozen=True)
class Curve:
    """One metric of one run: steps int64 [P], strictly increasing, and values float64 [P]; NaN where it was
    NaN.
    """

    steps: np.ndarray
    values: np.ndarray


def runs() -> list[StoredRun]:
    """Returns every run that has begun, oldest first; none where there is no store yet."""
    with _reader() as db:
        if db is None:
            return []
        found = db.execute(
            "SELECT t.value, r.run_uuid, r.status, r.start_time, r.end_time FROM runs r JOIN tags t ON "
            "t.run_uuid = r.run_uuid AND t.key = ? WHERE r.lifecycle_stage = 'active' ORDER BY "
            "r.start_time, t.value",
            (RUN_TAG,),
        ).fetchall()
        params, tags = _texts(db, "params"), _texts(db, "tags")
    return [
        StoredRun(run, uuid, status, start / 1e3, end and end / 1e3, params.get(uuid, {}), tags[uuid])
        for run, uuid, status, start, end in found
    ]


@functools.lru_cache(4096)
def _title(config: str, otherwise: str) -> str:
    from experiments.cifar10.config import LabConfig

    try:
        return LabConfig.from_json(config).title
    except ValueError:  # of a version that knew more
        return otherwise


def curves(
    run_ids: Sequence[str], metrics: Sequence[str] | None = None, after_step: int = -1
) -> dict[tuple[str, str], Curve]:
    """Returns the points after a step of the named metrics (all if None), keyed by (run id, metric); one
    query.
    """
    marks = ",".join("?" * len(run_ids))
    query = (
        "SELECT t.value, m.key, m.step, CASE WHEN m.is_nan THEN NULL ELSE m.value END FROM tags t "
        "JOIN metrics m ON m.run_uuid = t.run_uuid "
        f"WHERE t.key = ? AND t.value IN ({marks}) AND m.step > ?"
    )
    values: list[Any] = [RUN_TAG, *run_ids, after_step]
    if metrics is not None:
        query += f" AND m.key IN ({','.join('?' * len(metrics))})"
        values += metrics
    with _reader() as db:
        rows = db.execute(query + " ORDER BY t.value, m.key, m.step", values).fetchall() if db else []
    points: dict[tuple[str, str], tuple[list[int], list[float]]] = {}
    for run, key, step, value in rows:
        steps, numbers = points.setdefault((run, key), ([], []))
        steps.append(step)
        numbers.append(np.nan if value is None else value)
    return {name: Curve(np.array(s, np.int64), np.array(v, np.float64)) for name, (s, v) in points.items()}


def latest(run_ids: Sequence[str] | None = None) -> dict[str, dict[str, float]]:
    """Returns the last value of every metric of each run (all runs if None), by run id."""
    query = (
        "SELECT t.value, m.key, CASE WHEN m.is_nan THEN NULL ELSE m.value END FROM tags t "
        "JOIN latest_metrics m ON m.run_uuid = t.run_uuid WHERE t.key = ?"
    )
    values = [RUN_TAG]
    if run_ids is not None:
        query += f" AND t.value IN ({','.join('?' * len(run_ids))})"
        values += run_ids
    with _reader() as db:
        rows = db.execute(query, values).fetchall() if db else []
    found: dict[str, dict[str, float]] = {}
    for run, key, value in rows:
        found.setdefault(run, {})[key] = np.nan if value is None else value
    return found


def tables() -> list[Any]:
    """Returns a comparison table for every setting in which runs have finished: see
    `experiments.comparison.Table`.
    """
    from experiments.comparison import tables as compare

    done = [run for run in runs() if run.status == "FINISHED" and CONFIG_TAG in run.tags]
    last = latest([run.id for run in done])
    # a store made anew lacks what went before
    scored = [run for run in done if SCORE in last.get(run.id, {})]
    return compare([(r.id, r.config, r.title, r.tags.get(DATA_TAG, ""), last[r.id]) for r in scored])


def rewind(run_uuid: str, step: int) -> int:
    """Deletes a run's points after `step`, so that a resumed run doubles none; returns how many went.

    Only the run's own recorder calls this, before its first point.
    """
    with sqlite_file.writing(paths.database()) as db:
        gone = db.execute("DELETE FROM metrics WHERE run_uuid = ? AND step > ?", (run_uuid, step)).rowcount
        if gone:
            db.execute("DELETE FROM latest_metrics WHERE run_uuid = ?", (run_uuid,))
            db.execute(
                "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
                "SELECT key, value, MAX(timestamp), step, is_nan, run_uuid FROM metrics m WHERE run_uuid = ? "
                "AND step = (SELECT MAX(step) FROM metrics n WHERE n.run_uuid = m.run_uuid AND "
                "n.key = m.key) GROUP BY key",
                (run_uuid,),
            )
    return gone


def mark_ended(run_id: str) -> None:
    """Says of a run whose process is gone that it was killed, if MLflow still shows it running."""
    _change(
        "status = 'KILLED', end_time = CAST(strftime('%s', 'now') AS INTEGER) * 1000",
        "status = 'RUNNING'",
        run_id,
    )


def hide(run_id: str) -> None:
    """Deletes a run as MLflow's own delete does: it can be brought back with MLflow until its garbage
    collection.
    """
    _change(
        "lifecycle_stage = 'deleted', deleted_time = CAST(strftime('%s', 'now') AS INTEGER) * 1000",
        "1",
        run_id,
    )


def _change(what: str, where: str, run_id: str) -> None:
    with _reader() as db:
        if db is None:
            return
    with sqlite_file.writing(paths.database()) as db:
        db.execute(
            f"UPDATE runs SET {what} WHERE {where} AND run_uuid IN (SELECT run_uuid FROM tags "
            "WHERE key = ? AND value = ?)",
            (RUN_TAG, run_id),
        )


def names() -> set[str]:
    """Returns the ids of all runs that were ever written, those deleted since included."""
    with _reader() as db:
        found = db.execute("SELECT value FROM tags WHERE key = ?", (RUN_TAG,)).fetchall() if db else []
    return {name for (name,) in found}


def ready() -> bool:
    """Returns whether the store is there and whole."""
    with _reader() as db:
        return db is not None


def half_made() -> bool:
    """Returns whether the file is what an interrupted creation leaves: no experiment of the lab's or of anyone
    else's, and no run.
    """
    path = paths.database()
    if not path.exists():
        return False
    with sqlite_file.reading(path) as db:
        return not (_complete(db) or _has(db, "runs") or _has(db, "experiments", "name <> 'Default'"))


@contextmanager
def _reader() -> Iterator[sqlite3.Connection | None]:
    """Yields a read-only connection, None where the store does not exist or is being made this moment.

    Raises StoreError where the file cannot be read.
    """
    path = paths.database()
    if not path.exists():
        yield None
        return
    with sqlite_file.reading(path) as db:
        yield db if _complete(db) else None


def _has(db: sqlite3.Connection, table: str, where: str = "1") -> bool:
    """Returns whether there is such a row, and the table it would be in."""
    known = db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    return bool(known) and bool(db.execute(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1").fetchone())


def _complete(db: sqlite3.Connection) -> bool:
    """Returns whether MLflow's tables are all there: the first recorder makes the experiment last."""
    return _has(db, "experiments", f"name = '{EXPERIMENT}'")


def _texts(db: sqlite3.Connection, table: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for uuid, key, value in db.execute(f"SELECT run_uuid, key, value FROM {table}"):
        found.setdefault(uuid, {})[key] = value
    return found
