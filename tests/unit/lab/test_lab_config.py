"""A run's configuration: checked at birth, the same on the command line, in JSON and in a form."""

import dataclasses
import json
import os
import shlex
import subprocess
import sys

import pytest

from experiments import paths
from experiments.cifar10.cli import parse
from experiments.cifar10.config import FIELDS, LabConfig, lab_methods, method_params


def test_every_field_has_its_parameter_and_the_same_default():
    params = {param.name: param.default for param in FIELDS}
    fields = {
        f.name: f.default
        for f in dataclasses.fields(LabConfig)
        if f.name not in ("method", "params", "device")
    }
    assert params == fields


@pytest.mark.parametrize("method", lab_methods())
def test_every_method_has_a_configuration_that_its_command_makes_again(method):
    config = LabConfig(method, seed=3, width=8, augment=False, lr=0.02)
    words = shlex.split(config.command())
    assert words[:3] == ["python", "-m", "experiments.cifar10.train"]
    assert parse(words[3:]) == config
    assert LabConfig.from_json(config.to_json()) == config


def test_parameters_travel_through_the_command():
    config = LabConfig("rotograd", {"m": 64, "lr_rot": 0.01, "rot_init": "haar"}, epochs=7, device="cuda:1")
    assert parse(config.arguments()) == config
    assert "--m=64" in config.command()
    vector = LabConfig("uniform", {"task_weights": (0.5,) + (0.5 / 9,) * 9})
    assert parse(vector.arguments()) == vector


def test_compositions_are_methods_too():
    config = LabConfig("rotation+cagrad@features", {"m": 8, "c": 0.2}, width=4)
    assert parse(config.arguments()) == config
    assert config.resolved.transform == "rotation"


def test_networks_have_slower_rotations_and_dwa_a_window_of_an_epoch():
    assert LabConfig("rotograd").params["lr_rot"] == 5e-4
    assert LabConfig("rotograd").params["rot_optimizer"] == "adam"
    assert LabConfig("rotograd", {"lr_rot": 0.1}).params["lr_rot"] == 0.1
    assert LabConfig("dwa", train_images=640, batch=64).params["window"] == 10
    assert LabConfig("dwa", {"window": 3}).params["window"] == 3


OLD = {  # as version 0.1 wrote it
    "method": "rotograd", "data": "synthetic", "epochs": 2, "seed": 3, "width": 4, "device": "cpu",
    "params": {"lr_rot": 5e-4, "rot_decay": 1.0, "m": 8, "rot_optimizer": "sgd", "alignment": "paper",
               "rot_init": "identity", "burn_in": 0},
}  # fmt: skip


def test_a_configuration_of_version_0_1_is_what_it_was():
    config = LabConfig.restored(OLD)
    assert (config.params["rot_optimizer"], config.params["rot_final"]) == ("sgd", 1.0)
    assert config.params["rot_schedule"] == "constant"
    assert "rot_optimizer sgd" in config.title
    assert LabConfig.from_json(json.dumps(OLD)) == config
    assert LabConfig.from_json(config.to_json()) == config
    assert parse(config.arguments()) == dataclasses.replace(config, device="cpu")
    plain = LabConfig.restored({"method": "uniform", "params": {"task_weights": []}})
    assert plain == LabConfig("uniform")


def test_the_lab_s_own_parameters_are_those_of_transforms_that_learn_by_a_rate():
    for method in lab_methods():
        names = {param.name for param in method_params(method)}
        assert ("rot_final" in names) == ("rot_schedule" in names) == ("lr_rot" in names)
    with pytest.raises(ValueError, match="uniform has no parameter 'rot_final'"):
        LabConfig("uniform", {"rot_final": 0.5})
    with pytest.raises(ValueError, match="rot_final takes a number from"):
        LabConfig("rotograd", {"rot_final": 2.0})


