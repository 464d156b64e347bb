"""What a run records, and how it ends."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from mtlcore import METHODS
from toy_problems import PROBLEMS, Outcome, ToyConfig, run, sweep
from toy_problems.trajectory import DIAGNOSTICS

ARRAYS = ("z", "losses", "excess", "weights", "gradients", "update", "matrices", "offsets", "diagnostics")
COMPILED = [key for key, spec in METHODS.items() if spec.transform != "adversarial"]


def same(a, b, at=slice(None)):
    for name in (*ARRAYS, "rule_status", "success"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name)[:, at], err_msg=name)


@pytest.mark.parametrize("method", COMPILED)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_thinned_records_are_the_same_records(problem, method):
    config = ToyConfig(problem=problem, method=method, steps=50, lr=1e-3, starts="paper", seed=2)
    full, thin = run(config), run(replace(config, record_every=8))
    assert thin.steps.tolist() == [0, 8, 16, 24, 32, 40, 48, 50]
    assert full.status == thin.status
    if all(status.outcome == Outcome.OK for status in full.status):
        same(thin, full, thin.steps)


@pytest.mark.parametrize("method", ["rlw", "pcgrad", "graddrop", "rotograd"])
def test_a_run_repeats_itself_and_a_path_does_not_see_the_others(method):
    config = ToyConfig(problem="avocado", method=method, steps=40, starts="spread", seed=7)
    again = run(config)
    same(run(config), again)
    first = run(replace(config, starts=config.problem_spec.starts[:2]))
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name)[:2])
    assert not np.array_equal(run(replace(config, seed=8)).z, again.z)


@pytest.mark.parametrize("leg", [1, 7, 60, 61])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_run_in_legs_is_the_same_run(monkeypatch, problem, leg):
    """Of rules that draw and that remember, with noise and without, the short cut included."""
    for method, noise in product(("none+graddrop@parameters", "rlw", "famo", "rotograd"), (0.0, 0.2)):
        config = ToyConfig(problem=problem, method=method, steps=60, noise=noise, record_every=9, seed=5)
        monkeypatch.undo()
        whole = run(config)
        monkeypatch.setattr("toy_problems.compiled.engine.LEG", leg)
        same(run(config), whole)


def test_the_axes_are_as_named():
    t = run(ToyConfig(problem="opposite", method="rotograd", steps=10, record_every=3, starts="spread"))
    S, T, K, N, d = 5, 5, 2, 64, 2
    shapes = {
        "z": (S, T, N, d), "losses": (S, T, K), "excess": (S, T, K), "weights": (S, T, K),
        "gradients": (S, T, K, N, d), "exact_gradients": (S, T, K, N, d), "gram": (S, T, K, K),
        "update": (S, T, N, d), "matrices": (S, T, K, d, d), "offsets": (S, T, K, d),
        "diagnostics": (S, T, len(DIAGNOSTICS)), "rule_status": (S, T), "success": (S, T), "r": (S, T, K, N, d),
    }  # fmt: skip
    for name, shape in shapes.items():
        assert getattr(t, name).shape == shape, name
    assert t.steps.tolist() == [0, 3, 6, 9, 10]
    assert len(t.status) == S
    with pytest.raises(ValueError, match="read-only"):
        t.z[0] = 1.0


def test_every_record_is_consistent_in_itself():
    t = run(ToyConfig(problem="avocado", method="rotograd", d=4, s=0.3, steps=30, seed=4, params={"m": 3}))
    problem = PROBLEMS["avocado"]
    for k in (0, 1):
        np.testing.assert_allclose(
            problem.formula(np, t.r[:, :, k], k, t.config.scales), t.losses[..., k], rtol=1e-12
        )
    np.testing.assert_allclose(t.excess, t.losses - problem.minima(4, t.config.scales), atol=1e-12)
    np.testing.assert_allclose(np.einsum("stk,stknd->stnd", t.weights, t.gradients), t.update, rtol=1e-12)
    np.testing.assert_allclose(
        np.einsum("stkij,stkil->stkjl", t.matrices, t.matrices),
        np.broadcast_to(np.eye(4), t.matrices.shape),
        atol=1e-13,
    )
    np.testing.assert_array_equal(t.matrices[..., 3, :3], 0.0)
    np.testing.assert_array_equal(t.matrices[..., 3, 3], 1.0)
    unit = t.gradients / np.linalg.norm(t.gradients, axis=(-2, -1), keepdims=True)
    np.testing.assert_allclose(
        (unit[:, :, 0] * unit[:, :, 1]).sum((-2, -1)), t.diagnostics[..., 0], atol=1e-12
    )


def test_a_start_by_hand_is_where_the_path_starts():
    points = ((1.0, -0.5), (-2.0, 2.0))
    t = run(ToyConfig(problem="avocado", method="mgda", steps=1, starts=points))
    np.testing.assert_allclose(t.z[:, 0, 0], points, atol=1e-14)
    t = run(ToyConfig(problem="opposite", method="mgda", steps=1, starts=points))
    np.testing.assert_allclose(t.z[:, 0].mean(axis=1), points, atol=1e-14)


def test_plain_descent_on_the_landscape_step_by_step():
    config = ToyConfig(
        problem="landscape", method="uniform", optimizer="sgd", lr=0.01, steps=5, starts="paper"
    )
    t = run(config)
    np.testing.assert_allclose(t.z[:, 1:], t.z[:, :-1] - 0.01 * t.update[:, :-1], rtol=1e-14)


@pytest.mark.parametrize("every", [1, 7])
@pytest.mark.parametrize(
    ("method", "params"), [("uniform", {}), ("rotograd", {"lr_rot": 10.0}), ("d_grad", {})]
)
def test_divergence_stops_a_path_and_leaves_no_nan(method, params, every):
    config = ToyConfig(method=method, params=params, lr=10.0, steps=300, starts="spread", record_every=every)
    t = run(config)
    stopped = [i for i, status in enumerate(t.status) if status.outcome == Outcome.DIVERGED]
    assert stopped
    for name in ARRAYS:
        assert np.isfinite(getattr(t, name)).all(), name
    for i in stopped:
        step = t.status[i].step
        last = np.searchsorted(t.steps, step) - 1
        assert 0 < step < 300
        assert (t.z[i, last:] == t.z[i, last]).all()
        assert not t.success[i, last + 1 :].any()
        assert t.solved_at[i] == -1


def test_a_first_position_out_of_all_bounds_is_refused():
    with pytest.raises(ValueError, match="initial: the first position has no finite loss"):
        run(ToyConfig(steps=5), initial={"b2": np.array([1e6, 0.0])})


def test_a_solver_that_fails_stops_the_path_and_says_so(failing_rule):
    t = run(ToyConfig(problem="avocado", method=f"rotation+{failing_rule}@features", steps=30))
    assert t.status[0].outcome == Outcome.SOLVER_FAILED
    assert t.status[0].step == 12
    assert np.isfinite(t.weights).all()
    assert (t.z[0, 11:] == t.z[0, 11]).all()


def test_nothing_turns_where_no_dimension_is_rotated():
    zero = run(ToyConfig(method="rotograd", params={"m": 0}, steps=50, d=4))
    one = run(ToyConfig(method="rotograd", params={"m": 1}, steps=50, d=4))
    scale = run(ToyConfig(method="rotograd_scale", steps=50, d=4))
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(zero, name), getattr(scale, name))
        np.testing.assert_array_equal(getattr(one, name), getattr(scale, name))


def test_rotations_of_two_and_of_more_dimensions_are_one_arithmetic():
    """A block of two in a space of four is the closed form; the same block reached as m = 3 with idle third axis."""
    t = run(ToyConfig(method="rotograd", d=4, params={"m": 4, "lr_rot": 0.05}, steps=60, seed=1))
    assert np.linalg.norm(t.matrices[0, -1, 0] - np.eye(4)) > 0.1
    np.testing.assert_allclose(np.linalg.det(t.matrices), 1.0, rtol=1e-12)


def test_haar_rotations_are_rotations_and_differ_by_task():
    t = run(ToyConfig(method="rotograd", d=6, params={"rot_init": "haar"}, steps=1))
    R = t.matrices[0, 0]
    np.testing.assert_allclose(R @ R.transpose(0, 2, 1), np.broadcast_to(np.eye(6), R.shape), atol=1e-14)
    np.testing.assert_allclose(np.linalg.det(R), 1.0)
    assert abs(R[0] - R[1]).max() > 0.1


def test_a_sweep_ends_where_the_runs_end():
    base = ToyConfig(problem="avocado", d=4, steps=60)
    result = sweep(base, {"m": [0, 2, 4], "lr": [0.001, 0.003]}, seeds=[3, 5])
    assert result.success.shape == (3, 2, 2, 1)
    assert result.rate.shape == result.pair_rate.shape == (3, 2)
    assert result.excess.shape == (3, 2, 2, 1, 2)
    assert result.excess_median.shape == (3, 2, 2)
    assert dict(result.axes) == {"m": (0, 2, 4), "lr": (0.001, 0.003)}
    for i, m in enumerate((0, 2, 4)):
        for j, seed in enumerate((3, 5)):
            one = run(replace(base, lr=0.003, seed=seed, params={"m": m}))
            np.testing.assert_array_equal(result.excess[i, 1, j], one.excess[:, -1])
            np.testing.assert_array_equal(result.success[i, 1, j], one.success[:, -1])


def test_a_sweep_over_methods_keeps_the_parameters_each_has():
    base = ToyConfig(problem="avocado", method="rotograd", params={"lr_rot": 0.03}, steps=50)
    result = sweep(base, {"method": ["uniform", "rotograd"]})
    np.testing.assert_array_equal(result.excess[1, 0], run(base).excess[:, -1])
    np.testing.assert_array_equal(
        result.excess[0, 0], run(replace(base, method="uniform", params={})).excess[:, -1]
    )
