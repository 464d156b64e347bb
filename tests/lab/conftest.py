"""A lab of its own for each test: real workers on synthetic images, in a data folder that is empty but for
MLflow's file.
"""

import shutil
from collections.abc import Iterator

import pytest

from experiments import launch, paths, store
from experiments.launch import processes
from experiments.launch.folder import ENDED
from experiments.recorder import KILLED, Recorder


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Yields a store that MLflow has made once for all tests, with one deleted run in it."""
    home = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTL_DATA", str(home))
        Recorder("first", home, {}, {}).close(KILLED)
        store.hide("first")
        yield paths.database()


@pytest.fixture
def lab(tmp_path, monkeypatch, empty_store) -> Iterator[object]:
    """Yields the data folder; afterwards every worker that the test has left is gone."""
    monkeypatch.setenv("MTL_DATA", str(tmp_path))
    for name in ("MTL_RAY_ADDRESS", "MTL_CLASSROOM", "MTL_LAUNCH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    paths.database().parent.mkdir(parents=True)
    shutil.copy(empty_store, paths.database())
    yield tmp_path
    _sweep()


def _sweep() -> None:
    """Ends what still runs: those in line first, so that none of them starts."""
    for run in sorted(launch.queue(), key=lambda run: -run.place):
        if run.state not in ENDED and run.device != "ray":
            launch.cancel(run.id)
    for child in processes.children:
        child.wait()
    processes.children.clear()