def test_a_single_task_run_has_one_task():
    assert LabConfig("single_task", {"task": 7}).tasks == (7,)
    assert LabConfig("single_task", {"task": 7}).title == "Single task: horse"
    assert LabConfig("uniform").tasks == tuple(range(10))


def test_titles_name_what_was_changed_and_no_seed():
    assert LabConfig("rotograd", {"m": 64}, seed=1).title == LabConfig("rotograd", {"m": 64}, seed=2).title
    assert "m 64" in LabConfig("rotograd", {"m": 64}).title
    assert "(" not in LabConfig("pcgrad").title


WRONG = [
    ({"epochs": 0}, "LabConfig: epochs takes a whole number from 1 to 300, got 0."),
    ({"epochs": 2.5}, "epochs takes a whole number"),
    ({"batch": 2048}, "batch takes a whole number from 8 to 1024, got 2048"),
    ({"batch": 512, "train_images": 100}, "batch takes at most train_images = 100, got 512"),
    ({"method": "sgd"}, "method takes one of uniform,"),
    ({"method": None}, "method takes one of uniform,"),
    ({"data": "imagenet"}, "data takes one of synthetic, cifar10, got 'imagenet'"),
    ({"device": "cuda:0; rm"}, "device takes auto, cpu, mps, cuda or cuda:N"),
    ({"lr": float("nan")}, "lr takes a number from"),
    ({"augment": 1}, "augment takes True or False, got 1"),
    ({"params": {"m": 600}}, "m takes at most the feature's 512 dimensions"),
    ({"params": {"c": 1}}, "rotograd has no parameter 'c'"),
    ({"params": [1]}, "params takes a mapping"),
    ({"method": "single_task", "params": {"task": 10}}, "task takes a whole number from 0 to 9"),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_what_is_wrong_is_named(changes, sentence):
    with pytest.raises(ValueError, match="^[A-Za-z]") as caught:
        LabConfig(**changes)
    assert sentence in str(caught.value)


def test_json_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="no field 'epoch'"):
        LabConfig.from_json('{"epoch": 3}')


WORDS = [
    (["--epochs", "none"], "epochs takes a whole number from 1 to 300, got 'none'."),
    (["--epochs", "0"], "epochs takes a whole number from 1 to 300, got 0."),
    (["--augment", "maybe"], "augment takes true or false, got 'maybe'."),
    (["--batch", "512", "--train-images", "100"], "batch takes at most train_images = 100, got 512."),
    (["--rot-init", "none"], "rot_init takes one of identity, haar, got 'none'."),
]


@pytest.mark.parametrize(("words", "sentence"), WORDS)
def test_the_command_line_says_one_sentence_of_a_wrong_value(words, sentence, capsys):
    with pytest.raises(SystemExit, match="2"):
        parse(words)
    said = capsys.readouterr()
    assert (said.err, said.out) == (f"{sentence}\n", "")


@pytest.mark.parametrize("words", [["--no-such", "1"], ["--c", "1"]])
def test_the_command_line_knows_its_options_alone(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        parse(words)
    assert "unrecognized arguments" in capsys.readouterr().err


def test_a_wrong_argument_ends_the_program_before_anything_is_made(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "experiments.cifar10.train", *WORDS[1][0]],
        cwd=paths.ROOT, capture_output=True, text=True, check=False, env={**os.environ, "MTL_DATA": str(tmp_path)},
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "epochs takes a whole number from 1 to 300, got 0" in ran.stderr
    assert not list(tmp_path.iterdir())


def test_help_names_every_method_and_parameter(capsys):
    with pytest.raises(SystemExit, match="0"):
        parse(["--method", "rotograd", "--help"])
    said = capsys.readouterr().out
    for name in ("--lr-rot", "--m", "--train-images", "aligned_mtl_ub"):
        assert name in said


def test_no_parameter_of_a_method_hides_a_field():
    names = {param.name for param in FIELDS} | {"method", "params", "device"}
    for method in lab_methods():
        assert not names & {param.name for param in method_params(method)}
