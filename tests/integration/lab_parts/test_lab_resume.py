"""For every method: saved after an epoch, read from the disk by a new trainer, it goes on to the last bit."""

import pytest
import torch

from experiments.cifar10 import checkpoint, data
from experiments.cifar10.config import LabConfig, lab_methods
from experiments.cifar10.place import Place
from experiments.cifar10.train import Trainer


class Said(list):
    """Keeps what a trainer says."""

    def say(self, message, **more):
        """Keeps a sentence."""
        self.append(message)

    def step(self, *numbers):
        """Keeps nothing."""


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
