"""The comparison as HTML, and runs put together by setting."""

import json

import numpy as np
import pytest

from app.lab.comparison_html import number, table_html
from app.lab.groups import SINGLE, groups
from app.lab.queue import first_ones, standing, summary
from experiments import store
from experiments.cifar10 import CLASSES
from experiments.cifar10.config import LabConfig
from experiments.comparison import Spread, tables
from experiments.launch import Run


def finished(method: str, seed: int, f1: float, **params: int) -> tuple:
    """Returns a finished run as the comparison takes it."""
    config = {"method": method, "params": params, "seed": seed, "width": 64, "epochs": 3, "device": "cpu"}
    tasks = [params["task"]] if method == "single_task" else range(10)
    return f"{method}{seed}", config, f"<{method}>", "CIFAR-10", {f"f1/{CLASSES[k]}": f1 for k in tasks}


SINGLES = [finished("single_task", 0, 0.5, task=k) for k in range(10)]


def test_from_five_seeds_on_the_papers_numbers_are_beside_ours_and_the_best_is_bold() -> None:
    runs = [finished("uniform", seed, 0.5 + 0.05 * (seed > 2)) for seed in range(5)]
    runs += [finished("rotograd", seed, 0.6, m=-1) for seed in range(5)]
    (table,) = tables([*SINGLES, *runs, finished("famo", 0, 0.95)])
    html = table_html(table)
    assert "&lt;uniform&gt;" in html
    assert "0.00 ± 5.48" in html
    assert "<b>20.00 ± 0.00</b>" in html
    assert html.count("<b>") == 3  # FAMO's one seed has no rank
    assert "4.48 ± 0.99" in html
    assert "90.00" in html
    assert html.count('class="printed">–') == 3  # nor does the paper have FAMO


def test_one_seed_shows_no_paper_and_no_best() -> None:
    (table,) = tables([*SINGLES, finished("uniform", 0, 0.5), finished("rotograd", 0, 0.6, m=-1)])
    html = table_html(table)
    assert "20.00" in html
    assert "paper" not in html
    assert "4.48" not in html
    assert "<b>" not in html
    assert table.reach.startswith("One seed cannot rank: another seed")


def test_each_row_names_its_level_and_how_far_its_views_have_turned() -> None:
    still, turned = finished("rotograd", 0, 0.6, m=-1), finished("imtl_g_rk", 0, 0.6, m=-1)
    still[4].update({f"turned/{name}": 4e-6 for name in CLASSES})
    turned[4].update({f"turned/{name}": 0.25 for name in CLASSES})
    html = table_html(tables([*SINGLES, finished("pcgrad", 0, 0.5), still, turned])[0])
    assert html.count('<td class="word">features</td>') == 2
    assert '<td class="word">parameters</td>' in html
    assert "its rotations turned by at most 0.00001 rad: in effect RotoGrad scale only (m = 0)" in html
    assert html.count("its rotations") == 1
    assert "<td>4e−06</td>" in html
    assert "<td>0.250</td>" in html
    assert "turned" not in table_html(tables([finished("uniform", 0, 0.5)])[0])


def test_without_a_baseline_there_are_dashes() -> None:
    (table,) = tables([finished("uniform", 0, 0.5)])
    assert "<td>–</td>" in table_html(table)
    assert "missing: all ten" in table.note


def test_a_single_seed_has_no_deviation() -> None:
    assert number(Spread(-1.5, float("nan"))) == "−1.50"
    assert number(Spread(4.481, 0.99)) == "4.48 ± 0.99"


def stored(name: str, started: float, **config) -> store.StoredRun:
    """Returns a run as the store has it."""
    made = LabConfig(**config)
    tags = {store.CONFIG_TAG: made.to_json(), store.TITLE_TAG: made.title, store.DATA_TAG: "synthetic"}
    return store.StoredRun(name, name, "FINISHED", started, started + 1, {}, tags)


def test_runs_of_one_setting_are_one_group_and_the_newest_comes_first() -> None:
    runs = [
        stored("a", 1, method="single_task", params={"task": 0}),
        stored("b", 2, method="uniform"),
        stored("c", 3, method="rotograd", params={"m": 64}, seed=4),
        stored("d", 4, method="uniform", epochs=3, lr=0.01),
    ]
    found = groups(runs)
    assert [[run.id for run in group.runs] for group in found] == [["d"], ["a", "b", "c"]]
    assert found[1].titles == ("Uniform (vanilla)", "RotoGrad (m 64)", SINGLE)


