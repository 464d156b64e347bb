"""The lag: how far the network is behind an optimum that moves while views turn."""

import numpy as np
import pytest

from app.presets import PRESETS
from mtlcore.compiled.pointers import address
from toy_problems import PROBLEMS, ToyConfig, Trajectory, run
from toy_problems.compiled.signatures import LOSS_POINTER
from toy_problems.compiled.stage.lag import find_optimum

STEPS = {"avocado": 120, "nonconvex": 120, "three": 200}


def turning(problem: str, **fields) -> Trajectory:
    """Returns a run whose views turn."""
    return run(ToyConfig(problem, "rotograd", steps=STEPS[problem], seed=4, **fields))


def mean_loss(t: Trajectory, record: int, points: np.ndarray) -> np.ndarray:
    """Returns the mean of the losses of what the tasks see of points [n, d] at a record, by the problem's formula."""
    matrices, offsets, K = t.matrices[0, record], t.offsets[0, record], t.config.tasks
    seen = np.einsum("kij,nj->nki", matrices, points) + offsets
    formula = t.config.problem_spec.formula
    return np.mean([formula(np, seen[:, k, None, :], k, t.config.scales) for k in range(K)], axis=0)


def optimum(t: Trajectory, record: int) -> np.ndarray:
    """Returns the moving optimum at a record."""
    problem, config = t.config.problem_spec, t.config
    data, _ = problem.constants(np.array(config.scales), config.d)
    out = np.empty(config.d)
    optima = problem.known_optima(config.d, config.tasks)
    views = t.matrices[0, record].copy(), t.offsets[0, record].copy()
    find_optimum(address(problem.kernel, LOSS_POINTER), data, optima, *views, out)
    return out


def test_of_bowls_it_is_the_distance_to_the_mean_of_their_turned_centres():
    t = turning("three", balance=(0.5, 1.0, 1.5))
    centres = t.config.problem_spec.known_optima(4, 3)
    back = np.einsum("skji,kj->ski", t.matrices[0], centres)  # rotations: the transpose takes them back
    want = np.linalg.norm(t.z[0, :, 0] - np.average(back, axis=1, weights=t.config.scales), axis=-1)
    np.testing.assert_allclose(t.lag[0], want, atol=1e-5)  # a descent ends at steps of 1e-6


@pytest.mark.parametrize("problem", ["avocado", "nonconvex"])
@pytest.mark.parametrize("d", [2, 4])
@pytest.mark.parametrize("tasks", [2, 3])
def test_no_point_nearby_and_no_tasks_own_optimum_is_lower(problem, d, tasks):
    t = turning(problem, d=d, tasks=tasks)
    optima, random = t.config.problem_spec.known_optima(d, tasks), np.random.default_rng(0)
    for record in (0, len(t.steps) // 2, len(t.steps) - 1):
        best = optimum(t, record)
        back = np.einsum("kji,kj->ki", t.matrices[0, record], optima)
        around = best + random.normal(size=(400, d)) * random.choice([1e-3, 1e-2, 0.1], size=(400, 1))
        lowest = mean_loss(t, record, best[None])[0]
        assert lowest <= mean_loss(t, record, np.concatenate([around, back])).min() + 1e-7
        assert np.linalg.norm(t.z[0, record, 0] - best) == pytest.approx(t.lag[0, record], rel=1e-12)


def test_of_convex_tasks_no_point_anywhere_is_lower():
    t = turning("avocado")
    grid = np.stack(np.meshgrid(*[np.linspace(-4.0, 4.0, 81)] * 2), axis=-1).reshape(-1, 2)
    for record in range(0, len(t.steps), 20):
        assert mean_loss(t, record, optimum(t, record)[None])[0] <= mean_loss(t, record, grid).min()


def test_there_is_none_where_nothing_turns_or_nothing_is_lowest():
    assert run(ToyConfig("avocado", "uniform", steps=5)).lag is None
    assert run(ToyConfig("avocado", "rotograd", params={"m": 0}, steps=5)).lag is None
    assert run(ToyConfig("opposite", "rotograd", steps=5)).lag is None


def test_it_says_the_same_of_the_engine_that_reads_like_the_paper():
    config = ToyConfig("avocado", "rotograd", steps=40, seed=4)
    np.testing.assert_allclose(run(config, engine="reference").lag, run(config).lag, atol=1e-6)


def lag_of_preset(title: str) -> np.ndarray:
    """Returns the lag of RotoGrad in a preset, [T + 1]."""
    return run(PRESETS[title].view.config("rotograd")).lag[0]


def test_it_falls_to_zero_where_rotograd_finds_both_optima():
    lag = lag_of_preset("RotoGrad finds both optima")
    assert lag[0] > 0.5
    assert lag[-1] < 1e-4


def test_it_grows_and_stays_where_the_leader_is_too_quick_to_follow():
    slow = lag_of_preset("Quick enough, slow enough (lr_rot 0.03)")
    quick = lag_of_preset("Too quick to follow (lr_rot 0.3)")
    half = len(quick) // 2
    assert quick[: half // 2].min() < 0.2  # the network had nearly caught up,
    assert quick[half:].mean() > 1.0  # and lost it again
    assert slow[half:].max() < 0.01


def test_every_problem_says_where_its_tasks_are_lowest_or_nowhere():
    for problem in PROBLEMS.values():
        tasks, d = problem.task_counts[0], problem.dims[0]
        assert problem.known_optima(d, tasks).shape in [(tasks, d), (0, d)], problem.key
