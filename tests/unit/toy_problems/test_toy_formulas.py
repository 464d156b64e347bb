"""Each problem's analytic gradient, minima and front, against autograd and high precision."""

import mpmath
import numpy as np
import pytest
import torch

from toy_problems import PROBLEMS
from toy_problems.problems.landscape import (
    LANDSCAPE,
    MINIMUM,
    OPTIMUM_HEIGHT,
    front_distance,
    front_height,
    optimum_distance,
)
from toy_problems.problems.nonconvex import NONCONVEX

CASES = [(problem, d) for problem in PROBLEMS.values() for d in problem.dims if d in (2, 4, 6, 16)]
EVEN = (1.0, 1.0)
KINKS = {
    "landscape": [(0.0, 0.0), (3.0, 0.0), (-7.0, 0.0), (-5.0, -0.0), (-7.0 + 2 * np.tanh(1.0), 1.0)],
    "nonconvex": [(1.5, -1.5), (1.5 + 5e-4, -1.5 - 9.9e-4), (-1.5, 1.5), (1.5 + 1e-3, 1.5), (0.0, 0.0)],
    "avocado": [(1.5, 0.0), (-1.5, 0.0), (0.0, 0.0)],
    "opposite": [(0.0, 0.0), (800.0, 0.0), (-800.0, 1.0)],
}


def tasks_of(problem, even):
    """Yields (task, b) for every task of every number of tasks, with an even balance and with one drawn."""
    for tasks in problem.task_counts:
        b = np.random.default_rng(tasks).uniform(0.2, 1.8, tasks)
        balance = (1.0,) * tasks if even else tuple((b / b.mean()).tolist())
        yield from ((task, balance) for task in range(tasks))


def compiled(problem, r, task, b):
    gradient = np.full(r.shape, np.nan)
    return problem.kernel(r, task, problem.data(r.shape[1], b), gradient), gradient


def by_autograd(problem, r, task, b):
    point = torch.tensor(r, requires_grad=True)
    loss = problem.formula(torch, point, task, b)
    (gradient,) = torch.autograd.grad(loss, point)
    return loss.item(), gradient.numpy()


