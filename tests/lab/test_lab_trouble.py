"""What a night can bring: killed workers, full disks, damaged files, impatient people."""

import os
import resource
import signal
import subprocess
import sys

import pytest
from lab_tools import kill, small, steps, until, wait_for, worker_of

from experiments import launch, locks, paths, store
from experiments.cifar10 import checkpoint
from experiments.launch.folder import QUEUED, existing
from experiments.launch.local import LocalLauncher

pytestmark = pytest.mark.xdist_group("lab")

PER_EPOCH = 8


def submit(*configs):
    """Returns the ids of the launched runs."""
    return launch.submit(list(configs))


def checkpoints(run):
    """Returns a run's checkpoints, oldest first."""
    return sorted(existing(run).path.glob("checkpoint-*.pt"))


def all_curves(run):
    """Returns every curve of a run but those of time and memory, as lists."""
    left_out = ("images_per_second", "memory_mb")
    found = store.curves([run])
    return {m: (c.steps.tolist(), c.values.tolist()) for (_, m), c in found.items() if m not in left_out}


def enlist(config):
    """Returns a run in line whose worker the test starts itself."""
    return LocalLauncher().enlist(launch.request_of(config)).id


def start_worker(run, **more):
    """Returns a worker of the run, started by hand."""
    return subprocess.Popen([sys.executable, "-m", "experiments.launch.worker", run], cwd=paths.ROOT, **more)


def test_killed_in_the_middle_of_an_epoch_and_resumed_it_is_as_if_nothing_had_happened(lab):
    """RotoGrad has everything to lose: a rule with a memory, rotations, two optimisers."""
    config = small("rotograd", epochs=4, params={"m": 32})
    (calm,) = submit(config)
    wait_for(calm)
    (shaken,) = submit(config)
    until(
        lambda: len(steps(shaken)) > PER_EPOCH + 2 and checkpoints(shaken), "the second epoch to be under way"
    )
    kill(shaken)
    (seen,) = [run for run in launch.queue() if run.id == shaken]
    assert (seen.state, seen.can) == ("interrupted", {"resume", "delete"})
    launch.resume(shaken)
    wait_for(shaken)
    assert steps(shaken) == list(range(1, 4 * PER_EPOCH + 1))
    assert all_curves(shaken) == all_curves(calm)
    assert "going on after epoch" in launch.log_tail(shaken)
    assert [run.status for run in store.runs()] == ["FINISHED", "FINISHED"]


def test_what_was_written_after_the_last_checkpoint_is_taken_back(lab):
    (run,) = submit(small(epochs=3))
    until(lambda: checkpoints(run), "a checkpoint")
    kill(run)
    until(lambda: locks.holder(existing(run).path / "recorder.lock") is None, "the recorder to be done")
    (uuid,) = [one.uuid for one in store.runs()]
    assert store.rewind(uuid, PER_EPOCH - 2) > 0
    assert steps(run) == list(range(1, PER_EPOCH - 1))
    assert store.latest()[run]["loss/cat"] == store.curves([run])[run, "loss/cat"].values[-1]
    assert "f1/mean" not in store.latest()[run]
    assert store.rewind(uuid, PER_EPOCH - 2) == 0


def test_a_damaged_checkpoint_is_noticed_and_the_one_before_it_taken(lab):
    (run,) = submit(small(epochs=4))
    until(lambda: len(checkpoints(run)) == 2 and len(steps(run)) > 2 * PER_EPOCH, "two checkpoints")
    kill(run)
    *_, older, newest = checkpoints(run)
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    assert checkpoint.newest(existing(run).path).complaints == [
        f"{newest.name} is damaged: its content is not what was written."
    ]
    launch.resume(run)
    wait_for(run)
    assert f"{newest.name} is damaged" in launch.log_tail(run)
    assert steps(run) == list(range(1, 4 * PER_EPOCH + 1))
    assert older.name[:15] < newest.name[:15]


def test_without_an_intact_checkpoint_a_run_says_so_and_fails(lab):
    (run,) = submit(small(epochs=30))
    until(lambda: checkpoints(run), "a checkpoint")
    kill(run)
    for path in checkpoints(run):
        path.write_bytes(path.read_bytes()[:1000])
    launch.resume(run)
    assert "No checkpoint in" in wait_for(run, "failed").message
    assert [one.status for one in store.runs()] == ["FAILED"]


def test_a_full_disk_fails_the_run_with_a_sentence_and_keeps_what_was_saved(lab):
    """The size a file may have is limited to just below the checkpoint's: the write fails as on "
    "a full disk."""
    run = enlist(small(epochs=2, width=24))
    most = 10_000_000

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    with existing(run).log.open("wb") as log:
        worker = start_worker(run, preexec_fn=limited, stdout=log, stderr=log)
        worker.wait()
    failed = wait_for(run, "failed")
    assert "The checkpoint of epoch 1" in failed.message
    assert "make room, then resume" in failed.message
    assert not list(existing(run).path.glob("*.writing"))
    assert steps(run, "f1/mean") == [PER_EPOCH]
    launch.resume(run)
    wait_for(run)
    assert steps(run, "f1/mean") == [PER_EPOCH, 2 * PER_EPOCH]


