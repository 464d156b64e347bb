"""The quick setting's measurement: its runs are of today's setting, and its tests are right."""

import numpy as np
import pytest
from scipy.stats import permutation_test

from experiments import paths
from experiments.cifar10 import study
from experiments.cifar10.parameters import FIELDS, QUICK, SIZES
from experiments.cifar10.quick_setting import (
    KEPT,
    METHODS,
    REFERENCE,
    against_reference,
    corrected,
    finding,
    kept_finding,
    main,
    read,
    results,
    sign_flip,
    table,
)  # fmt: skip

KNOWN = ", ".join(param.name for param in FIELDS)
MARKS = ("<!-- quick -->", "<!-- end -->")


def test_the_kept_runs_are_of_todays_quick_setting_and_of_ten_seeds():
    """A change of the setting or of a default asks for the measurement again."""
    found = results(read(KEPT, SIZES[QUICK]))
    assert {method: sorted(seeds) for method, seeds in found.items()} == {
        method: list(range(10)) for method in (REFERENCE, *METHODS)
    }


def test_the_documentation_shows_the_kept_runs():
    text = (paths.ROOT / "docs/lab.md").read_text(encoding="utf-8")
    shown = text.partition(MARKS[0])[2].partition(MARKS[1])[0]
    found = results(read(KEPT, SIZES[QUICK]))
    assert shown.strip() == "\n".join([*table(found, SIZES[QUICK]), "", kept_finding()])


@pytest.mark.parametrize("seed", range(4))
def test_the_sign_flip_test_is_scipys(seed):
    values = np.random.default_rng(seed).normal(0.4, 1.0, 8)
    peer = permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip(values) == pytest.approx(peer.pvalue)


def test_holm_corrects_for_the_number_of_tests():
    assert corrected({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_the_finding_names_what_is_beyond_chance():
    base = dict.fromkeys(range(10), 0.5)
    found = {
        "uniform": base, "rotograd": {s: 0.6 + s / 100 for s in base}, "mgda_ub": {s: 0.4 - s / 100 for s in base},
        "famo": {s: 0.5 + 0.01 * (-1) ** s for s in base},
    }  # fmt: skip
    assert finding(found).startswith(
        "Over 10 seeds RotoGrad scored better than uniform here and MGDA-UB worse; the remaining 1 of 3"
    )
    only = {"uniform": base, "famo": found["famo"]}
    assert finding(only).startswith("Over 10 seeds no method scored better than uniform here and none worse")
    assert against_reference(only)["famo"].mean() == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("program", "words", "sentence"),
    [
        (main, ["--set", "width=none"], "width takes a whole number from 1 to 128, got 'none'."),
        (main, ["--set", "augment=2"], "augment takes true or false, got '2'."),
        (main, ["--set", "wide=4"], f"--set takes FIELD=VALUE with one of {KNOWN}, got 'wide=4'."),
        (study.main, ["--batch", "7"], "batch takes a whole number from 8 to 1024, got 7."),
        (study.main, ["--augment", "perhaps"], "augment takes true or false, got 'perhaps'."),
        (study.main, ["--train-images", "20", "--batch", "64"], "batch takes at most train_images = 20, got 64."),
    ],
)  # fmt: skip
def test_a_wrong_value_ends_the_measurement_and_the_study_with_one_sentence(program, words, sentence, capsys):
    assert program(words) == 2
    said = capsys.readouterr()
    assert (said.err, said.out) == (f"{sentence}\n", "")