@pytest.mark.parametrize(("problem", "d"), CASES, ids=lambda value: getattr(value, "key", value))
@pytest.mark.parametrize("even", [True, False])
def test_the_gradient_is_the_derivative_of_the_formula(problem, d, even):
    rng = np.random.default_rng(d)
    low, high = np.tile(np.array(problem.bounds), (d // 2, 1)).T
    for task, b in tasks_of(problem, even):
        for _ in range(8):
            r = rng.uniform(low, high, (problem.batch, d))
            (loss, gradient), (expected, slope) = (
                compiled(problem, r, task, b),
                by_autograd(problem, r, task, b),
            )
            np.testing.assert_allclose(loss, expected, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(gradient, slope, rtol=1e-11, atol=1e-12)
            assert problem.formula(np, r, task, b) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("problem", "point"), [(PROBLEMS[key], point) for key, points in KINKS.items() for point in points]
)
@pytest.mark.parametrize("task", [0, 1])
def test_kinks_have_the_slope_that_is_defined_for_them(problem, point, task):
    r = np.tile(np.array(point), (problem.batch, 1))
    (loss, gradient), (expected, slope) = (
        compiled(problem, r, task, EVEN),
        by_autograd(problem, r, task, EVEN),
    )
    np.testing.assert_allclose(loss, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-9, atol=1e-12)


def test_at_the_landscapes_edge_both_branches_slopes_add_up():
    x = 2.0
    _, gradient = compiled(LANDSCAPE, np.array([[x, 0.0]]), 0, (2.0, 0.0))
    above = 0.5 * (np.log(abs((-x - 7.0) / 2.0)) + 6.0)
    below = -0.5 * (((7.0 - x) ** 2 + 6.4) / 10.0 - 20.0)
    assert gradient[0] == pytest.approx([0.0, above + below], rel=1e-14)


def test_the_nonconvex_quotient_is_the_sines_own_to_rounding_across_the_switch():
    for u in (0.0, 1e-9, 9.99e-4, 1.001e-3, 0.3):
        exact = (
            -6.0
            if u == 0.0
            else float(2 * (abs(mpmath.mpf(u)) - mpmath.sin(3 * mpmath.mpf(u)) / mpmath.mpf(u)))
        )
        loss, _ = compiled(NONCONVEX, np.array([[1.5 + u, 1.5 + u]]), 0, EVEN)
        assert loss == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize(("problem", "d"), [c for c in CASES if c[0].key != "opposite"])
@pytest.mark.parametrize("even", [True, False])
def test_the_stated_minimum_is_reached_at_the_stated_optimum_and_nowhere_undercut(problem, d, even):
    rng = np.random.default_rng(0)
    for task, b in tasks_of(problem, even):
        minima, optima = problem.minima(d, b), problem.optima(d, len(b))
        assert minima.shape == (len(b),)
        assert optima.shape == (len(b), d)
        assert problem.formula(np, optima[task][None], task, b) == pytest.approx(minima[task], abs=1e-12)
        near = optima[task] + rng.normal(0.0, 10.0 ** rng.uniform(-4, 0.3, (200, 1)), (200, d))
        assert (problem.formula(np, near[:, None], task, b) >= minima[task] - 1e-12).all()


def test_the_landscapes_facts():
    assert pytest.approx(-19.98943, abs=5e-6) == MINIMUM
    assert pytest.approx(-8.4345, abs=5e-5) == OPTIMUM_HEIGHT
    assert float(front_height(np.array(0.0))) == pytest.approx(-8.3551, abs=5e-5)
    np.testing.assert_allclose(LANDSCAPE.optima(2, 2), [[7.0, OPTIMUM_HEIGHT], [-7.0, OPTIMUM_HEIGHT]])


@mpmath.workdps(40)
def test_the_landscapes_minimum_is_exact_to_twelve_digits():
    def valley(y):
        return -mpmath.tanh(y / 2) * ((y + 8) ** 2 / 100 - 20)

    height = mpmath.findroot(lambda y: mpmath.diff(valley, y), -8.4)
    assert float(mpmath.mpf(OPTIMUM_HEIGHT) - height) == pytest.approx(0.0, abs=1e-12)
    assert float(mpmath.mpf(MINIMUM) - valley(height)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("key", ["landscape", "avocado"])
def test_on_the_front_the_two_gradients_are_opposite(key):
    problem = PROBLEMS[key]
    for point in problem.front(9)[1:-1]:
        gradients = [compiled(problem, point[None], task, EVEN)[1][0] for task in (0, 1)]
        units = [g / np.linalg.norm(g) for g in gradients]
        assert units[0] @ units[1] == pytest.approx(-1.0, abs=1e-12)


def test_distances_to_the_front_and_to_the_optimum():
    front = LANDSCAPE.front(20001)
    rng = np.random.default_rng(1)
    points = rng.uniform(-10, 10, (50, 2))
    nearest = np.linalg.norm(points[:, None] - front, axis=-1).min(axis=1)
    np.testing.assert_allclose(front_distance(points), nearest, atol=2e-6)
    assert optimum_distance(np.array([0.0, -8.3551])) == pytest.approx(0.0, abs=1e-4)
    assert optimum_distance(np.array([7.0, OPTIMUM_HEIGHT]), (1.5, 0.5)) == pytest.approx(3.5, abs=0.02)


def test_balance_scales_the_losses_and_success_does_not_see_it():
    problem = PROBLEMS["avocado"]
    r = np.array([[-1.5, 0.1]])
    uneven = (0.2, 1.8)
    assert problem.formula(np, r, 0, uneven) == pytest.approx(0.2 * problem.formula(np, r, 0, EVEN))
    excess = np.array([problem.formula(np, r, 0, uneven), 0.0])

    def solved(excess, b):
        return problem.solved(r, np.empty((0, 1, 2)), np.array(excess), np.array(b))

    assert solved(excess, uneven) == solved(excess / uneven, EVEN)
    assert solved([0.0099, 0.0], uneven)
    assert not solved([0.0101, 0.0], uneven)