def test_a_store_that_cannot_grow_fails_the_run_with_a_sentence(lab):
    run = enlist(small(epochs=30))
    most = paths.database().stat().st_size + 8192

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    with existing(run).log.open("wb") as log:
        start_worker(run, preexec_fn=limited, stdout=log, stderr=log).wait()
    assert "cannot be written to" in wait_for(run, "failed").message


def test_cancel_ends_a_run_at_work(lab):
    (run,) = submit(small(epochs=100))
    until(lambda: steps(run), "a first point")
    launch.cancel(run)
    assert existing(run).worker() is None
    assert launch.get(run).state == "cancelled"
    until(lambda: [one.status for one in store.runs()] == ["KILLED"], "the store to know")
    with pytest.raises(ValueError, match="has ended"):
        launch.cancel(run)


def test_cancel_ends_a_run_that_does_not_listen(lab):
    """A stopped process does not react to being asked."""
    (run,) = submit(small(epochs=100))
    until(lambda: steps(run), "a first point")
    os.kill(worker_of(run), signal.SIGSTOP)
    launch.cancel(run)
    assert existing(run).worker() is None
    assert launch.get(run).state == "cancelled"


def test_cancelled_while_in_line_it_never_begins_and_can_be_resumed(lab):
    first, second, third = submit(small(epochs=100), small(epochs=1), small(epochs=1))
    until(lambda: steps(first), "a first point")
    assert [launch.get(run).place for run in (first, second, third)] == [0, 1, 2]
    assert existing(third).worker() is None  # the next in line has a process, the one after it has none yet
    launch.cancel(second)
    launch.cancel(third)
    launch.cancel(first)
    assert [one.id for one in store.runs()] == [first]
    launch.resume(third)
    wait_for(third)
    assert launch.get(second).state == "cancelled"


def test_a_second_worker_of_a_run_steps_back(lab):
    (run,) = submit(small(epochs=30))
    until(lambda: steps(run), "a first point")
    worker = worker_of(run)
    second = start_worker(run, stderr=subprocess.PIPE, text=True)
    assert f"has a worker already (process {worker})" in second.communicate()[1]
    assert second.returncode == 3
    assert worker_of(run) == worker
    with pytest.raises(ValueError, match="cannot be resumed: it is running"):
        launch.resume(run)


def test_many_lookers_start_one_worker(lab):
    """Several web servers look at once after a reboot: each run gets one worker all the same."""
    (run,) = submit(small(epochs=2))
    until(lambda: launch.get(run).state == "running", "it to be at work")
    kill(run)
    launch.queue()
    launch.resume(run)
    look = [sys.executable, "-c", "from experiments import launch; launch.queue()"]
    for process in [subprocess.Popen(look, cwd=paths.ROOT) for _ in range(4)]:
        assert process.wait() == 0
    wait_for(run)
    assert "has a worker already" not in launch.log_tail(run)


def test_killing_the_server_ends_no_run(lab):
    code = (
        "from experiments import launch; from experiments.cifar10.config import LabConfig as C\n"
        "print(*launch.submit([C('uniform', width=8, train_images=512, test_images=200, "
        "epochs=2, log_every=1)] * 2), flush=True)\n"
        "import signal; signal.pause()"
    )
    server = subprocess.Popen([sys.executable, "-c", code], cwd=paths.ROOT, stdout=subprocess.PIPE, text=True)
    runs = server.stdout.readline().split()
    until(lambda: steps(runs[0]), "a first point")
    server.kill()
    server.communicate()
    for run in runs:
        wait_for(run)


def test_after_a_reboot_the_line_goes_on_and_the_one_at_work_is_interrupted(lab):
    first, second, third = submit(small(epochs=100), small(epochs=1), small(epochs=1))
    until(lambda: steps(first), "a first point")
    workers = [worker_of(second), worker_of(first)]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(existing(run).worker() for run in (first, second)), "all workers to be gone")
    assert existing(second).status()["state"] == QUEUED
    launch.queue()
    wait_for(second)
    wait_for(third)
    assert launch.get(first).state == "interrupted"
    assert {one.id: one.status for one in store.runs()}[first] == "KILLED"


def test_delete_takes_the_run_away_everywhere(lab):
    (run,) = submit(small(epochs=1))
    with pytest.raises(ValueError, match="cancel it first"):
        launch.delete(run)
    wait_for(run)
    launch.delete(run)
    assert launch.queue() == []
    assert store.runs() == []
    with pytest.raises(ValueError, match="There is no run"):
        launch.log_tail(run)
    (again,) = submit(small(epochs=1))
    assert again != run


@pytest.mark.parametrize("name", ["../../etc", "", "A", "a/b", None, "a" * 200])
def test_no_run_is_named_like_a_path(lab, name):
    with pytest.raises(ValueError, match="A run's id is made of"):
        launch.log_tail(name)


def test_data_that_changed_is_not_trained_on(lab):
    (run,) = submit(small(epochs=30))
    until(lambda: checkpoints(run), "a checkpoint")
    kill(run)
    launch.queue()
    folder = existing(run)
    request = folder.request()
    folder.write_request(request | {"config": request["config"] | {"data_seed": 1}})
    launch.resume(run)
    assert "was made with another config" in wait_for(run, "failed").message
