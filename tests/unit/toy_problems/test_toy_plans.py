"""A path's plan, and what the kernels make of it: where it begins, its arrays, its records."""

from dataclasses import replace

import numpy as np
import pytest

from mtlcore import METHODS
from mtlcore.compiled.normal import normals
from mtlcore.draws import NOISE_SIZE
from mtlcore.spec import draw_noise
from mtlcore.streams import Stream
from toy_problems import PROBLEMS, ToyConfig, run
from toy_problems.compiled.layout import draw, extent_of, prepare, record_count, setup_of
from toy_problems.compiled.noise import draw_rule, numbers_a_step
from toy_problems.compiled.run import run_plan, travel
from toy_problems.compiled.stage.columns import WIDTH, columns
from toy_problems.compiled.stage.path import tell
from toy_problems.compiled.stage.run import run_path
from toy_problems.initial import draw as drawn
from toy_problems.initial import noise_size
from toy_problems.plans import plan_of, plans_of
from toy_problems.trajectory import record_steps

COMPILED = [key for key, spec in METHODS.items() if spec.transform != "adversarial"]
VARIED = (  # of each kind of rule and transform one
    *("mgda", "rlw", "pcgrad", "none+graddrop@parameters", "none+graddrop@last_shared", "famo", "rotograd"),
    *(
        "rotograd_v1",
        "affine+uniform@features",
        "rotation_blocks+unit-cagrad@features",
        "none+ema-mgda@parameters",
    ),
)


def flat(group):
    """Yields every array and number of nested groups."""
    for value in group:
        if isinstance(value, tuple):
            yield from flat(value)
        else:
            yield value


