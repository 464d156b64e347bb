"""What opposite labels teach, over many seeds: no weighting serves both tasks, a view of one's own does."""

import numpy as np
import pytest

from mtlcore import METHODS
from toy_problems import PROBLEMS, ToyConfig, Trajectory, run
from toy_problems.problems.opposite import ENOUGH, LABELS, POINTS, accuracy

SEEDS = range(10)
SETTING = {**PROBLEMS["opposite"].defaults, "record_every": 100}


def trained(method: str, seed: int, initial: dict | None = None, **params: float) -> Trajectory:
    return run(
        ToyConfig(problem="opposite", method=method, params=params, seed=seed, **SETTING), initial=initial
    )


def turned(trajectory: Trajectory) -> float:
    """Returns the angle between the two tasks' views at the end, in rad from 0 to pi."""
    first, second = trajectory.matrices[0, -1]
    relative = second @ first.T
    return abs(float(np.arctan2(relative[1, 0], relative[0, 0])))


def test_the_kept_points_are_those_that_were_drawn() -> None:
    drawn = np.random.default_rng(64).standard_normal(POINTS.shape)
    np.testing.assert_allclose(POINTS, LABELS[:, None] * np.array([1.2, 0.8]) + 0.5 * drawn, rtol=1e-14)


def test_the_labels_can_be_learned_from_the_points() -> None:
    sides = POINTS @ np.array([1.2, 0.8])
    assert ((sides > 0) == (LABELS > 0)).mean() > ENOUGH


@pytest.mark.parametrize("method", [key for key, spec in METHODS.items() if spec.transform == "none"])
def test_without_a_transform_no_rule_serves_both(method: str) -> None:
    for seed in SEEDS:
        trajectory = trained(method, seed)
        # one logit for both: what one task has right the other has wrong
        assert accuracy(trajectory.r[0, -1]).sum() == pytest.approx(1.0)
        assert trajectory.solved_at[0] < 0


def test_the_mean_gradient_learns_nothing() -> None:
    for seed in SEEDS:
        np.testing.assert_allclose(trained("uniform", seed).losses[0, -1], np.log(2.0), atol=0.01)


@pytest.mark.parametrize("method", ["rotograd", "rotate_only", "imtl_g_rk", "rotograd_v1", "d_grad"])
def test_a_view_of_its_own_serves_the_second_task(method: str) -> None:
    for seed in SEEDS:
        trajectory = trained(method, seed)
        assert trajectory.solved_at[0] >= 0
        assert (accuracy(trajectory.r[0, -1]) > ENOUGH).all()


@pytest.mark.parametrize("method", ["imtl_g_rk", "rotation_task+uniform@features", "rotograd_v1"])
def test_the_views_end_half_a_turn_apart(method: str) -> None:
    for seed in SEEDS:
        assert turned(trained(method, seed)) == pytest.approx(np.pi, abs=0.1)


def test_aligned_rotations_leave_where_they_began() -> None:
    for seed in SEEDS:
        assert turned(trained("rotograd", seed)) > 0.05
        assert turned(trained("rotograd", seed, lr_rot=1.0)) == pytest.approx(np.pi, abs=0.1)


@pytest.mark.parametrize("method", ["rotograd", "rotate_only"])
def test_from_the_identity_the_alignment_loss_has_no_slope(method: str) -> None:
    same = np.tile(np.eye(2), (2, 1, 1))
    trajectory = trained(method, 0, {"R": same}, lr_rot=1.0)
    np.testing.assert_array_equal(trajectory.matrices[0], np.broadcast_to(same, trajectory.matrices[0].shape))
    assert trajectory.solved_at[0] < 0
