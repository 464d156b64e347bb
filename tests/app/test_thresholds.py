"""When a task is at its optimum is decided in one place: everything that says so agrees, at an uneven balance too."""

import json
from dataclasses import replace

import numpy as np
import pytest

from app.sentences import sentence
from app.stage.pack import Run, pack
from toy_problems import PROBLEMS, SOLVED, ToyConfig, Trajectory, pairs_solved, run, sweep, thresholds

UNEVEN = 0.9  # the first task counts nine times as much: excess losses of 0.09 and 0.01 are at their optimum


def guide(t: Trajectory) -> list[float] | None:
    payload = pack([Run("method", t)], PROBLEMS[t.config.problem])
    assert payload[8:9] == b"0"
    length = int.from_bytes(payload[9:13], "little")
    return json.loads(payload[13 : 13 + length])["guide"]


@pytest.fixture(scope="module")
def runs() -> list[Trajectory]:
    base = ToyConfig(method="rotograd", s=UNEVEN)
    return [run(replace(base, seed=seed)) for seed in range(6)]


def test_the_guide_the_pairs_and_success_agree_at_every_record(runs: list[Trajectory]) -> None:
    raw = replaced = 0
    for t in runs:
        under = (t.excess < guide(t)).all(axis=-1)
        np.testing.assert_array_equal(under, t.success)
        np.testing.assert_array_equal(pairs_solved(t)[..., 0], t.success)
        np.testing.assert_array_equal(t.at_optimum.all(axis=-1), t.success)
        raw += int((t.excess < SOLVED).all(axis=-1).sum())
        replaced += int(t.success.sum())
    assert raw != replaced  # the raw excess would say something else somewhere


def test_the_sentence_agrees_where_the_raw_excess_would_not(runs: list[Trajectory]) -> None:
    told = 0
    for t in runs:
        differs = t.success[0] & ~(t.excess[0] < SOLVED).all(axis=-1)
        for steps in np.flatnonzero(differs)[:2]:
            if steps == 0:
                continue
            short = run(replace(t.config, steps=int(steps)))
            told += 1
            assert sentence(short) == f"Reaches both optima at step {short.solved_at[0]}."
            assert sweep(short.config, {"lr": [short.config.lr]}).rate == 1.0
    assert told > 0


def test_beyond_the_front_is_at_both_optima_by_the_same_measure() -> None:
    t = run(ToyConfig(problem="landscape", method="uniform", s=UNEVEN, steps=1, starts=((0.0, 0.0),)))
    ends = "Ends at both optima, which no point of the unturned front can"
    at, off = np.full_like(t.excess, 0.008), np.full_like(t.excess, 0.02)
    at[..., 0], off[..., 0] = 0.08, 0.02
    assert sentence(replace(t, excess=at)).startswith(ends)
    assert not sentence(replace(t, excess=off)).startswith(ends)


def test_one_line_where_the_thresholds_are_equal_one_a_task_where_they_are_not() -> None:
    assert guide(run(ToyConfig(steps=1))) == [SOLVED]
    assert guide(run(ToyConfig(steps=1, s=UNEVEN))) == pytest.approx([1.8 * SOLVED, 0.2 * SOLVED])
    assert thresholds((2 * UNEVEN, 2 - 2 * UNEVEN)) == pytest.approx([1.8 * SOLVED, 0.2 * SOLVED])


@pytest.mark.parametrize("problem", ["landscape", "opposite"])
def test_no_line_where_success_asks_for_something_else(problem: str) -> None:
    assert guide(run(ToyConfig(problem=problem, method="uniform", steps=1))) is None