def same(one, other):
    for a, b in zip(flat(one), flat(other), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("params", [{}, {"rot_init": "haar"}, {"m": 0}, {"m": 1}])
def test_a_plan_begins_where_its_configuration_does(problem, params):
    for starts in ("random", PROBLEMS[problem].starts_name):
        config = ToyConfig(problem, "rotograd", params=params, starts=starts, seed=4)
        beginnings = drawn(config, config.problem_spec)
        plans = plans_of(config)
        assert [plan.path for plan in plans] == list(range(len(beginnings)))
        for plan, initial in zip(plans, beginnings, strict=True):
            same(draw(plan), initial)


def test_a_short_start_is_repeated_over_the_dimensions():
    plan = plan_of(ToyConfig("avocado", "rotograd", d=6, starts=((0.5, -1.0) * 3,), steps=5), 0)
    same(run_plan(plan).records, run_plan(plan._replace(start=np.array([0.5, -1.0]))).records)


@pytest.mark.parametrize("method", COMPILED)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_array_is_laid_out_as_the_configuration_asks(problem, method):
    config = ToyConfig(problem, method, seed=3, steps=10, record_every=4, noise=0.2)
    spec, K, d, plan = config.resolved.spec, config.tasks, config.d, plan_of(config, 0)
    (initial,) = drawn(config, config.problem_spec)
    arrays, batch = prepare(plan, initial), config.problem_spec.batch
    network = (
        (initial.W1, initial.b1, initial.W2, initial.b2) if config.problem_spec.backbone else (initial.theta,)
    )
    theta = np.concatenate([part.ravel() for part in network])
    np.testing.assert_array_equal(arrays.net_opt.theta, theta)
    moved = (arrays.network.W1, arrays.network.b2) if config.problem_spec.backbone else (arrays.network.z,)
    assert all(np.shares_memory(part, arrays.net_opt.theta) for part in moved)
    assert not any(np.any(part) for part in arrays.net_opt[1:])
    assert arrays.network.z.shape == arrays.features.update.shape == (batch, d)
    assert arrays.features.seen.shape == arrays.exact.seen.shape == (K, batch, d)
    np.testing.assert_array_equal(arrays.losses.data, config.problem_spec.data(d, config.scales))
    np.testing.assert_array_equal(arrays.losses.minima, config.problem_spec.minima(d, config.scales))
    np.testing.assert_array_equal(arrays.buffers.weights, config.shares)
    np.testing.assert_array_equal(arrays.buffers.state, np.zeros(spec.rule_spec.state_size(K)))
    assert arrays.buffers.rows.shape == (K, 1, theta.size)
    assert arrays.chance.rule.size == noise_size(config, initial)
    assert arrays.chance.gradients.shape == (K, batch, d)
    assert arrays.setup.views == int(spec.transform_spec.acts(config.resolved.transform_params, d))
    assert arrays.setup.elementwise == int(spec.rule_spec.kind == "elementwise")
    assert arrays.records.z.shape == (len(record_steps(10, 4)), batch, d)
    assert arrays.ending.tolist() == [0, 0, 0]


@pytest.mark.parametrize("noise", [0.0, 0.2])
@pytest.mark.parametrize("method", VARIED)
def test_a_path_shares_nothing_with_its_plan_its_start_or_another(method, noise):
    plan = plan_of(ToyConfig("opposite", method, noise=noise, steps=5), 0)
    initial = draw(plan)
    one, other, alias = prepare(plan, initial), prepare(plan, initial), noise == 0.0
    mine = [value for value in flat(one) if isinstance(value, np.ndarray) and value.size]
    for foreign in (plan, initial, other):
        for value in flat(foreign):
            assert not any(np.shares_memory(value, own) for own in mine)
    assert np.shares_memory(one.records.exact, one.records.gradients) == alias
    assert np.shares_memory(one.exact.seen, one.features.seen) == alias
    before = [np.array(value) for value in flat((plan, initial))]
    travel(one, 0, 5)
    same(before, (plan, initial))


@pytest.mark.parametrize("method", VARIED)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_plan_run_at_once_or_in_any_legs_leaves_the_configurations_records(problem, method):
    base = ToyConfig(problem, method, seed=2, steps=40, record_every=3, starts=PROBLEMS[problem].starts_name)
    for config in (base, replace(base, noise=0.3, optimizer="adam", lr=0.002)):
        trajectory, cuts = run(config), np.random.default_rng(0).permutation(40)[:5]
        for i, plan in enumerate(plans_of(config)):
            whole, legs = run_plan(plan), prepare(plan, draw(plan))
            for first, last in zip([0, *sorted(cuts + 1)], [*sorted(cuts), 40], strict=True):
                goes_on = travel(legs, int(first), int(last))
                assert goes_on == (last < 40 and legs.ending[0] == 0)
                if not goes_on:
                    break
            assert whole.ending.tolist() == legs.ending.tolist()
            written = whole.ending[2]
            for name in whole.records._fields:
                kept = getattr(whole.records, name)[:written]
                np.testing.assert_array_equal(kept, getattr(legs.records, name)[:written])
                told = "exact_gradients" if name == "exact" else name
                np.testing.assert_array_equal(kept, getattr(trajectory, told)[i, :written])


@pytest.mark.parametrize("kind", NOISE_SIZE)
@pytest.mark.parametrize("tasks", [1, 2, 5])
def test_the_kernels_draw_what_a_rule_of_each_kind_is_promised(kind, tasks):
    index = list(NOISE_SIZE).index(kind)
    assert numbers_a_step(index, tasks, 7) == NOISE_SIZE[kind](tasks, 7)
    plan = plan_of(ToyConfig("three", "mgda", noise=0.5, seed=9), 0)._replace(noise_kind=index, path=2)
    chance = prepare(plan, draw(plan)).chance
    rule, gradients = Stream(9, 3), Stream(9, 3, 1)
    for _ in range(3):
        draw_rule(chance.kind, chance.rule_state, chance.rule)
        normals(chance.gradient_state, chance.gradients.reshape(-1))
        np.testing.assert_array_equal(chance.rule, draw_noise(kind, (chance.rule.size,), rule))
        np.testing.assert_array_equal(chance.gradients, gradients.standard_normal((3, 1, 4)))


def test_a_method_without_transform_turns_nothing():
    plan = plan_of(ToyConfig("avocado", "mgda"), 0)
    assert tuple(extent_of(plan)) == (0, 0, 0, 0)
    assert setup_of(plan).views == 0


@pytest.mark.parametrize("steps", [1, 2, 7, 8, 9, 1000])
@pytest.mark.parametrize("every", [1, 2, 4, 8, 1000])
def test_records_are_counted_as_they_are_made(steps, every):
    assert record_count(steps, every) == record_steps(steps, every).size


def test_ends_alone_keep_the_first_and_the_last_record():
    (plan,) = plans_of(ToyConfig("avocado", "rotograd", steps=30, record_every=7), ends_only=True)
    assert record_count(plan.steps, plan.record_every) == 2


def test_the_compiled_engine_says_what_it_does_not_have():
    config = ToyConfig("avocado", "adversarial+uniform@features", steps=1)
    with pytest.raises(ValueError, match='takes engine="reference"'):
        plans_of(config)


def room(config, recorded, points):
    """Returns a series, a cloud and the numbers said of a path, to be written."""
    begins = np.zeros(WIDTH + 1, dtype=np.int64)
    columns(config.tasks, begins)
    cloud = np.zeros((recorded, 2 * points) if points > 1 else (0, 0))
    return np.zeros((recorded, begins[-1])), cloud, np.zeros(6, dtype=np.int64)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_call_for_a_page_runs_the_path_and_tells_it(problem):
    config = ToyConfig(problem, "rotograd", steps=60, record_every=4, noise=0.1, seed=6)
    plan, trajectory = plan_of(config, 0), run(config)
    recorded, points = trajectory.z.shape[1:3]
    arrays, told, expected = run_plan(plan), room(config, recorded, points), room(config, recorded, points)
    start = np.full(config.d, np.nan)
    optima = config.problem_spec.known_optima(config.d, config.tasks)
    assert run_path(plan, 0, optima, *told, start) == tell(
        plan, arrays.records, arrays.ending, 0, optima, *expected
    )
    same(told, expected)
    np.testing.assert_array_equal(start, arrays.records.z[0, 0])
    series, cloud, info = told
    assert info[2] == info[5] == recorded
    np.testing.assert_array_equal(series[:, 0], trajectory.steps)
    np.testing.assert_allclose(series[:, 1:3], trajectory.z[0, :, :, :2].mean(axis=1), rtol=1e-13)
    assert cloud.any() == (points > 1)
