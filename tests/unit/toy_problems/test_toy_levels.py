"""Level curves for a stage: the grid is the problem's formula, the levels its quantiles, polygons hold what is low."""

import numpy as np
import pytest

from mtlcore.compiled.pointers import address
from toy_problems import PROBLEMS
from toy_problems.compiled.signatures import LOSS_POINTER
from toy_problems.compiled.stage.levels import fill_levels, losses_at, spread_levels
from toy_problems.compiled.stage.quantile import quantile
from toy_problems.compiled.stage.rings import simplify, trace_rings

SIZE, REACH, CENTRE, HALF = 41, 1.6, (0.3, -0.2), 4.0
DRAWN = [key for key, problem in PROBLEMS.items() if problem.labels is None]
CASES = [(key, K) for key in DRAWN for K in PROBLEMS[key].task_counts]


def grid_of(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the coordinates of the grid's columns and of its rows."""
    unit = HALF * REACH * np.linspace(-1, 1, size)
    return CENTRE[0] + unit, CENTRE[1] + unit


def filled(key: str, tasks: int, shares: np.ndarray, b: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """Returns the kernel's grid of a problem's weighted loss."""
    problem = PROBLEMS[key]
    out, d = np.full((SIZE, SIZE), np.nan), problem.dims[-1]
    optima = np.ascontiguousarray(problem.optima(d, tasks), dtype=np.float64)
    loss = address(problem.kernel, LOSS_POINTER)
    fill_levels(loss, problem.data(d, b), shares, optima, *pair, *CENTRE, HALF, REACH, out)
    return out


def by_formula(key: str, tasks: int, shares: np.ndarray, b: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """Returns the same from the problem's plain definition: each task at its optimum but for the pair."""
    problem = PROBLEMS[key]
    points = np.stack(np.meshgrid(*grid_of(SIZE)), axis=-1)
    found = []
    for k in range(tasks):
        at = np.tile(problem.optima(problem.dims[-1], tasks)[k], (SIZE, SIZE, 1, 1))
        at[..., 0, list(pair)] = points
        found.append(problem.formula(np, at, k, b))
    return np.average(found, axis=0, weights=shares)


@pytest.mark.parametrize(("key", "tasks"), CASES)
def test_the_grid_is_the_weighted_loss_beside_the_optima(key, tasks):
    rng = np.random.default_rng(tasks)
    b, shares = rng.dirichlet(np.ones(tasks)) * tasks, rng.dirichlet(np.ones(tasks))
    pair = (0, 1) if PROBLEMS[key].dims[-1] == 2 else (3, 0)
    for chosen in (shares, *np.eye(tasks)):
        got, want = filled(key, tasks, chosen, b, pair), by_formula(key, tasks, chosen, b, pair)
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-12 * np.abs(want).max())


@pytest.mark.parametrize(("key", "tasks"), CASES)
def test_losses_at_points_are_the_formulas(key, tasks):
    problem, d = PROBLEMS[key], PROBLEMS[key].dims[0]
    points, b = np.random.default_rng(0).uniform(-3, 3, (7, d)), np.full(tasks, 1.0)
    out = np.full((7, tasks), np.nan)
    losses_at(address(problem.kernel, LOSS_POINTER), problem.data(d, b), points, out)
    want = np.stack([problem.formula(np, points[:, None], k, b) for k in range(tasks)], axis=-1)
    np.testing.assert_allclose(out, want, rtol=1e-11)


@pytest.mark.parametrize("rounded", [0, 1])
def test_levels_go_from_the_least_value_to_nearly_the_highest_within_the_panel(rounded):
    values = np.random.default_rng(1).normal(size=(SIZE, SIZE)) ** 2
    levels = np.full(8, np.nan)
    spread_levels(values, REACH, rounded, levels)
    within = np.abs(np.linspace(-REACH, REACH, SIZE)) <= 1
    highest = np.quantile(values[np.ix_(within, within)], 0.97)
    share = (np.arange(8) + 0.6) / 8
    want = values.min() + (highest - values.min()) * (share**2 if rounded else share)
    np.testing.assert_allclose(levels, want, rtol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 401])
def test_a_quantile_is_numpys(size):
    rng = np.random.default_rng(size)
    for values in (rng.normal(size=size), np.arange(size) * 1.0, rng.integers(0, 3, size) * 1.0):
        for share in (0.0, 0.25, 0.5, 0.75, 0.9, 0.97, 1.0):
            room = np.concatenate([values, [-9.0, 9.0]])  # what lies behind the first `size` is not looked at
            assert quantile(room, size, share) == pytest.approx(np.quantile(values, share), abs=1e-14)
            np.testing.assert_array_equal(np.sort(room[:size]), np.sort(values))


def traced(values: np.ndarray, levels: np.ndarray) -> list[list[np.ndarray]]:
    """Returns the polygons [P, 2] of every level."""
    points, lengths = np.full((2, 40_000), np.nan), np.zeros(4_000, dtype=np.int64)
    counts = np.full(len(levels), -1, dtype=np.int64)
    total = trace_rings(values, levels, *CENTRE, HALF, REACH, points, lengths, counts)
    assert total == lengths[: counts.sum()].sum()
    assert np.isfinite(points[:, :total]).all()
    assert np.isnan(points[:, total:]).all()
    rings = np.split(points[:, :total].T, np.cumsum(lengths[: counts.sum()])[:-1])
    ends = np.cumsum(counts)
    return [rings[end - count : end] for end, count in zip(ends, counts, strict=True)]


def inside(polygons: list[np.ndarray], points: np.ndarray) -> np.ndarray:
    """Returns which points [P, 2] lie within polygons, by the even-odd rule."""
    odd = np.zeros(len(points), dtype=bool)
    for ring in polygons:
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if y0 != y1:
                crosses = (y0 > points[:, 1]) != (y1 > points[:, 1])
                odd ^= crosses & (points[:, 0] < x0 + (points[:, 1] - y0) * (x1 - x0) / (y1 - y0))
    return odd


def area(ring: np.ndarray) -> float:
    """Returns the area of a polygon, positive where it goes round against the clock."""
    x, y = ring.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


@pytest.mark.parametrize("seed", range(8))
def test_polygons_hold_exactly_the_grid_points_that_are_low(seed):
    rng, size = np.random.default_rng(seed), 13  # rough: saddles, holes, and low values at the grid's edge
    low = rng.random((size, size)) < 0.2 + 0.08 * seed
    values = np.where(low, rng.uniform(0.0, 0.4, low.shape), rng.uniform(0.6, 1.0, low.shape))
    (polygons,) = traced(values, np.array([0.5]))
    points = np.stack(np.meshgrid(*grid_of(size)), axis=-1).reshape(-1, 2)
    inner = points - 1e-3 * HALF * np.sign(
        points - CENTRE
    )  # off the polygons that close at the grid's own edge
    np.testing.assert_array_equal(inside(polygons, inner).reshape(low.shape), low)


@pytest.mark.parametrize("seed", range(4))
def test_low_and_high_parts_fill_the_square_with_what_is_low_on_the_left(seed):
    values = np.random.default_rng(seed).random((9, 9))
    areas = [area(ring) for sign in (1, -1) for ring in traced(sign * values, np.array([sign * 0.75]))[0]]
    assert min(areas) < 0 < max(areas)  # islands, and holes in them
    assert sum(areas) == pytest.approx((2 * REACH * HALF) ** 2, rel=0.02)


def test_a_saddles_corners_belong_together_as_their_mean_says():
    for middle, parts in ((0.0, 1), (10.0, 2)):
        values = np.full((4, 4), 10.0)
        values[1, 1] = values[2, 2] = -10.0
        values[1, 2] = values[2, 1] = middle + 5.0
        (polygons,) = traced(values, np.array([0.0]))
        assert len(polygons) == parts


def test_polygons_lie_on_their_level():
    values = filled("nonconvex", 2, np.array([0.5, 0.5]), np.ones(2), (0, 1))
    levels = np.empty(8)
    spread_levels(values, REACH, 1, levels)
    x, y = grid_of(SIZE)
    for level, polygons in zip(levels, traced(values, levels), strict=True):
        ring = np.concatenate(polygons)
        ring = ring[(np.abs(ring - CENTRE) < 0.99 * REACH * HALF).all(axis=1)]
        i, j = ((ring - (x[0], y[0])) / (x[1] - x[0])).T
        fi, fj = np.floor(i).astype(int), np.floor(j).astype(int)
        u, v = i - fi, j - fj  # on a grid line one of them is 0: there the surface is linear
        corner = [values[fj + a, fi + c] for a in (0, 1) for c in (0, 1)]
        shares = [(1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u]
        found = sum(c * s for c, s in zip(corner, shares, strict=True))
        np.testing.assert_allclose(found, level, rtol=1e-9, atol=1e-9)


def test_simplifying_keeps_corners_and_drops_what_is_straight():
    side = np.linspace(-1, 1, 20)[:-1]
    one = np.ones(19)
    square = np.hstack([[side, -one], [one, side], [-side, one], [-one, -side]])
    ring = square.copy()
    left = simplify(ring, 76, 1e-6, np.empty(76, dtype=bool))
    assert left < 20
    kept = {tuple(point) for point in ring[:, :left].T.round(6)}
    assert {(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)} <= kept
    assert kept <= {tuple(point) for point in square.T.round(6)}


def test_buffers_that_are_too_small_are_told_and_not_overrun():
    values = np.random.default_rng(0).random((15, 15))
    levels, counts = np.array([0.3, 0.6]), np.zeros(2, dtype=np.int64)
    many = traced(values, levels)
    for room, rings in ((50, 500), (5_000, 3)):
        points, lengths = np.zeros((2, room)), np.zeros(rings, dtype=np.int64)
        total = trace_rings(values, levels, *CENTRE, HALF, REACH, points, lengths, counts)
        assert total == sum(len(ring) for polygons in many for ring in polygons)
        assert counts.tolist() == [len(polygons) for polygons in many]
        assert (total > room) or (counts.sum() > rings)
        assert lengths.sum() <= room
