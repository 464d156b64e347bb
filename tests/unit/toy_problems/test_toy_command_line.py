"""`python -m toy_problems`: options made of parameters, and one sentence for what is wrong."""

import pytest

from mtlcore.spec import Param
from toy_problems import PROBLEMS
from toy_problems.__main__ import config_of, main
from toy_problems.config import PREFERENCES, SHARED

OPTIONS = [
    (
        ["--steps", "12", "--lr", "1e-2", "--optimizer", "adam"],
        {"steps": 12, "lr": 0.01, "optimizer": "adam"},
    ),
    (["--starts", "1,2;-3,0.5"], {"starts": ((1.0, 2.0), (-3.0, 0.5))}),
    (["--starts", "paper"], {"starts": "spread"}),
    (["--preferences", "3,1"], {"preferences": (0.75, 0.25)}),
    (["--problem", "landscape", "--steps", "5"], {"problem": "landscape", "lr": 1e-3}),
]


@pytest.mark.parametrize(("words", "wanted"), OPTIONS)
def test_options_become_the_configuration(words, wanted):
    config, _ = config_of(words)
    assert {name: getattr(config, name) for name in wanted} == wanted


def test_a_parameter_of_the_method_is_an_option_and_a_vector_is_read():
    config, _ = config_of(["--method", "uniform", "--task_weights=0.5,1.5"])
    assert config.params["task_weights"] == (0.5, 1.5)


SENTENCES = [
    (["--lr", "fast"], "lr takes a number from 1e-06 to 10, got 'fast'."),
    (["--steps", "0"], "steps takes a whole number from 1 to 200000, got 0."),
    (["--d", "3"], "d takes 2, 4, 6, 8, 10, 12, 14, 16 on avocado, got 3."),
    (["--problem", "banana"], f"problem takes one of {', '.join(PROBLEMS)}, got 'banana'."),
    (["--starts", "1,x"], "starts takes \"spread\", \"random\" or up to 64 points of 2 finite numbers, got '1,x'."),
    (["--method", "rotograd", "--lr_rot", "-1"], "lr_rot takes a number from 0 to 10, got -1."),
    (["--preferences", "1,2,3"], "preferences takes 2 numbers, one a task, got 3: [0.16666666666666666, "
     "0.3333333333333333, 0.5]."),
]  # fmt: skip


@pytest.mark.parametrize(("words", "sentence"), SENTENCES)
def test_what_is_wrong_is_one_sentence_and_nothing_else(words, sentence, capsys):
    assert main(words) == 2
    said = capsys.readouterr()
    assert (said.err, said.out) == (f"{sentence}\n", "")


def test_every_parameter_says_in_the_help_what_it_takes(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    for param in (*SHARED, PREFERENCES):
        assert isinstance(param, Param)
        assert f"--{param.name} {param.kind.upper()}" in told
        assert (", ".join(param.choices) or param.range_in_words) in told
