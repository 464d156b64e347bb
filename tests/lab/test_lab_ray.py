"""The Ray launcher against a real Ray head on loopback, in a network namespace of its own."""

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from lab_tools import small

from experiments import launch
from experiments.launch.ray_jobs import RayLauncher, Unreachable

pytestmark = pytest.mark.xdist_group("lab")

HEAD = Path(__file__).with_name("ray_head.py")
TOOLS = """
import contextlib, os, sys
sys.path.insert(0, {tests!r}); sys.path.insert(0, {root!r})
os.environ["MTL_RAY_ADDRESS"] = ADDRESS
from experiments import launch, store
from experiments.launch.folder import existing
from lab_tools import small, steps, until, wait_for
"""
END = """
pid = existing(runs[2]).worker()
with contextlib.suppress(ProcessLookupError):
    pid and os.kill(pid, 9)
"""


def why_not() -> str:
    """Returns why no Ray head can be started here, "" where one can."""
    if importlib.util.find_spec("ray") is None:
        return "Ray is not installed: pip install -r requirements-ray.txt"
    if shutil.which("unshare") is None:
        return "this system has no network namespaces (unshare), and Ray is not started outside one"
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip()


def namespace() -> list[str]:
    """Returns the command that enters a new network namespace: as root, or as the root of an own user
    namespace.
    """
    plain = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    return ["unshare", "-n"] if plain.returncode == 0 else ["unshare", "-rn"]


class Head:
    """A test's hand inside the namespace."""

    def __init__(self, folder: str) -> None:
        self.process = subprocess.Popen(
            [*namespace(), sys.executable, str(HEAD), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started = json.loads(self.process.stdout.readline())
        assert started["ready"], started["said"]

    def do(self, code: str) -> object:
        """Returns what the code leaves in `result`."""
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def close(self) -> None:
        """Stops the head and leaves the namespace."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def head(lab):
    """Yields a running head whose jobs use this test's data folder."""
    folder = tempfile.mkdtemp(prefix="ray")  # short: Ray's sockets lie in it
    running = Head(folder)
    tests, root = str(HEAD.parent), str(HEAD.parents[2])
    running.do(TOOLS.format(tests=tests, root=root))
    yield running
    running.close()
    shutil.rmtree(folder, ignore_errors=True)


def test_without_a_cluster_the_sentence_says_where_it_was_looked_for(lab, monkeypatch):
    monkeypatch.setenv("MTL_RAY_ADDRESS", "http://127.0.0.1:8649")
    with pytest.raises(
        launch.Refused, match=r"No Ray cluster answers at http://127\.0\.0\.1:8649 .*ray start --head"
    ):
        launch.submit([small()])
    assert launch.queue() == []


@pytest.mark.parametrize("address", ["127.0.0.1:8649", "ray://127.0.0.1:8649", "http://127.0.0.1:8649/"])
def test_addresses_mean_the_job_server(address):
    assert RayLauncher(address).address == "http://127.0.0.1:8649"
    with pytest.raises(Unreachable):
        RayLauncher(address).submit([])


if REASON := why_not():

    @pytest.mark.parametrize("reason", [REASON])
    def test_the_cluster_is_not_tested_on_this_machine(reason):
        """Stands in the list of tests, with the reason as its name, where no Ray head can be started."""
        assert reason

else:

    def test_runs_are_jobs_of_the_cluster(head):
        """Launched together, spread, cancelled, lost with the cluster, resumed: one head for "
        "the whole story."""
        head.do(
            "runs = launch.submit([small('mgda_ub', epochs=1, seed=s) for s in (0, 1)] + [small(epochs=100)])"
        )
        head.do("wait_for(runs[0]); wait_for(runs[1])")
        assert head.do("result = [steps(run)[-1] for run in runs[:2]]") == [8, 8]
        head.do("a, b = (launch.get(run) for run in runs[:2])")
        assert head.do("result = max(a.started, b.started) < min(a.ended, b.ended)")  # a GPU each
        assert head.do("result = {launch.get(run).device for run in runs} == {'ray'}")
        assert head.do("result = store.runs()[0].status") == "FINISHED"
        head.do("until(lambda: steps(runs[2]), 'a first point')")
        assert head.do("launch.cancel(runs[2]); result = launch.get(runs[2]).state") == "cancelled"
        head.do("until(lambda: existing(runs[2]).worker() is None, 'its process to be gone')")
        head.do("launch.resume(runs[2])")
        head.do("until(lambda: len(steps(runs[2])) > 10 and launch.get(runs[2]).epoch, 'an epoch')")
        head.do("ray('stop', '--force')")
        head.do(END)  # what may have outlived its cluster
        head.do("until(lambda: existing(runs[2]).worker() is None, 'its process to be gone')")
        # all that is known is what the run last said
        assert head.do("result = launch.get(runs[2]).state") == "running"
        assert "No Ray cluster answers" in head.do("result = launch.trouble()")
