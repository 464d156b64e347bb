"""A path for a stage: the kernels' series, and what all paths of a picture share, against their plain definitions."""

import numpy as np
import pytest

from mtlcore.compiled.pointers import NOWHERE, address
from toy_problems import DIAGNOSTICS, Outcome, ToyConfig, Trajectory, pairs_solved, run
from toy_problems.compiled.signatures import PAIR_EXCESS_POINTER, SUCCESS_POINTER
from toy_problems.compiled.stage import columns as places
from toy_problems.compiled.stage.extent import compose, furthest, sane
from toy_problems.compiled.stage.path import tell, write_cloud
from toy_problems.compiled.stage.run import frame_count, run_path
from toy_problems.compiled.stage.series import any_view_turns, solved_from, write_frames
from toy_problems.plans import plan_of

TWO = ((0.5, -2.0), (-1.0, 2.0))
TURNING = {"lr_rot": 0.1}
CASES = {
    "solved": ({"method": "rotograd", "steps": 1_500, "starts": TWO, "params": TURNING}, (0, 1)),
    "noisy": ({"method": "rotograd", "steps": 50, "d": 4, "noise": 0.3, "params": TURNING}, (3, 0)),
    "one pair": ({"method": "rotograd", "steps": 400, "d": 4, "seed": 3, "params": {"m": 2}}, (0, 1)),
    "still": ({"method": "pcgrad", "steps": 61, "record_every": 7, "starts": TWO}, (0, 1)),
    "diverged": ({"method": "uniform", "lr": 0.6, "steps": 100, "starts": TWO}, (0, 1)),
    "three": ({"problem": "three", "method": "cagrad", "steps": 120}, (2, 3)),
    "batch": (
        {"problem": "opposite", "method": "rotograd", "steps": 40, "lr": 1e-3, "optimizer": "adam"},
        (0, 1),
    ),
    "landscape": (
        {"problem": "landscape", "method": "uniform", "steps": 900, "starts": "paper", "lr": 1e-3},
        (0, 1),
    ),
}


@pytest.fixture(scope="module", params=CASES)
def seen(request) -> tuple[Trajectory, tuple[int, int]]:
    """Returns a run, and the pair of dimensions in which it is drawn."""
    fields, pair = CASES[request.param]
    return run(ToyConfig(**({"problem": "avocado", "lr": 0.003} | fields))), pair


def begins(tasks: int) -> np.ndarray:
    """Returns where the groups of columns begin."""
    out = np.zeros(places.WIDTH + 1, dtype=np.int64)
    places.columns(tasks, out)
    return out


def series_of(t: Trajectory, pair: tuple[int, int], frames: int) -> np.ndarray:
    """Returns the kernels' series of every path, [S, F, C]."""
    out = np.full((len(t.z), min(frames, len(t.steps)), begins(t.config.tasks)[-1]), np.nan)
    for start, series in enumerate(out):
        where = t.config.record_every, t.config.steps, np.array(t.config.scales)
        write_frames(*t.path(start), *where, *pair, series)
        if t.lag is not None:
            series[:, begins(t.config.tasks)[places.LAG]] = t.lag[start, shown(t, frames)]
    return out


def shown(t: Trajectory, frames: int) -> np.ndarray:
    """Returns the records that frames show: evenly spread ones."""
    records = len(t.steps)
    spread = np.linspace(0, records - 1, min(records, frames))
    return np.floor(spread + 0.5 + 1e-9).astype(int)


def group(series: np.ndarray, tasks: int, name: int) -> np.ndarray:
    """Returns one group of columns, [S, F, width]."""
    at = begins(tasks)
    return series[..., at[name] : at[name + 1]]


@pytest.mark.parametrize("tasks", [2, 3, 5])
def test_groups_of_columns_lie_one_behind_the_other(tasks):
    widths = [1, 2, tasks, 2 * tasks, 2, 3, 6 * tasks, 2, 2, 1]
    np.testing.assert_array_equal(np.diff(begins(tasks)), widths)
    assert begins(tasks)[-1] == 13 + 9 * tasks


@pytest.mark.parametrize(("records", "frames"), [(5, 400), (401, 400), (1_001, 400), (35_001, 45), (3, 2)])
def test_frames_show_evenly_spread_records_with_both_ends(records, frames):
    count = min(records, frames)
    kept = np.array([places.record_of(f, count, records) for f in range(count)])
    assert (kept[0], kept[-1]) == (0, records - 1)
    assert (np.diff(kept) > 0).all()
    assert np.abs(kept - np.linspace(0, records - 1, count)).max() <= 0.5


