"""A worker that does not begin, a lock that is held, a clock that jumped, a full disk: everything else goes on."""

import os
import shutil
import subprocess
import sys
import threading
import time

import pytest
from lab_tools import enlist, small, until

from app.lab import permission
from app.lab import queue as page_queue
from experiments import files, launch, locks, paths
from experiments.launch import local, processes
from experiments.launch.folder import existing
from tools.corrupt_files import page_with_more_open, three_runs

pytestmark = pytest.mark.xdist_group("lab")


@pytest.fixture
def stuck(lab, monkeypatch, tmp_path_factory):
    """Yields what lets a worker go on: each one stops before its first line, at a pipe nobody writes to."""
    home = tmp_path_factory.mktemp("site")
    os.mkfifo(home / "pipe")
    (home / "sitecustomize.py").write_text(f"open({str(home / 'pipe')!r}).read()")
    monkeypatch.setenv("PYTHONPATH", str(home))
    yield lambda: (home / "pipe").open("w").close()
    monkeypatch.delenv("PYTHONPATH")


def test_a_worker_that_is_slow_to_begin_holds_no_one_up(stuck):
    ids = []
    asking = threading.Thread(target=lambda: ids.extend(launch.submit([small(epochs=100)])))
    asking.start()
    until(lambda: processes.children, "a worker to be started")
    with local.launching():  # free, although the worker has not begun
        assert [run.state for run in launch.queue()] == ["queued"]
    assert len(processes.children) == 1  # and nobody else starts another
    stuck()
    asking.join()
    until(lambda: existing(ids[0]).worker(), "the worker to begin")
    launch.cancel(ids[0])


def test_a_worker_that_never_begins_is_ended_and_its_run_fails_with_a_sentence(stuck, monkeypatch):
    monkeypatch.setattr(processes, "PATIENCE", 0.0)
    (run,) = launch.submit([small()])
    failed = launch.get(run)
    assert (failed.state, failed.can) == ("failed", {"delete", "resume"})
    assert "Its worker did not begin within 0 s and was ended." in failed.message
    assert [child.poll() for child in processes.children] == [-9]


def test_a_run_that_cannot_be_started_says_why_and_the_others_are_listed(lab):
    folder = enlist()
    folder.write_request({**folder.request(), "attached": False})
    folder.log.mkdir()
    three_runs()
    said = {run.id: run for run in launch.queue()}
    assert len(said) == 4
    assert "Is a directory" in said[folder.id].message
    assert "Is a directory" in page_queue.standing(said[folder.id], {})


def test_whoever_holds_the_queue_for_too_long_is_named(lab, monkeypatch):
    three_runs()
    folder = enlist()
    folder.write_request({**folder.request(), "attached": False})
    hold = f"import sys; sys.path.insert(0, {str(paths.ROOT)!r}); from experiments.launch import local\n"
    hold += "with local.launching(): print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    monkeypatch.setattr(local, "_PATIENCE", 0.0)
    runs = {run.id: run for run in launch.queue()}
    assert f"is held by process {holder.pid} for more than 0 s" in runs[folder.id].message
    with pytest.raises(locks.Busy, match=f"is held by process {holder.pid}"):
        launch.delete(folder.id)
    holder.communicate()
    folder.write_request({**folder.request(), "attached": True})


def test_a_clock_that_jumped_gives_no_nonsense(lab):
    run, *_ = three_runs()
    folder = existing(run)
    folder.write_status(started=2e9, ended=2e9 - 34e6)
    assert page_queue.standing(launch.get(run), {}) == "— · synthetic"
    folder.write_status(started=None)
    assert page_queue.standing(launch.get(run), {}) == "— · synthetic"
    assert page_queue._clock(1e30) == "at an unknown time"
    lock = locks.take(folder.lock)
    files.write_whole(folder.path / "status.json", '{"state": "running", "updated": 4e9, "seconds_left": 5}')
    assert launch.get(run).eta is None
    files.write_whole(
        folder.path / "status.json", f'{{"state": "running", "updated": {time.time()}, "seconds_left": 5}}'
    )
    assert 0 <= launch.get(run).eta <= 5
    lock.release()
    folder.write_status(state="finished")


def test_a_finished_run_that_the_store_does_not_know_is_listed(lab, monkeypatch):
    monkeypatch.setattr(permission, "visitor", lambda: None)
    three_runs()
    paths.database().unlink()
    page = page_with_more_open()
    assert not page.exception
    assert not page.error
    assert any("60 s · synthetic" in caption.value for caption in page.caption)


FULL_DISK = """
import os, shutil, sys
home, kept = sys.argv[1:]
os.environ["MTL_DATA"] = home
from experiments import launch, paths, store
from experiments.launch.folder import existing
from experiments.recorder import FINISHED, Recorder
from tools.corrupt_files import opened, three_runs
from app.lab import permission
permission.visitor = lambda: None
paths.database().parent.mkdir()
shutil.copy(kept, paths.database())
finished, failed, running = three_runs()
for run in (finished, failed):
    Recorder(run, existing(run).path, {}, {}).close(FINISHED)
(existing(finished).path / "checkpoint-0001-0123456789abcdef.pt").write_bytes(b"x" * 200_000)
existing(running).write_status(state="running")
with open(os.path.join(home, "everything"), "wb", buffering=0) as file:
    size = 1 << 16
    while size:
        try:
            file.write(b"x" * size)
        except OSError:
            size //= 2
print(sorted(run.state for run in launch.queue()), [run.id for run in store.runs()] == [finished, failed])
print(repr(opened(finished, failed, running)))
launch.delete(finished)
print(sorted(run.state for run in launch.queue()), [run.id for run in store.runs()] == [failed])
"""


def namespace(home):
    """Returns the command that mounts a disk of four megabytes at `home` for what follows alone, or skips."""
    for unshare in (["unshare", "-m"], ["unshare", "-rm"]):
        mount = [*unshare, "sh", "-c", f'mount -t tmpfs -o size=4m tmpfs {home} && exec "$@"', "sh"]
        if (
            shutil.which("unshare")
            and subprocess.run([*mount, "true"], capture_output=True, check=False).returncode == 0
        ):
            return mount
    return pytest.skip("this system lets no one mount a small disk to fill")


def test_on_a_full_disk_the_page_opens_lists_and_deletes(tmp_path, empty_store):
    home = tmp_path / "disk"
    home.mkdir()
    command = [*namespace(home), sys.executable, "-c", FULL_DISK, str(home), str(empty_store)]
    ran = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == [
        "['failed', 'finished', 'interrupted'] True",
        "''",
        "['failed', 'interrupted'] True",
    ], ran.stderr
