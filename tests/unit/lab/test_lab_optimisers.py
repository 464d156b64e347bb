"""A run's optimisers: what they log is what they use, and a first point does not wait for them."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from experiments.cifar10 import data
from experiments.cifar10.config import LabConfig
from experiments.cifar10.place import Place
from experiments.cifar10.train import Trainer

SIZES = {"train_images": 48, "test_images": 20, "batch": 16, "epochs": 2, "width": 2}
FIRST = f"""
import sys, torch
from experiments.cifar10 import data
from experiments.cifar10.config import LabConfig
from experiments.cifar10.place import find_place
from experiments.cifar10.train import Trainer
class Silent:
    def step(self, *numbers): pass
config = LabConfig(sys.argv[1], **{SIZES})
trainer = Trainer(config, find_place("cpu", "auto", 2), data.load("synthetic", 48, 20))
points = trainer.epoch(0, Silent())
assert "loss/cat" in next(points)
print(trainer.steps, "torch._dynamo" in sys.modules)
list(points)
print(trainer.steps)
"""


@pytest.mark.parametrize("method", ["uniform", "rotograd", "rotograd_v1", "d_grad"])
@pytest.mark.parametrize("schedule", ["cosine", "constant"])
def test_the_rates_of_a_step_are_those_it_is_taken_with(method, schedule):
    images = data.load("synthetic", 48, 20)
    params = {"lr_rot": 0.1, "rot_decay": 0.9} if method in ("rotograd", "d_grad") else {}
    config = LabConfig(method, params, schedule=schedule, **SIZES)
    trainer = Trainer(config, Place(torch.device("cpu"), "CPU", "float32"), images)
    optimisers = trainer.optimisers
    for step in range(5):
        trainer.backward(torch.arange(16), torch.Generator().manual_seed(step))
        optimisers.step(step)
        parts = optimisers.parts
        used = {"lr": parts["optimizer"], "lr_rot": parts.get("rotation_optimizer")}
        rates = {name: part.param_groups[0]["lr"] for name, part in used.items() if part is not None}
        assert optimisers.rates(step) == pytest.approx(rates, rel=1e-12)
    assert ("lr_rot" in rates) == (method in ("rotograd", "d_grad"))


def optimisers_of(**params):
    """Returns the optimisers of a RotoGrad run of six steps."""
    config = LabConfig("rotograd", params, **SIZES)
    return Trainer(
        config, Place(torch.device("cpu"), "CPU", "float32"), data.load("synthetic", 48, 20)
    ).optimisers


def test_the_leader_slows_down_faster_than_its_follower():
    optimisers = optimisers_of(rot_decay=0.99)
    rates = [optimisers.rates(step) for step in range(6)]
    ratios = [rate["lr_rot"] / rate["lr"] for rate in rates]
    assert ratios[0] == pytest.approx(5e-4 / 1e-3)
    assert all(later < earlier for earlier, later in itertools.pairwise(ratios))
    assert ratios[5] / ratios[0] == pytest.approx(0.1 ** (5 / 6) * 0.99**5)
    ends = optimisers_of().rates(6)  # the step after the last: the end of both
    assert ends["lr"] == pytest.approx(0.0, abs=1e-18)


def test_version_0_1_had_a_constant_rate_and_can_be_asked_for():
    rates = [optimisers_of(rot_final=1.0, rot_schedule="constant").rates(step)["lr_rot"] for step in range(6)]
    assert rates == [5e-4] * 6


def test_the_first_point_is_there_before_torch_loads_its_compiler():
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", FIRST, "rotograd"]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["1 False", "3"]
