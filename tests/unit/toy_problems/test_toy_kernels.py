"""What a problem's kernels know beyond its loss: constants, success, pairs and the lowest point."""

import numpy as np
import pytest

from toy_problems import PROBLEMS, SOLVED
from toy_problems.problem import all_at_optimum, pair_excesses, succeeded, views_of

CASES = [
    (p, tasks, d) for p in PROBLEMS.values() for tasks in p.task_counts for d in p.dims if d in (2, 4, 6, 16)
]
WITH_PAIRS = [case for case in CASES if case[0].pair_excess is not None]


def named(value):
    return str(getattr(value, "key", value))


def balance_of(tasks):
    b = np.random.default_rng(tasks).uniform(0.2, 1.8, tasks)
    return b / b.mean()


def points_near(problem, tasks, d, count):
    """Returns points [count, N, d] of the picture, some of them near an optimum, if there is one."""
    rng, optima = np.random.default_rng(d), problem.optima(d, tasks)
    low, high = np.tile(np.array(problem.bounds), (d // 2, 1)).T
    points = rng.uniform(low, high, (count, problem.batch, d))
    if np.isfinite(optima).all():
        reach = 10.0 ** rng.uniform(-3, 0, (count // 2, 1, 1))
        points[::2] = optima[rng.integers(tasks, size=count // 2)][:, None] + reach * rng.normal(
            size=(count // 2, 1, d)
        )
    return points


def near_the_front(z, r):
    """The distance to a finely drawn front is below a twentieth."""
    front = PROBLEMS["landscape"].front(4001)
    return bool(np.linalg.norm(front - z[0], axis=-1).min() < 0.05)


def told_apart(z, r):
    """Each task puts more than 95 % of the points on their own side."""
    sides = np.sign(r[..., 0])
    labels = np.stack([PROBLEMS["opposite"].labels, -PROBLEMS["opposite"].labels])
    return bool(((sides == labels).mean(axis=-1) > 0.95).all())


PLAIN = {"landscape": near_the_front, "opposite": told_apart}


@pytest.mark.parametrize(("problem", "tasks", "d"), CASES, ids=named)
def test_constants_are_new_at_every_call_and_the_minima_are_one_a_task(problem, tasks, d):
    b = balance_of(tasks)
    (data, minima), (again, _) = problem.constants(b, d), problem.constants(b, d)
    assert data.size >= 1
    assert minima.shape == (tasks,)
    assert np.isfinite(data).all()
    assert np.isfinite(minima).all()
    assert not np.shares_memory(data, again)
    np.testing.assert_array_equal(problem.data(d, b), data)
    np.testing.assert_array_equal(problem.minima(d, tuple(b)), minima)
    np.testing.assert_allclose(minima, b * problem.minima(d, np.ones(tasks)), rtol=1e-14)


@pytest.mark.parametrize(("problem", "tasks", "d"), CASES, ids=named)
def test_success_is_the_plain_definitions(problem, tasks, d):
    """Of views that turn and shift, and of the feature itself: whichever the problem looks at."""
    b, count, rng = balance_of(tasks), 200, np.random.default_rng(0)
    z = points_near(problem, tasks, d, count)
    turned = np.linalg.qr(rng.normal(size=(count, tasks, d, d)))[0]
    matrices = np.where(rng.random((count, 1, 1, 1)) < 0.5, np.eye(d), turned)
    offsets = 0.3 * rng.normal(size=(count, tasks, d))
    if problem.key == "opposite":  # half of the clouds are the data, which both tasks can tell apart
        z[::2] = problem.points
        matrices[::2] = np.stack([np.eye(d), -np.eye(d)])
        offsets[::2] *= rng.random((count // 2, 1, 1)) < 0.5
    r = views_of(z, matrices, offsets)
    losses = np.stack([problem.formula(np, r[:, k], k, b) for k in range(tasks)], axis=-1)
    excess = np.maximum(losses - problem.minima(d, b), 0.0)
    excess[: count // 4] *= rng.uniform(0.0, 0.1, (count // 4, 1)) / np.maximum(excess[: count // 4], 1e-9)
    expected = [
        PLAIN[problem.key](*at) if problem.key in PLAIN else bool((e < SOLVED * b).all())
        for at, e in zip(zip(z, r, strict=True), excess, strict=True)
    ]
    assert problem.key in PLAIN or problem.solved is all_at_optimum
    np.testing.assert_array_equal(succeeded(problem, b, z, excess, matrices, offsets), expected)
    assert 0 < sum(expected) < count


@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
def test_success_keeps_the_axes_before_the_position(lead):
    problem, z = PROBLEMS["landscape"], np.full((*lead, 1, 2), [0.0, -8.3551])
    views = np.tile(np.eye(2), (*lead, 2, 1, 1)), np.zeros((*lead, 2, 2))
    found = succeeded(problem, (1.0, 1.0), z, np.ones((*lead, 2)), *views)
    assert found.shape == lead
    assert found.all()


@pytest.mark.parametrize(("problem", "tasks", "d"), WITH_PAIRS, ids=named)
def test_a_pairs_excess_is_the_loss_with_every_other_pair_at_its_optimum(problem, tasks, d):
    points, optima, even = points_near(problem, tasks, d, 20), problem.optima(d, tasks), np.ones(tasks)
    for k in range(tasks):
        found = pair_excesses(problem, points, k, tasks)
        assert found.shape == (20, d // 2)
        for pair in range(d // 2):
            alone = np.tile(optima[k], (20, problem.batch, 1))
            alone[..., 2 * pair : 2 * pair + 2] = points[..., 2 * pair : 2 * pair + 2]
            expected = problem.formula(np, alone, k, even) - problem.minima(d, even)[k]
            np.testing.assert_allclose(found[:, pair], expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("problem", [p for p in PROBLEMS.values() if p.pair_excess is None], ids=named)
def test_a_problem_without_pairs_says_so(problem):
    with pytest.raises(ValueError, match=f"the problem {problem.key} has no pairs"):
        pair_excesses(problem, np.zeros((1, problem.dims[0])), 0, 2)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=named)
def test_the_lowest_point_is_lower_than_all_around_it_where_it_is_known(problem):
    tasks, d = problem.task_counts[0], problem.dims[0]
    p, b = np.random.default_rng(1).dirichlet(np.ones(tasks)), balance_of(tasks)
    at = problem.lowest_point(p, b)
    assert (at is None) == (problem.weighted_optimum is None)
    if at is not None:
        near = at + np.random.default_rng(2).normal(size=(300, d)) * 10.0 ** np.linspace(-3, 0, 300)[:, None]
        total = sum(p[k] * problem.formula(np, np.vstack([at, near])[:, None], k, b) for k in range(tasks))
        assert (total[1:] >= total[0] - 1e-12).all()
