"""For every method: saved after an epoch, read from the disk by a new trainer, it goes on to the last bit."""

import json

import pytest
import torch

from experiments.cifar10 import checkpoint, data
from experiments.cifar10.config import LabConfig, lab_methods
from experiments.cifar10.place import Place
from experiments.cifar10.train import Trainer, train


class Said(list):
    """Keeps what a trainer says."""

    def say(self, message, **more):
        """Keeps a sentence."""
        self.append(message)

    def step(self, *numbers):
        """Keeps nothing."""


@pytest.fixture(autouse=True)
def one_thread():
    """So narrow a network is quickest on one thread, as `find_place` has it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def images():
    """Returns a handful of images."""
    return data.load("synthetic", 32, 20)


def numbers(trainer, epoch, said):
    """Returns everything an epoch logs, and its test."""
    logged = list(trainer.epoch(epoch, said))
    return [*logged, trainer.test()]


@pytest.mark.parametrize("method", lab_methods())
def test_a_resumed_trainer_goes_on_to_the_last_bit(method, images, tmp_path):
    sizes = {"train_images": 32, "test_images": 20, "batch": 16, "epochs": 2, "width": 2, "log_every": 1}
    config = LabConfig(method, **sizes)
    place, said = Place(torch.device("cpu"), "CPU", "float32"), Said()
    calm = Trainer(config, place, images)
    numbers(calm, 0, said)
    checkpoint.save(tmp_path, 1, calm.state())
    expected = numbers(calm, 1, said)
    resumed = Trainer(config, place, images)
    assert resumed.load(tmp_path, said) == 1
    assert numbers(resumed, 1, said) == expected
    assert said == ["going on after epoch 1"]


def test_a_checkpoint_of_version_0_1_goes_on_as_what_it_was(images, tmp_path):
    """It has a configuration without `rot_final`, two schedulers' states, and no word of where rotations began."""
    sizes = {"train_images": 32, "test_images": 20, "batch": 16, "epochs": 2, "width": 2, "log_every": 1}
    today = LabConfig("rotograd", {"rot_optimizer": "sgd", "rot_init": "haar"}, **sizes)
    old = json.loads(today.to_json())
    for name in ("rot_final", "rot_schedule"):
        del old["params"][name]
    config = LabConfig.restored(old)
    place, said = Place(torch.device("cpu"), "CPU", "float32"), Said()
    calm = Trainer(config, place, images)
    numbers(calm, 0, said)
    saved = calm.state() | {"config": json.dumps(old, indent=1), "schedule": {}, "rotation_schedule": {}}
    del saved["model"]["_extra_state"]["start"]
    checkpoint.save(tmp_path, 1, saved)
    expected = numbers(calm, 1, said)
    resumed = Trainer(config, place, images)
    assert resumed.load(tmp_path, said) == 1
    assert numbers(resumed, 1, said) == expected
    assert {point["lr_rot"] for point in expected[:-1]} == {5e-4}
    assert resumed.model.last.turned.tolist() == calm.model.last.turned.tolist()
    with pytest.raises(ValueError, match="made with another config: launch a new run"):
        Trainer(today, place, images).load(tmp_path, said)


def test_a_batch_that_processes_cannot_share_is_refused(tmp_path):
    config = LabConfig("uniform", train_images=32, test_images=20, batch=9, epochs=1, width=2)
    place = Place(torch.device("cpu"), "CPU", "float32", rank=0, world=2)
    with pytest.raises(ValueError, match="batch takes a multiple of the 2 processes, got 9"):
        train(config, place, tmp_path, None, Said())
