"""Opens the store with MLflow, and makes it where there is none: `python -m experiments.new_store` does only that."""

import logging
import os
from pathlib import Path
from typing import Any

from experiments import locks, paths, sqlite_file, store

_PATIENCE = 300.0  # seconds another process may take to make it


def open_store() -> tuple[Any, str]:
    """Returns MLflow's client and the experiment's id, both made at the first start; one process at a time
    makes them.
    """
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    path = paths.database()
    paths.made(path.parent)
    with locks.exclusive(path.with_name("mlflow.lock"), _PATIENCE):
        from mlflow.tracking import MlflowClient

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        if not path.exists() or store.half_made():
            _make_store(path)
        _forget_what_was_aside(path)
        client = MlflowClient(paths.database_uri())
        return client, _experiment(client)


def _make_store(path: Path) -> None:
    """Makes a store aside and puts it in its place once it is whole: MLflow takes seconds and hundreds of
    changes to make one, and cannot go on where it was interrupted.
    """
    from mlflow.tracking import MlflowClient

    _forget_what_was_aside(path)
    aside = _aside(path)
    _experiment(MlflowClient(f"sqlite:///{aside}"))
    sqlite_file.put_in_place(aside, path)


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ".making")


def _forget_what_was_aside(path: Path) -> None:
    sqlite_file.forget(_aside(path))
    sqlite_file.forget(sqlite_file.whole(_aside(path)))


def _experiment(client: Any) -> str:
    """Returns the id of the lab's experiment, made where there is none."""
    found = client.get_experiment_by_name(store.EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    artifacts = (paths.database().parent / "artifacts").as_uri()
    return str(client.create_experiment(store.EXPERIMENT, artifact_location=artifacts))


if __name__ == "__main__":
    open_store()
