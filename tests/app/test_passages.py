"""What is said of a run at each of its steps is so at that step, and only the last of it tells the ending."""

import re

import numpy as np
import pytest

from app.passages import LOSSES, Passage, passages
from app.sentences import sentence
from mtlcore.registry import METHODS
from toy_problems import PROBLEMS, ToyConfig, Trajectory, pairs_solved, run
from toy_problems.problem import SOLVED, unscaled
from toy_problems.problems.landscape import front_distance, front_height

AVOCADO = {"problem": "avocado", "lr": 0.003, "steps": 400}
LANDSCAPE = {"problem": "landscape", "optimizer": "adam", "lr": 0.001, "steps": 35_000, "record_every": 100}


def texts_at(trajectory: Trajectory) -> list[str]:
    """Returns the text that holds at every record."""
    told = passages(trajectory)
    found = np.searchsorted([passage.step for passage in told], trajectory.steps, side="right") - 1
    return [told[i].text for i in found]


@pytest.fixture(scope="module")
def solved() -> Trajectory:
    return run(ToyConfig(method="rotograd", **AVOCADO))


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("starts", ["random", "paper"])
def test_the_first_holds_from_the_start_and_the_last_is_the_sentence(problem: str, starts: str) -> None:
    fields = dict(PROBLEMS[problem].defaults) | {"steps": 300, "record_every": 3, "starts": starts}
    if starts == "paper" and not PROBLEMS[problem].starts:
        fields["starts"] = ((1.0, 2.0), (-1.0, 0.5))
    trajectory = run(ToyConfig(problem=problem, method="uniform", **fields))
    told = passages(trajectory)
    steps = [passage.step for passage in told]
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    assert told[-1].text == sentence(trajectory)
    assert set(steps) <= set(trajectory.steps)


def test_an_ending_is_not_told_before_it_is_reached(solved: Trajectory) -> None:
    at, verdict = int(solved.solved_at[0]), sentence(solved)
    for step, text in zip(solved.steps, texts_at(solved), strict=True):
        assert (text == verdict) == (step >= at)
        assert (LOSSES in text) == (step < at)


def test_each_text_is_so_at_its_step() -> None:
    trajectory = run(ToyConfig(method="single_task", **AVOCADO | {"steps": 2000}))
    done = unscaled(trajectory.excess[0], (1.0, 1.0)) < SOLVED
    for text, (first, second), success in zip(
        texts_at(trajectory)[:-1], done, trajectory.success[0], strict=False
    ):
        assert text.startswith("At both optima") == success
        assert text.startswith("At the optimum of task 1 alone") == (first and not second)


def test_between_is_where_the_tasks_pull_against_each_other() -> None:
    trajectory = run(ToyConfig(method="uniform", **AVOCADO))
    cosine = trajectory.diagnostics[0, :, 0]
    texts = texts_at(trajectory)[:-1]
    assert {text.partition(":")[0] for text in texts} == {"On its way", "Between the optima"}
    for text, value in zip(texts, cosine[:-1], strict=True):
        assert value < 0 or not text.startswith("Between")
    assert (
        (cosine > -0.5).sum() < texts.index(next(text for text in texts if text.startswith("Between"))) < 100
    )


def test_above_the_front_is_above_it() -> None:
    trajectory = run(ToyConfig(method="aligned_mtl", starts=((0.0, 0.0),), **LANDSCAPE))
    theta = trajectory.z[0, :, 0]
    distance, seen = front_distance(theta), set()
    for text, point, away in zip(texts_at(trajectory)[:-1], theta, distance, strict=False):
        words = text.partition(":")[0]
        seen.add(words.partition(" since")[0])
        assert words.startswith("On the Pareto front") == (away < 0.05)
        if words == "Above the front":
            assert point[1] > front_height(point[0])
    assert seen == {"Above the front", "On the Pareto front"}


def test_several_starts_are_counted_as_they_arrive() -> None:
    trajectory = run(ToyConfig(method="aligned_mtl", starts="paper", **LANDSCAPE))
    counts = trajectory.success.sum(axis=0)
    assert len(set(counts)) > 3
    for text, count in zip(texts_at(trajectory)[:-1], counts, strict=False):
        told = re.match(r"(None|All|\d)", text)[1]
        assert {"None": 0, "All": 5}.get(told, told) in (int(count), str(count))
        assert ("so far" in text) == (count < 5)


def test_one_start_of_several_is_one() -> None:
    trajectory = run(ToyConfig(method="rotograd", starts="paper", **AVOCADO))
    texts = set(texts_at(trajectory)[:-1])
    assert "None of the 5 starts are at both optima so far." in texts
    assert all("1 of the 5 starts is at both optima" in text for text in texts if text.startswith("1 "))


def test_divergence_is_told_when_it_happens() -> None:
    trajectory = run(ToyConfig(method="uniform", **AVOCADO | {"lr": 0.6}))
    stopped = trajectory.status[0].step
    assert stopped > 1
    for step, text in zip(trajectory.steps, texts_at(trajectory), strict=True):
        assert text.startswith("Diverged") == (step >= stopped)


def test_turned_views_have_no_front_to_be_above_of() -> None:
    fields = LANDSCAPE | {"steps": 2_000}
    one = run(ToyConfig(method="rotograd", starts=((0.0, 0.0),), **fields))
    assert not any("front" in text for text in texts_at(one)[:-1])
    several = run(ToyConfig(method="rotograd", starts="paper", **fields))
    assert not any("front" in text for text in texts_at(several)[:-1])


def test_pairs_are_counted_as_they_are_solved() -> None:
    trajectory = run(ToyConfig(method="rotograd", params={"m": 2}, **AVOCADO, d=4, seed=3))
    pairs = pairs_solved(trajectory)
    assert pairs.shape == (1, 401, 2)
    assert pairs[0, -1].tolist() == [True, False]
    for text, count in zip(texts_at(trajectory)[:-1], pairs[0].sum(axis=-1), strict=False):
        assert f"; {count} of 2 pairs of dimensions solved" in text


@pytest.mark.parametrize("method", [key for key in METHODS if key != "adversarial"])
def test_a_noisy_run_is_no_flood_of_words(method: str) -> None:
    trajectory = run(ToyConfig(problem="nonconvex", method=method, lr=0.003, steps=800))
    told = passages(trajectory)
    assert all(isinstance(passage, Passage) and passage.text.endswith(".") for passage in told)
    assert len(told) < 60