def test_a_run_of_version_0_1_is_not_taken_for_one_of_today() -> None:
    """Its configuration names neither how its rotations' rate fell nor Adam, and its tag says RotoGrad too."""
    today = stored("today", 2, method="rotograd")
    config = json.loads(today.tags[store.CONFIG_TAG])
    config["params"] = {k: v for k, v in config["params"].items() if k not in ("rot_final", "rot_schedule")}
    config["params"]["rot_optimizer"] = "sgd"
    old = store.StoredRun(
        "old", "old", "FINISHED", 1, 2, {}, {**today.tags, store.CONFIG_TAG: json.dumps(config)}
    )
    (group,) = groups([old, today])
    assert group.titles == ("RotoGrad (rot_optimizer sgd, rot_final 1.0, rot_schedule constant)", "RotoGrad")
    assert [run.id for run in group.of("RotoGrad")] == ["today"]


def test_the_setting_is_named() -> None:
    found = groups([stored("d", 4, method="uniform", epochs=3, lr=0.01)])
    assert found[0].title.startswith("synthetic: width 64, 50,000 images, 3 epochs, batch 64, lr 0.01")


def test_a_run_that_shows_no_data_yet_is_in_no_group() -> None:
    run = stored("a", 1, method="uniform")
    assert groups([store.StoredRun("a", "a", "RUNNING", 1, None, {}, {store.CONFIG_TAG: "{}"})]) == []
    assert len(groups([run])) == 1


PLAIN = {"method": "rotograd", "params": {}, "width": 8}


def queued(place: int, state: str = "queued", **changes) -> Run:
    """Returns a run in the queue."""
    usual = {
        "id": f"r{place}", "state": state, "title": "RotoGrad", "method": "rotograd", "seed": 0, "device": "cpu",
        "config": PLAIN, "submitted": 0.0, "started": None, "ended": None, "place": place, "epoch": 0, "epochs": 3,
        "step": 0, "steps": 30, "eta": None, "message": "", "source": "synthetic",
    }  # fmt: skip
    return Run(**{**usual, **changes})


WORDS = [
    (queued(0, "running", message="epoch 1 of 3", eta=12.0), "epoch 1 of 3, 12 s left"),
    (queued(1), "next in line"),
    (queued(3), "3 runs before it"),
    (
        queued(0, "interrupted", started=1.0, epoch=2),
        "Its process was gone after epoch 2 of 3; Resume goes on",
    ),
    (queued(0, "interrupted", started=1.0), "Its process was gone in its first epoch"),
    (queued(0, "cancelled"), "before it began"),
    (queued(0, "failed", started=1.0, message="The disk is full."), "The disk is full."),
]


@pytest.mark.parametrize(("run", "words"), WORDS)
def test_how_a_run_stands_is_said_in_words(run: Run, words: str) -> None:
    assert standing(run, {}).startswith(words)


def test_a_finished_run_says_score_time_and_data() -> None:
    run = queued(0, "finished", started=10.0, ended=22.0)
    assert standing(run, {"f1/mean": 0.81234}) == "F1 0.812 · 12 s · synthetic"


def test_a_finished_run_whose_rotations_stood_still_says_so() -> None:
    config = {"params": {"m": 4}, "width": 8, "method": "rotograd"}
    run = queued(0, "finished", started=10.0, ended=22.0, config=config)
    still = {"f1/mean": 0.8, **{f"turned/{name}": 9e-6 for name in CLASSES}}
    words = "its rotations turned by at most 0.00001 rad: in effect RotoGrad scale only (m = 0)"
    assert standing(run, still) == f"F1 0.800 · 12 s · synthetic · {words}"
    assert "rotations" not in standing(run, {**still, "turned/cat": 0.1})


def test_a_long_queue_is_shown_in_part() -> None:
    runs = [
        queued(0, "running"),
        *(queued(i) for i in range(1, 60)),
        *(queued(0, "finished") for _ in range(9)),
    ]
    assert summary(runs) == "1 running, 59 queued, 9 finished"
    assert [run.state for run in first_ones(runs)].count("queued") == 4
    assert len(first_ones(runs)) == 10
    assert np.all([run in runs for run in first_ones(runs)])
