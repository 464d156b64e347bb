"""What a method learns moves at the lab's defaults; a rotation that stands still is noticed."""

import re
from pathlib import Path

import pytest
import torch

from experiments.cifar10.config import LabConfig
from experiments.cifar10.mechanisms import learning_methods, moved, trained
from mtlcore.registry import method_spec
from mtlcore.turning import STILL

ROOT = Path(__file__).parents[3]
SMALL = {"width": 2, "train_images": 160, "test_images": 20, "batch": 16, "epochs": 3, "augment": False}


@pytest.fixture(autouse=True)
def one_thread():
    """So narrow a network is quickest on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("method", learning_methods())
def test_what_a_method_learns_moves_at_its_defaults(method):
    found = moved(trained(LabConfig(method, **SMALL)).model)
    assert found
    if method_spec(method).rule_spec.idle_state:
        assert found.pop("rule") == 0.0
    assert all(value > STILL for value in found.values()), found


def test_nash_mtl_keeps_its_weights_where_it_is_asked_to():
    found = moved(trained(LabConfig("nash_mtl", {"update_every": 4}, **SMALL)).model)
    assert found["rule"] > STILL


def test_the_first_version_s_plain_steps_stood_still():
    """What the defaults were: RotoGrad by plain gradient steps, which is said of it now."""
    params = {"rot_optimizer": "sgd", "rot_final": 1.0, "rot_schedule": "constant"}
    model = trained(LabConfig("rotograd", params, **SMALL)).model
    assert model.last.turned.max() < STILL
    assert model.last.stillness.endswith("in effect RotoGrad scale only (m = 0)")


def test_every_experiment_is_among_these_tests():
    """A new experiment brings its own defaults: train it here too."""
    trainers = {path.parent.name for path in (ROOT / "experiments").glob("*/train.py")}
    assert trainers == {"cifar10"}


SNIPPETS = [
    (page, code)
    for page in ("README.md", "docs/bring_your_own_network.md")
    for code in re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.S | re.M)
    if "MultiTask" in code and "rotograd" in code
]


@pytest.mark.parametrize(("page", "code"), SNIPPETS, ids=[f"{p}-{i}" for i, (p, _) in enumerate(SNIPPETS)])
def test_the_rotations_of_the_documentation_s_networks_turn(page, code, capsys):
    names: dict = {"__name__": "__main__"}
    exec(compile(code, page, "exec"), names)
    assert names["model"].last.turned.min() > STILL
    assert names["model"].last.stillness == ""
