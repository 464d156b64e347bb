"""One bad file, a full disk, a worker that does not begin, a clock that jumped: everything else goes on."""

import os
import shutil
import subprocess
import sys
import threading
import time
from unittest import mock

import pytest
from lab_tools import small, until

from app.lab import permission
from app.lab import queue as page_queue
from experiments import files, launch, locks, paths, store
from experiments.launch import contents, local, processes, tickets
from experiments.launch.folder import existing
from experiments.launch.local import LocalLauncher
from experiments.recorder import FINISHED, Recorder
from tools.corrupt_files import FILES, WAYS, page_with_more_open, three_runs, went_on

pytestmark = pytest.mark.xdist_group("lab")


def enlist(**changes):
    """Returns the folder of a run in line whose worker nobody starts."""
    return LocalLauncher().enlist(launch.request_of(small(**changes)))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("file", FILES)
def test_one_bad_file_stops_nothing_else(lab, file, way):
    assert went_on(file, way, page=False) == ""


def test_the_page_shows_a_row_for_each_run_whose_file_is_bad(lab, monkeypatch):
    monkeypatch.setattr(permission, "visitor", lambda: None)
    damaged = {}
    for file in ("status.json", "run.json"):
        for way in WAYS:
            (victim, *_) = three_runs()
            path = existing(victim).path / file
            path.write_bytes(way(path.read_bytes()))
            damaged[victim] = f"{file} cannot be read"
    page = page_with_more_open(*damaged)
    assert not page.exception
    assert not page.error
    words = "\n".join(item.value.replace("\\", "") for item in (*page.markdown, *page.caption))
    unreadable = [run for run in launch.queue() if run.state == "unreadable"]
    assert words.count(":red-badge[unreadable]") == len(unreadable) == 6
    assert sum(words.count(said) for said in set(damaged.values())) == 6
    assert "Its configuration is of another version" in words


def test_a_run_whose_status_is_lost_can_be_resumed_and_one_whose_request_is_lost_only_deleted(lab):
    first, second, _ = three_runs()
    (existing(first).path / "status.json").write_text("")
    (existing(second).path / "run.json").unlink()
    assert launch.get(first).can == {"delete", "resume"}
    assert launch.get(second).can == {"delete"}
    with pytest.raises(ValueError, match=r"run\.json cannot be read: No such file"):
        launch.resume(second)


def test_a_living_worker_mends_a_bad_status(lab):
    from experiments.launch.worker import Report

    folder = enlist()
    report = Report(folder)
    report.say("preparing", started=5.0)
    (folder.path / "status.json").write_text("{")
    lock = locks.take(folder.lock)
    assert launch.get(folder.id).state == "running"
    report.say("epoch 1 of 2", epoch=1)
    assert folder.status() | {"updated": 0} == {
        "state": "running", "message": "epoch 1 of 2", "started": 5.0, "epoch": 1, "updated": 0
    }  # fmt: skip
    lock.release()


def test_a_lost_ticket_is_larger_than_every_one_before(lab):
    """Than those in the folders' names, those of resumed runs, and those of runs that only the store remembers."""
    folder = enlist()
    ticket = paths.runs_folder().parent / "ticket"
    ticket.unlink()
    assert tickets.next_ticket() == 2
    folder.write_request(folder.request() | {"ticket": 40})
    ticket.write_text("no number")
    assert tickets.next_ticket() == 41
    Recorder("uniform-s0-00070", lab, {}, {}).close(FINISHED)
    store.hide("uniform-s0-00070")
    ticket.write_text("")
    assert tickets.next_ticket() == 71
    ticket.write_text("3")
    assert tickets.next_ticket() == 41


def test_what_was_interrupted_while_it_was_made_or_deleted_is_not_seen_and_goes(lab):
    one, other, _ = three_runs()
    home = paths.runs_folder()
    (home / one).rename(home / f".gone-{one}")
    (home / ".new-uniform-s9-00099").mkdir()
    assert one not in {run.id for run in launch.queue()}
    launch.delete(other)
    assert not [path for path in home.iterdir() if path.name.startswith(".")]


def test_runs_that_have_ended_are_read_once_and_looked_at_without_the_lock(lab):
    folders = [existing(run) for run in three_runs()[:2]]
    launch.queue()
    with (
        mock.patch.object(contents, "_object", side_effect=contents._object) as reading,
        mock.patch.object(local, "launching", side_effect=local.launching) as locking,
    ):
        before = {run.id: run for run in launch.queue()}
        assert (reading.call_count, locking.call_count) == (0, 0)
        folders[0].write_status(message="another")
        reading.reset_mock()
        after = {run.id: run for run in launch.queue()}
        assert reading.call_count == 2
    assert after[folders[0].id].message == "another"
    assert after[folders[1].id] is before[folders[1].id]


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


def test_a_small_file_is_flushed_before_it_is_renamed_and_what_was_there_survives(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor, real=os.fsync: calls.append("flushed") or real(descriptor)
    )
    monkeypatch.setattr(os, "replace", lambda *two, real=os.replace: calls.append("renamed") or real(*two))
    path = tmp_path / "small"
    files.write_whole(path, "before")
    assert calls == ["flushed", "renamed"]

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"small cannot be written: No space left on device\.$"):
        files.write_whole(path, "after")
    assert [one.name for one in tmp_path.iterdir()] == ["small"]
    assert path.read_text() == "before"


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
