"""Each sentence, from a real run that deserves it."""

import re
from dataclasses import replace

import numpy as np
import pytest

from app.sentences import optima_of, sentence
from toy_problems import Outcome, PathStatus, ToyConfig, Trajectory, pairs_solved, run

AVOCADO = {"problem": "avocado", "lr": 0.003, "steps": 400}
LANDSCAPE = {"problem": "landscape", "optimizer": "adam", "lr": 0.001, "steps": 35_000, "record_every": 100}


def told(**fields: object) -> str:
    return sentence(run(ToyConfig(**fields)))


def test_reaching_both_optima_names_the_step() -> None:
    trajectory = run(ToyConfig(method="rotograd", **AVOCADO))
    assert sentence(trajectory) == f"Reaches both optima at step {trajectory.solved_at[0]}."


def test_being_stuck_names_the_losses() -> None:
    trajectory = run(ToyConfig(method="uniform", **AVOCADO | {"steps": 2000}))
    first, second = trajectory.excess[0, -1]
    assert sentence(trajectory) == f"Stuck between: excess losses {first:.2f} and {second:.2f}."


def test_a_few_steps_are_still_on_their_way() -> None:
    assert re.fullmatch(
        r"Still on its way after 10 steps: excess losses [\d.]+ and [\d.]+\.",
        told(method="uniform", starts=((-3.0, 2.0),), **AVOCADO | {"steps": 10}),
    )


def test_one_task_may_be_left_behind() -> None:
    text = told(method="single_task", **AVOCADO | {"steps": 2000})
    assert text.startswith("Reaches the optimum of task 1 and leaves the other behind")


def test_divergence_names_the_step_and_the_rate_to_lower() -> None:
    trajectory = run(ToyConfig(method="uniform", **AVOCADO | {"lr": 5.0}))
    assert trajectory.status[0].outcome == Outcome.DIVERGED
    assert sentence(trajectory) == f"Diverged at step {trajectory.status[0].step}: lower the learning rate."
    turned = told(method="rotograd", **AVOCADO | {"lr": 5.0})
    assert turned.endswith("lower the learning rate or the rotation learning rate.")


def test_a_failed_solver_is_not_hidden() -> None:
    trajectory = run(ToyConfig(method="uniform", **AVOCADO))
    failed = replace(trajectory, status=(PathStatus(Outcome.SOLVER_FAILED, 7),))
    assert sentence(failed).startswith("Stopped at step 7: the rule found no answer there")


def test_slipping_away_is_not_reaching() -> None:
    trajectory = run(ToyConfig(method="rotograd", **AVOCADO))
    success = trajectory.success.copy()
    success[0, -1] = False
    step = int(trajectory.steps[success[0].argmax()])
    text = sentence(replace(trajectory, success=success))
    assert text.startswith(f"Touches both optima at step {step} and slips away again: excess losses 0.00 and")


def test_several_starts_are_counted() -> None:
    stuck = told(method="uniform", starts="spread", **AVOCADO)
    assert re.fullmatch(
        r"None of the 5 starts reaches both optima: mean excess losses [\d.]+ and [\d.]+\.", stuck
    )
    solved = told(method="rotograd", starts="spread", **AVOCADO)
    assert re.fullmatch(r"(All 5|\d of 5) starts reach(es)? both optima, the last at step \d+\.", solved)


def test_several_starts_mention_those_that_stopped() -> None:
    text = told(method="uniform", starts="spread", **AVOCADO | {"lr": 5.0})
    assert "5 stopped early, the first at step" in text


def test_more_dimensions_are_counted_in_pairs() -> None:
    trajectory = run(ToyConfig(method="rotograd", **AVOCADO, d=4))
    assert pairs_solved(trajectory)[:, -1].shape == (1, 2)
    text = sentence(trajectory)
    assert (
        text.endswith("; 2 of 2 pairs of dimensions solved.")
        if trajectory.success[0, -1]
        else "pairs" in text
    )


def test_the_landscape_is_told_by_its_front() -> None:
    trajectory = run(ToyConfig(method="aligned_mtl", starts="paper", **LANDSCAPE))
    assert sentence(trajectory) == "All 5 starts reach the Pareto front, all of them near the best mean loss."


def test_one_start_on_the_landscape() -> None:
    reached = told(method="aligned_mtl", starts=((0.0, 0.0),), **LANDSCAPE)
    assert re.fullmatch(r"Reaches the Pareto front at step [\d,]+, [\d.]+ from the best mean loss\.", reached)
    early = told(method="aligned_mtl", starts=((-8.5, 7.5),), **LANDSCAPE | {"steps": 100, "record_every": 1})
    assert early.startswith("Still on its way off the Pareto front after 100 steps")


def test_opposite_labels_are_told_by_their_accuracy() -> None:
    stuck = told(method="uniform", problem="opposite", optimizer="adam", lr=0.01, steps=1000)
    assert re.fullmatch(r"Does not serve both tasks: \d+ % and \d+ % of the points right in the end\.", stuck)
    solved = told(method="imtl_g_rk", problem="opposite", optimizer="adam", lr=0.01, steps=1000)
    assert solved.startswith(("Serves both tasks from step", "Does not serve both tasks"))
    several = told(method="uniform", problem="opposite", starts="spread", steps=10)
    assert several == "Serves both tasks from 0 of 5 starts."


@pytest.mark.parametrize("method", ["uniform", "rotograd"])
def test_a_sentence_is_one_plain_sentence(method: str) -> None:
    for seed in range(10):
        text = told(method=method, problem="nonconvex", seed=seed, steps=1000)
        assert text[0].isupper()
        assert text.endswith(".")
        assert "nan" not in text


def test_task_balance_does_not_hide_an_optimum() -> None:
    trajectory: Trajectory = run(ToyConfig(method="single_task", s=0.9, **AVOCADO | {"steps": 2000}))
    assert "task 1" in sentence(trajectory)
    assert np.isfinite(trajectory.excess).all()


def test_turned_views_can_end_at_both_optima_of_the_landscape():
    setting = {"optimizer": "adam", "lr": 1e-3, "steps": 35_000, "record_every": 35_000, "starts": "paper"}
    config = ToyConfig(problem="landscape", method="rotograd", **setting)
    assert sentence(run(config)).startswith("All 5 starts end at both optima")
    alone = ToyConfig(problem="landscape", method="rotograd", **setting | {"starts": ((0.0, 0.0),)})
    assert sentence(run(alone)).startswith("Ends at both optima")
    mean = ToyConfig(problem="landscape", method="aligned_mtl", **setting)
    assert "both optima" not in sentence(run(mean))


@pytest.mark.parametrize(
    ("done", "words"),
    [
        ([False, True], "the optimum of task 2"),
        ([True, False, True], "the optima of tasks 1 and 3"),
        ([True, True, False, True], "the optima of tasks 1, 2 and 4"),
    ],
)
def test_every_task_that_is_there_is_named(done: list[bool], words: str) -> None:
    assert optima_of(np.array(done)) == words
