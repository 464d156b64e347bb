"""Where the lab keeps its data: one folder, `MTL_DATA` or `data/` beside the sources."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Returns the data folder, absolute; it need not exist yet."""
    return Path(os.environ.get("MTL_DATA") or ROOT / "data").absolute()


def runs_folder() -> Path:
    """Returns the folder that holds one folder for each run."""
    return data_folder() / "lab" / "runs"


def database() -> Path:
    """Returns the SQLite file that MLflow keeps runs, parameters, metrics and tags in."""
    return data_folder() / "lab" / "mlflow.db"


def database_uri() -> str:
    """Returns the database as MLflow's tracking URI, for `mlflow ui --backend-store-uri`."""
    return f"sqlite:///{database()}"


def ray_address() -> str:
    """Returns the Ray cluster that runs are launched on, "" for this machine."""
    return os.environ.get("MTL_RAY_ADDRESS", "")
