"""Deleting runs so that it can be interrupted, and on a full disk too: renaming a folder needs no room."""

import os
import shutil

from experiments import paths, store
from experiments.launch.folder import RunFolder

_GONE = ".gone-"
_UNFINISHED = ".new-"


def delete(folder: RunFolder) -> None:
    """Deletes a run's folder and its place in the store; the caller holds the launcher's lock.

    Raises StoreError where the store cannot be told; the run is gone from the queue all the same.
    """
    os.rename(folder.path, folder.path.with_name(_GONE + folder.id))
    try:
        sweep()
    except store.StoreError as error:
        raise store.StoreError(f"Run {folder.id} is deleted, but its curves stay for now: {error}") from error


def sweep() -> None:
    """Finishes deletions, and takes away what interrupted launches have left, and tells the store; the caller holds the
    launcher's lock.

    Raises StoreError where the store cannot be told; a later sweep does it then.
    """
    home = paths.runs_folder()
    for name in os.listdir(home) if home.is_dir() else ():
        if name.startswith(_UNFINISHED):
            shutil.rmtree(home / name)
        elif name.startswith(_GONE):
            _empty(name)
            store.hide(name.removeprefix(_GONE))
            (home / name).rmdir()


def _empty(name: str) -> None:
    for path in (paths.runs_folder() / name).iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
