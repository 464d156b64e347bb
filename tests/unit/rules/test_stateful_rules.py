"""Every stateful rule of losses and lengths against its plain-Python transcription, tasks come and go."""

import numpy as np
import pytest
import scipy.stats
import transcriptions as plain

import mtlcore

CASES = [
    ("dwa", plain.Dwa, {"T": 2.0, "window": 1}),
    ("dwa", plain.Dwa, {"T": 0.7, "window": 3}),
    ("uncertainty", plain.Uncertainty, {"lr_s": 0.1}),
    ("imtl_l", plain.ImtlL, {"lr_s": 0.1}),
    ("gradnorm", plain.GradNorm, {"alpha": 1.5, "lr_v": 0.025, "reference": "mean_norm"}),
    ("gradnorm", plain.GradNorm, {"alpha": 0.0, "lr_v": 0.4, "reference": "norm_of_mean"}),
    ("rotograd_scale", plain.RotogradScale, {"burn_in": 0}),
    ("rotograd_scale", plain.RotogradScale, {"burn_in": 7}),
    ("famo", plain.Famo, {"lr_xi": 0.025, "gamma": 0.01}),
    ("famo", plain.Famo, {"lr_xi": 0.5, "gamma": 0.0}),
    ("stch", plain.Stch, {"mu": 0.5, "warmup": 1}),
    ("stch", plain.Stch, {"mu": 3.0, "warmup": 4}),
]


def history(seed, tasks=4, steps=20):
    """Yields Gram matrices and losses; gradients vanish and losses touch zero, also at the start."""
    rng = np.random.default_rng(seed)
    for step in range(steps):
        G = rng.standard_normal((tasks, 6)) * 10.0 ** rng.uniform(-1, 1, (tasks, 1))
        losses = 10.0 ** rng.uniform(-2, 1, tasks)
        quiet = rng.random(tasks) < 0.25
        quiet[rng.integers(tasks)] = False
        losses[rng.random(tasks) < 0.15] = 0.0
        losses[rng.integers(tasks)] = 1.0
        if step < 2:
            quiet[1], losses[1] = True, 0.0
        G[quiet] *= 0.0 if step % 2 else 1e-14
        M = G @ G.T
        yield M, losses


@pytest.mark.parametrize(("key", "transcription", "params"), CASES)
@pytest.mark.parametrize("seed", range(4))
def test_the_kernel_does_what_the_definition_says(key, transcription, params, seed):
    rule, told = mtlcore.rule(key, **params), transcription(**params)
    for M, losses in history(seed):
        np.testing.assert_allclose(
            rule.weights(M, losses=losses), told(M.tolist(), losses.tolist()), 1e-9, 1e-15
        )


@pytest.mark.parametrize("seed", range(4))
def test_famo_learns_at_once_from_the_losses_after_the_step(seed):
    rule, told = mtlcore.rule("famo"), plain.Famo(0.025, 0.01)
    steps = [losses for _, losses in history(seed, steps=21)]
    for step, (losses, after) in enumerate(zip(steps, steps[1:], strict=False)):
        after = after if step % 3 else None  # with and without, one after the other
        w = rule.weights(np.eye(4), losses=losses, losses_after=after)
        np.testing.assert_allclose(w, told(None, losses.tolist(), after), 1e-9, 1e-15)


def test_famo_given_the_next_losses_after_each_step_is_famo_that_waits_for_them():
    steps = [losses for _, losses in history(3, steps=12)]
    waits, told = mtlcore.rule("famo"), mtlcore.rule("famo")
    for losses, after in zip(steps, steps[1:], strict=False):
        expected = waits.weights(np.eye(4), losses=losses)
        np.testing.assert_array_equal(told.weights(np.eye(4), losses=losses, losses_after=after), expected)


def test_rotograd_scale_by_hand():
    rule = mtlcore.rule("rotograd_scale")
    np.testing.assert_allclose(rule.weights(np.diag([4.0, 1.0])), [0.375, 0.75])
    # n = (1, 1), n(0) = (2, 1): alpha = (1/3, 2/3), C = 1
    np.testing.assert_allclose(rule.weights(np.eye(2)), [0.5, 0.5])
    # n = (2, 4), alpha = (1/5, 4/5), C = 18/5
    np.testing.assert_allclose(rule.weights(np.diag([4.0, 16.0])), [0.9, 0.45])


def test_gradnorm_moves_towards_equal_norms_and_ignores_an_exact_tie():
    rule = mtlcore.rule("gradnorm", alpha=0.0, lr_v=0.1)
    np.testing.assert_allclose(rule.weights(np.diag([9.0, 1.0]), losses=[1.0, 1.0]), [0.5, 0.5])
    # nbar = 2: v = (1 - 0.1 * 3 / 2, 1 + 0.1 / 2) = (0.85, 1.05), over their sum 1.9
    np.testing.assert_allclose(rule.weights(np.eye(2), losses=[1.0, 1.0]), [0.85 / 1.9, 1.05 / 1.9])
    tied = mtlcore.rule("gradnorm", alpha=0.0, lr_v=0.1)
    for v in (np.ones(3), np.array([1.05, 1.0, 0.85]) * 3 / 2.9):  # the second norm is at the mean: it stays
        np.testing.assert_allclose(tied.weights(np.diag([1.0, 4.0, 9.0]), losses=np.ones(3)), v / 3)


def test_gradnorm_survives_a_mean_gradient_of_zero():
    rule = mtlcore.rule("gradnorm", reference="norm_of_mean")
    opposed = np.array([[1.0, -1.0], [-1.0, 1.0]])
    for _ in range(3):
        np.testing.assert_allclose(rule.weights(opposed, losses=[1.0, 1.0]), [0.5, 0.5])


@pytest.mark.parametrize("key", ["uncertainty", "imtl_l"])
def test_learned_scales_stay_finite_when_a_loss_is_zero_for_ever(key):
    rule = mtlcore.rule(key, lr_s=1.0)
    for _ in range(2000):
        w = rule.weights(np.eye(2), losses=[0.0, 1.0])
    assert np.isfinite(w).all()


@pytest.mark.parametrize("key", ["famo", "stch", "dwa", "gradnorm"])
def test_losses_that_are_all_zero_from_the_start_give_equal_weights(key):
    rule = mtlcore.rule(key)
    for _ in range(4):
        np.testing.assert_allclose(rule.weights(np.eye(3), losses=np.zeros(3)), np.full(3, 1 / 3))


@pytest.mark.parametrize("key", ["famo", "stch"])
def test_a_task_whose_loss_was_never_positive_gets_no_weight(key):
    np.testing.assert_allclose(mtlcore.rule(key).weights(np.eye(3), losses=[2.0, 0.0, 2.0]), [0.5, 0.0, 0.5])


def test_single_task_and_random_weights():
    np.testing.assert_array_equal(mtlcore.rule("single_task", task=1).weights(np.eye(3)), [0.0, 1.0, 0.0])
    xi = scipy.stats.norm.ppf(np.random.default_rng(5).random((2, 3)))  # by inversion of numpy's uniforms
    drawn = mtlcore.rule("rlw", seed=5)
    for row in xi:
        np.testing.assert_allclose(drawn.weights(np.eye(3)), np.exp(row) / np.exp(row).sum())