@pytest.mark.parametrize("frames", [37, 5_000])
def test_a_series_holds_what_was_recorded(seen, frames):
    t, pair = seen
    series, at, K, dims = series_of(t, pair, frames), shown(t, frames), t.config.tasks, list(pair)

    def check(name: int, want: np.ndarray) -> None:
        got = group(series, K, name)
        np.testing.assert_allclose(got, want.reshape(got.shape), rtol=1e-9, atol=1e-12)

    np.testing.assert_array_equal(group(series, K, places.STEP)[..., 0], np.tile(t.steps[at], (len(t.z), 1)))
    check(places.Z, t.z[:, at].mean(axis=2)[..., dims])
    check(places.EXCESS, np.log10(np.maximum(t.excess[:, at], 1e-8)))
    check(places.LOSSES, t.losses[:, at, :2])
    check(places.GRADIENTS, t.gradients[:, at].sum(axis=3)[..., dims])
    check(places.UPDATE, t.update[:, at].sum(axis=2)[..., dims])
    assert np.isfinite(series).all()


def test_a_view_and_its_shift_say_what_a_task_sees_of_the_mean_point(seen):
    t, pair = seen
    at, K, dims = shown(t, 37), t.config.tasks, list(pair)
    view = group(series_of(t, pair, 37), K, places.VIEW).reshape(len(t.z), len(at), K, 6)
    z, r = t.z[:, at].mean(axis=2)[..., dims], t.r[:, at].mean(axis=3)[..., dims]
    blocks = view[..., :4].reshape(*view.shape[:3], 2, 2)
    np.testing.assert_array_equal(blocks, t.matrices[:, at][..., dims, :][..., dims])
    found = np.einsum("sfkij,sfj->sfki", blocks, z) + view[..., 4:]
    np.testing.assert_allclose(found, r, rtol=1e-9, atol=1e-12)


def test_curves_are_the_diagnostics_held_where_gradients_have_vanished(seen):
    t, pair = seen
    at, K = shown(t, 37), t.config.tasks
    norms = np.sqrt((t.exact_gradients**2).sum(axis=(-2, -1)))
    gone = ((t.excess / t.config.scales < 0.05) & (norms <= 1e-3 * norms[:, :1])).all(axis=-1)
    last = np.maximum.accumulate(np.where(gone, 0, np.arange(gone.shape[1])), axis=1)
    held = np.take_along_axis(t.diagnostics, last[..., None], axis=1)[:, at]
    angle, ratio, condition = (held[..., DIAGNOSTICS.index(n)] for n in ("cosine", "norm_ratio", "condition"))
    got, series = group(series_of(t, pair, 37), K, places.CURVES), series_of(t, pair, 37)
    np.testing.assert_array_equal(got[..., 0], angle)
    np.testing.assert_allclose(got[..., 1:], np.log10(np.stack([ratio, condition], -1)), atol=1e-12)
    np.testing.assert_array_equal(group(series, K, places.FLAGS), np.stack([gone, t.capped], -1)[:, at])


def test_gradients_vanish_in_one_case_and_a_condition_number_is_capped_in_another():
    t = run(ToyConfig(problem="avocado", lr=0.003, **CASES["solved"][0]))
    flags = group(series_of(t, (0, 1), 400), 2, places.FLAGS)
    assert 0.0 < flags[..., 0].mean() < 1.0  # else the test above says nothing about holding
    assert 0.0 < run(ToyConfig(problem="avocado", lr=0.003, **CASES["still"][0])).capped.mean() < 1.0


