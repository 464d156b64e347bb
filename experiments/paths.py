"""Where the lab keeps its data: `MTL_DATA`, else `data/` in a checkout, and the user's data folder where installed."""

import os
from pathlib import Path

from platformdirs import user_data_path

ROOT = Path(__file__).resolve().parents[1]  # the folder that the packages stand in
CHECKOUT = (ROOT / "pyproject.toml").is_file()  # and not one that pip has put them into


def data_folder() -> Path:
    """Returns the data folder, absolute; it need not exist yet. Raises OSError where nothing says which it is."""
    if chosen := os.environ.get("MTL_DATA"):
        return Path(chosen).absolute()
    if CHECKOUT:
        return ROOT / "data"
    try:
        return user_data_path("gradient-balancing-playground")
    except RuntimeError:
        raise OSError("There is no home folder for the lab's data: set MTL_DATA to a folder.") from None


def written(path: Path) -> Path:
    """Returns where a command writes a file that the sources hold: there in a checkout, else in the working folder."""
    return path if CHECKOUT else Path(path.name)


def made(folder: Path) -> Path:
    """Returns a folder of the data once it is there. Raises OSError, with a sentence, where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"The lab cannot keep its data in {data_folder()} ({error.strerror}): set MTL_DATA to a folder that can be "
            "written."
        ) from error
    return folder


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
