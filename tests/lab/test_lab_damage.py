"""One bad file, an interrupted launch or deletion: everything else goes on, and nothing is read twice."""

import os
from unittest import mock

import pytest
from lab_tools import enlist

from app.lab import permission
from app.lab import queue as page_queue
from experiments import files, launch, locks, paths, store
from experiments.launch import contents, local, tickets
from experiments.launch.folder import existing
from experiments.recorder import FINISHED, Recorder
from tools.corrupt_files import FILES, WAYS, page_with_more_open, three_runs, went_on

pytestmark = pytest.mark.xdist_group("lab")


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
    assert [run.id for run in page_queue.first_ones(launch.queue()) if run.state == "unreadable"] == [
        first,
        second,
    ]
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