def test_whether_a_path_is_solved_and_since_when(seen):
    t, pair = seen
    problem, b = t.config.problem_spec, np.array(t.config.scales)
    paired = t.config.d > 2 and pair[0] % 2 == 0 and pair[1] == pair[0] + 1
    success = pairs_solved(t)[..., pair[0] // 2] if paired else t.success
    pairs = NOWHERE if problem.pair_excess is None else address(problem.pair_excess, PAIR_EXCESS_POINTER)
    where = address(problem.solved, SUCCESS_POINTER), pairs, int(problem.sees_views), t.config.tasks
    for start, path in enumerate(success):
        records, ending = t.path(start)
        lost = np.flatnonzero(~path)
        first = int(lost[-1]) + 1 if len(lost) else 0
        want = int(t.steps[first]) if first < len(t.steps) else -1
        got = solved_from(*where, records, ending[2], b, *pair, t.config.record_every, t.config.steps)
        assert got == want


def test_a_path_that_stopped_is_not_solved():
    t = run(ToyConfig(problem="avocado", lr=0.003, **CASES["solved"][0]))
    spec, b, records = t.config.problem_spec, np.ones(2), t.path(0)[0]
    where = address(spec.solved, SUCCESS_POINTER), NOWHERE, int(spec.sees_views), 2
    since = [solved_from(*where, records, n, b, 0, 1, 1, t.config.steps) for n in (len(t.steps), 1_400)]
    assert since == [t.solved_at[0], -1]
    assert 0 < since[0] < 1_400


def test_whether_any_view_turns(seen):
    t, _ = seen
    turned = (t.matrices != np.eye(t.config.d)).any(axis=(1, 2, 3, 4)) | t.offsets.any(axis=(1, 2, 3))
    for start, want in enumerate(turned):
        assert any_view_turns(t.matrices[start], t.offsets[start], len(t.steps)) == want


def test_the_last_views_alone_may_turn():
    matrices, offsets = np.tile(np.eye(2), (5, 2, 1, 1)), np.zeros((5, 2, 2))
    assert not any_view_turns(matrices, offsets, 5)
    matrices[3, 1, 0, 1] = 1e-300
    assert any_view_turns(matrices, offsets, 5)
    assert not any_view_turns(matrices, offsets, 3)
    offsets[0, 0, 1] = 1.0
    assert any_view_turns(matrices, offsets, 1)


def frame_of(t: Trajectory, pair: tuple[int, int], front: np.ndarray) -> tuple[np.ndarray, ...]:
    """Returns a run's series as drawn, as they were, and what its paths share."""
    raw, shared = series_of(t, pair, 37), np.full(8, np.nan)
    paths = [t.path(start) for start in range(len(t.z))]
    counts = np.array([sane(ending, raw.shape[1]) for _, ending in paths])
    bounds, share = np.array(t.config.problem_spec.bounds), 1.0 if t.z.shape[2] == 1 else 0.75
    reached = max(furthest(r, sane(e, len(t.steps)), *pair, bounds, share) for r, e in paths)
    drawn = raw.copy()
    compose(drawn, counts, t.config.tasks, bounds, reached, front, shared)
    return drawn, raw, shared


def looked_at(t: Trajectory) -> list[slice]:
    """Returns of each path what says what to look at: all, or the first record of one that diverged."""
    return [slice(0, 1 if path.outcome is Outcome.DIVERGED else None) for path in t.status]


def test_the_square_holds_every_path_and_grows_in_quarters(seen):
    t, pair = seen
    *_, shared = frame_of(t, pair, np.empty((0, 2)))
    box = np.array(t.config.problem_spec.bounds)
    centre, half = box.mean(axis=1), np.ptp(box, axis=1).max() / 2
    share = 1.0 if t.z.shape[2] == 1 else 0.75
    away = [
        np.quantile(np.abs(z[kept][..., list(pair)] - centre).max(axis=-1), share, axis=-1).max()
        for z, kept in zip(t.z, looked_at(t), strict=True)
    ]
    np.testing.assert_allclose(shared[:2], centre)
    quarters = np.clip(np.ceil((max(away) / half - 0.98) / 0.25), 0, 4)
    assert shared[2] == pytest.approx(half * (1 + quarters / 4))


def test_arrows_keep_their_direction_and_are_as_long_as_the_root_of_their_norm(seen):
    t, pair = seen
    drawn, raw, shared = frame_of(t, pair, np.empty((0, 2)))
    K = t.config.tasks
    vectors = group(raw, K, places.GRADIENTS).reshape(*raw.shape[:2], K, 2)
    lengths = [
        np.linalg.norm(v[kept], axis=-1).ravel() for v, kept in zip(vectors, looked_at(t), strict=True)
    ]
    unit = np.sqrt(np.quantile(np.concatenate(lengths), 0.9))
    assert shared[3] == pytest.approx(unit)
    for name in (places.GRADIENTS, places.UPDATE):
        before, after = (group(x, K, name).reshape(*raw.shape[:2], -1, 2) for x in (raw, drawn))
        norm = np.linalg.norm(before, axis=-1, keepdims=True)
        want = before / np.where(norm > 0, norm, 1.0) * np.minimum(np.sqrt(norm) / unit, 1.25)
        np.testing.assert_allclose(after, want, rtol=1e-9, atol=1e-12)


def test_what_leaves_the_picture_is_held_beyond_its_edge_and_the_rest_is_as_it_was(seen):
    t, pair = seen
    drawn, raw, shared = frame_of(t, pair, np.empty((0, 2)))
    K, reach = t.config.tasks, 3 * shared[2]
    held = np.clip(group(raw, K, places.Z), shared[:2] - reach, shared[:2] + reach)
    np.testing.assert_array_equal(group(drawn, K, places.Z), held)
    view = np.clip(group(raw, K, places.VIEW), -8 * reach, 8 * reach)
    np.testing.assert_array_equal(group(drawn, K, places.VIEW), view)
    for name in (places.STEP, places.EXCESS, places.CURVES, places.FLAGS, places.LOSSES):
        np.testing.assert_array_equal(group(drawn, K, name), group(raw, K, name))


def test_a_path_that_diverges_leaves_the_picture():
    t = run(ToyConfig(problem="avocado", **CASES["diverged"][0]))
    drawn, raw, _ = frame_of(t, (0, 1), np.empty((0, 2)))
    assert np.abs(group(raw, 2, places.Z)).max() > np.abs(group(drawn, 2, places.Z)).max()


def test_the_box_of_losses_holds_paths_and_front_with_some_air(seen):
    t, pair = seen
    front = np.array([[-30.0, 0.5], [1.0, 60.0]])
    for points in (front, np.empty((0, 2))):
        _, raw, shared = frame_of(t, pair, points)
        losses = group(raw, t.config.tasks, places.LOSSES)
        kept = [losses[s, k] for s, k in enumerate(looked_at(t))]
        low, high = (f(np.concatenate([*kept, points]), axis=0) for f in (np.min, np.max))
        air = np.where(high > low, 0.07 * (high - low), 1.0)
        np.testing.assert_allclose(shared[4:], np.stack([low - air, high + air], -1).ravel(), rtol=1e-9)


def test_a_batchs_points_are_drawn_at_fewer_frames():
    fields, pair = CASES["batch"]
    t = run(ToyConfig(**fields))
    assert places.cloud_frames(400, 2, 64) == 6_000 // 256
    assert places.cloud_frames(400, 20, 64) == 12
    assert places.cloud_frames(5, 1, 64) == 5
    every = [places.record_of(c, 6, 30) for c in range(6)]
    for start in range(len(t.z)):
        out = np.full((6, 128), np.nan)
        write_cloud(t.path(start)[0], len(t.steps), 30, *pair, out)
        np.testing.assert_array_equal(out.reshape(6, 64, 2), t.z[start, shown(t, 30)[every]])


def test_the_page_and_the_server_have_the_same_bits(seen):
    t, pair = seen
    if pair[0] % 2 or pair[1] != pair[0] + 1:
        pair = (0, 1)  # the page asks for a pair by its number
    K, batch = t.config.tasks, t.z.shape[2]
    frames = frame_count(t.config.steps, t.config.record_every, 37)
    want, columns = series_of(t, pair, frames), places.cloud_frames(frames, len(t.z), batch)
    for start in range(len(t.z)):
        plan, info = plan_of(t.config, start), np.full(6, -9)
        series = np.full((frames, begins(K)[-1]), np.nan)
        cloud = np.full((columns, 2 * batch) if batch > 1 else (0, 0), np.nan)
        first = np.full(t.config.d, np.nan)
        optima = t.config.problem_spec.known_optima(t.config.d, K)
        reached = run_path(plan, pair[0] // 2, optima, series, cloud, info, first)
        np.testing.assert_array_equal(first, t.z[start, 0, 0])
        np.testing.assert_array_equal(series, want[start])
        assert np.isfinite(cloud).all()
        told, again = np.full(6, -9), np.empty_like(series)
        records, ending = t.path(start)
        assert tell(plan, records, ending, pair[0] // 2, optima, again, cloud, told) == reached
        np.testing.assert_array_equal(info, told)
        assert info[:3].tolist() == [t.status[start].outcome, t.status[start].step, t.going[start].sum()]


def test_a_path_without_a_first_position_says_so_and_nothing_else():
    t = run(ToyConfig(problem="avocado", steps=3))
    records, ending = t.path(0)
    info, series = np.full(6, -9), np.full((4, begins(2)[-1]), np.nan)
    ending[:] = Outcome.DIVERGED, 0, 0
    assert (
        tell(plan_of(t.config, 0), records, ending, 0, np.empty((0, 2)), series, np.empty((0, 0)), info)
        == 0.0
    )
    assert info.tolist() == [Outcome.DIVERGED, 0, 0, -1, 0, 4]
    assert np.isnan(series).all()
