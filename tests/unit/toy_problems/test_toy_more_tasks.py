"""Two to five tasks: where they are, what a configuration takes of them, and what a run, a sweep and a call read."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from mtlcore.diagnostics import DIAGNOSTICS, diagnose
from toy_problems import PROBLEMS, ToyConfig, pairs_solved, run, sweep, thresholds
from toy_problems.__main__ import config_of, main
from toy_problems.centres import RADIUS, angles, directions, on_circle
from toy_problems.problem import SOLVED

SEVERAL = [(key, tasks) for key, spec in PROBLEMS.items() for tasks in spec.task_counts]
BAD = [
    ({"tasks": 1}, "ToyConfig: tasks takes a whole number from 2 to 5, got 1"),
    ({"tasks": 6}, "ToyConfig: tasks takes a whole number from 2 to 5, got 6"),
    ({"tasks": 3, "problem": "landscape"}, "ToyConfig: tasks takes 2 on landscape, got 3"),
    ({"tasks": 2, "problem": "three"}, "ToyConfig: tasks takes 3 on three, got 2"),
    ({"d": 2, "problem": "three"}, "ToyConfig: d takes 4 on three, got 2"),
    (
        {"tasks": 3, "s": 0.3},
        "ToyConfig: s takes 0.5 where balance is given, and with more than two tasks, got 0.3",
    ),
    ({"s": 0.3, "balance": (1, 2)}, "ToyConfig: s takes 0.5 where balance is given"),
    ({"tasks": 3, "balance": (1.0, 2.0)}, "ToyConfig: balance takes 3 numbers, one a task, got 2: ["),
    (
        {"tasks": 3, "balance": (1.0, 0.0, 2.0)},
        "ToyConfig: balance takes one number a task, positive numbers",
    ),
    ({"balance": "1,2"}, "ToyConfig: balance takes one number a task, positive numbers"),
    ({"tasks": 3, "preferences": (0.5, 0.5)}, "ToyConfig: preferences takes 3 numbers, one a task, got 2"),
    ({"tasks": 3, "method": "single_task", "params": {"task": 3}}, "task"),
]


@pytest.mark.parametrize(("fields", "told"), BAD, ids=[str(fields) for fields, _ in BAD])
def test_what_does_not_suit_the_tasks_is_refused(fields, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        ToyConfig(**{"method": "uniform", **fields})


@pytest.mark.parametrize(("problem", "tasks"), SEVERAL)
def test_every_task_has_a_name_a_number_and_an_optimum_of_its_own(problem, tasks):
    config = ToyConfig(problem=problem, method="uniform", tasks=tasks, steps=1)
    assert len(set(config.task_names)) == len(config.task_names) == tasks
    assert config.scales == (1.0,) * tasks
    assert config.shares == pytest.approx([1.0 / tasks] * tasks)
    t = run(config)
    assert t.losses.shape == (1, 2, tasks)
    assert t.gram.shape == (1, 2, tasks, tasks)
    optima = config.problem_spec.optima(config.d, tasks)
    if np.isfinite(optima).all():
        assert len(np.unique(optima.round(6), axis=0)) == tasks


def test_a_problems_own_number_and_dimension_stand_unless_others_are_given():
    for key, problem in PROBLEMS.items():
        config = ToyConfig(problem=key, method="uniform")
        assert (config.tasks, config.d) == (problem.task_counts[0], problem.dims[0])
    assert replace(ToyConfig(method="uniform"), tasks=4).tasks == 4


@pytest.mark.parametrize("tasks", [3, 4, 5])
@pytest.mark.parametrize("problem", ["avocado", "nonconvex"])
def test_more_than_two_stand_evenly_on_a_circle_in_every_pair(problem, tasks):
    optima = PROBLEMS[problem].optima(4, tasks)
    k = np.arange(tasks)
    told = 1.5 * np.stack(
        [np.cos(np.pi + 2 * np.pi * k / tasks), np.sin(np.pi + 2 * np.pi * k / tasks)], axis=-1
    )
    np.testing.assert_allclose(optima, np.tile(told, (1, 2)), atol=1e-15)
    assert PROBLEMS[problem].front_of(tasks) is None


def test_two_tasks_stay_where_they_were():
    assert PROBLEMS["avocado"].optima(2, 2).tolist() == [[-1.5, 0.0], [1.5, 0.0]]
    assert PROBLEMS["nonconvex"].optima(2, 2).tolist() == [[1.5, 1.5], [-1.5, -1.5]]
    assert PROBLEMS["avocado"].front_of(2)(3).tolist() == [[-1.5, 0.0], [0.0, 0.0], [1.5, 0.0]]


@pytest.mark.parametrize("tasks", [2, 3, 4, 5])
def test_a_direction_in_words_is_the_nearest_of_eight(tasks):
    compass = {
        "right": (1, 0), "upper right": (1, 1), "top": (0, 1), "upper left": (-1, 1), "left": (-1, 0),
        "lower left": (-1, -1), "bottom": (0, -1), "lower right": (1, -1),
    }  # fmt: skip
    assert len(set(directions(tasks))) == tasks
    points = np.array([on_circle(task, tasks) for task in range(tasks)])
    for point, word in zip(points, directions(tasks), strict=True):
        assert np.hypot(*point) == pytest.approx(RADIUS)
        named = np.array(compass[word]) / np.hypot(*compass[word])
        assert point @ named / RADIUS >= np.cos(np.pi / 8) - 1e-12
    assert angles(tasks)[0] == np.pi


def test_balance_has_mean_one_and_s_is_the_same_for_two():
    assert ToyConfig(balance=(3, 1)).scales == (1.5, 0.5)
    assert ToyConfig(s=0.3).scales == (0.6, 1.4)
    assert ToyConfig(tasks=3, balance=(1.2, 0.9, 0.9)).scales == (1.2, 0.9, 0.9)
    assert np.mean(ToyConfig(tasks=5, balance=(1, 2, 3, 4, 5)).scales) == pytest.approx(1.0)
    for method in ("uniform", "rotograd", "famo"):
        one, other = (
            run(ToyConfig(method=method, steps=30, **said)) for said in ({"s": 0.3}, {"balance": (0.6, 1.4)})
        )
        np.testing.assert_array_equal(one.z, other.z)
        np.testing.assert_array_equal(one.losses, other.losses)


@pytest.mark.parametrize("problem", ["avocado", "nonconvex", "three"])
def test_the_balance_multiplies_the_losses_and_success_does_not_see_it(problem):
    even = ToyConfig(problem=problem, method="uniform", tasks=3, steps=1, seed=1)
    b = np.array([0.2, 1.0, 1.8])
    uneven = replace(even, balance=tuple(b))
    before, after = run(even), run(uneven)
    np.testing.assert_allclose(after.losses[0, 0], b * before.losses[0, 0], rtol=1e-14)
    np.testing.assert_allclose(after.excess[0, 0], b * before.excess[0, 0], rtol=1e-12)
    np.testing.assert_allclose(after.gradients[0, 0], b[:, None, None] * before.gradients[0, 0], rtol=1e-12)
    np.testing.assert_array_equal(after.at_optimum[:, 0], before.at_optimum[:, 0])
    np.testing.assert_allclose(thresholds(uneven.scales), b * SOLVED)
    solved, position = even.problem_spec.solved, (np.zeros((1, 2)), np.empty((0, 1, 2)))
    assert solved(*position, 0.99 * SOLVED * b, b)
    assert not solved(*position, SOLVED * np.array([0.1, 1.01, 0.1]) * b, b)


@pytest.mark.parametrize("tasks", [3, 4, 5])
def test_what_is_recorded_of_many_tasks_is_theirs(tasks):
    t = run(ToyConfig(tasks=tasks, d=6, method="uniform", steps=20, seed=2))
    rows = t.exact_gradients[0, :, :, 0]
    for at in (0, 20):
        told = diagnose(rows[at] @ rows[at].T)
        found = dict(zip(DIAGNOSTICS, t.diagnostics[0, at], strict=True))
        assert found == pytest.approx(told, rel=1e-6, abs=1e-7)
    alone = run(ToyConfig(tasks=tasks, method="single_task", params={"task": tasks - 1}))
    assert alone.at_optimum[0, -1].tolist() == [False] * (tasks - 1) + [True]


@pytest.mark.parametrize("tasks", [3, 5])
def test_pairs_of_dimensions_are_solved_by_all_tasks_or_not(tasks):
    t = run(ToyConfig(tasks=tasks, d=4, method="rotograd", seed=1))
    assert t.success[0, -1]
    assert pairs_solved(t)[0, -1].tolist() == [True, True]
    assert not pairs_solved(run(ToyConfig(tasks=tasks, d=4, method="uniform")))[0, -1].any()


@pytest.mark.parametrize("starts", ["spread", "random"])  # the drawn start lies among the optima
@pytest.mark.parametrize("method", ["imtl_g", "imtl_g_ub", "imtl"])
def test_imtl_g_stands_still_where_three_gradients_span_two_dimensions_and_says_why(method, starts):
    t = run(ToyConfig(tasks=3, method=method, starts=starts))
    np.testing.assert_allclose(t.z[:, -1], t.z[:, 0], atol=1e-9)
    rule = t.config.resolved.spec.rule_spec.title
    told = "stands still: no direction goes equally far along more gradients than the dimensions they span."
    assert t.standstill == f"{rule} {told}"


@pytest.mark.parametrize(
    "config",
    [
        ToyConfig(method="imtl_g", starts="spread"),
        ToyConfig(method="imtl_g", tasks=3, d=4, seed=1),
        ToyConfig(problem="three", method="imtl_g", starts="spread"),
        ToyConfig(method="mgda", tasks=3, starts="spread"),
        ToyConfig(method="imtl_g", starts=((0.0, 0.0),)),  # on the front nothing could move
    ],
    ids=str,
)
def test_who_moves_or_could_not_says_nothing(config):
    assert run(config).standstill == ""


def test_a_sweep_goes_over_the_number_of_tasks_and_over_balances():
    found = sweep(ToyConfig(method="uniform", steps=20), {"tasks": [2, 3, 5]}, [0, 1])
    assert found.excess.shape == (3, 2, 1, 5)
    assert np.isfinite(found.excess).sum(axis=-1).tolist() == [[[2]] * 2, [[3]] * 2, [[5]] * 2]
    three = run(ToyConfig(method="uniform", steps=20, tasks=3, seed=1))
    np.testing.assert_array_equal(found.excess[1, 1, :, :3], three.excess[:, -1])
    balances = [(1.0, 1.0, 1.0), (0.5, 1.0, 1.5)]
    over = sweep(ToyConfig(problem="three", method="uniform", steps=20), {"balance": balances})
    assert (over.excess[0] != over.excess[1]).all()


def test_on_an_axis_s_takes_the_place_of_the_bases_balance():
    base = ToyConfig(method="uniform", steps=20, balance=(1.8, 0.2))
    over = sweep(base, {"s": [0.3, 0.9]})
    np.testing.assert_allclose(over.excess[1], sweep(base, {"lr": [base.lr]}).excess[0], rtol=1e-12)
    assert (over.excess[0] != over.excess[1]).all()


def test_the_command_line_takes_tasks_and_balance(capsys):
    config, _ = config_of(
        ["--problem", "avocado", "--tasks", "3", "--balance", "1,2,3", "--preferences", "1,1,2"]
    )
    assert (config.tasks, config.scales, config.shares.tolist()) == (3, (0.5, 1.0, 1.5), [0.25, 0.25, 0.5])
    assert config_of(["--problem", "three"])[0].d == 4
    assert main(["--problem", "three", "--method", "uniform", "--steps", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tasks"], told["balance"]) == (3, [1.0, 1.0, 1.0])
    assert len(told["paths"][0]["excess"]) == 3
    assert main(["--tasks", "3", "--method", "uniform", "--steps", "3"]) == 0
    assert re.search(r"losses [\d.e+-]+, [\d.e+-]+ and [\d.e+-]+\.", capsys.readouterr().out)
    assert main(["--problem", "opposite", "--tasks", "3"]) == 2
    assert "tasks takes 2 on opposite, got 3" in capsys.readouterr().err
