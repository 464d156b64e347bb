"""Gradient noise: the same numbers in both engines, added where and as it is said, and seen by all but the problem."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mtlcore import METHODS
from mtlcore.streams import Stream
from toy_problems import PROBLEMS, ToyConfig, run

FIELDS = (
    "z", "losses", "excess", "weights", "gradients", "exact_gradients", "gram", "update", "matrices", "offsets",
    "diagnostics",
)  # fmt: skip
COMPILED = [key for key, spec in METHODS.items() if spec.transform != "adversarial"]
COMPOSED = (
    "none+graddrop@parameters", "rotation+graddrop@last_shared", "rotation+mgda@parameters",
    "rotation_task+pcgrad@last_shared", "rigid+cagrad@features", "affine+aligned_mtl@last_shared",
)  # fmt: skip
ONE_OF_EACH_KIND = (
    "uniform",
    "graddrop",
    "pcgrad",
    "rotograd",
    "rotograd_v1",
    "d_grad",
    "gradnorm_w",
    "famo",
)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small tensors are no work for a pool of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def noisy(problem, method, **changes):
    optimizer = PROBLEMS[problem].defaults["optimizer"]
    fixed = {"optimizer": optimizer, "lr": 1e-3, "steps": 20, "seed": 3, "noise": 0.5}
    names = {param.name for param in ToyConfig(problem=problem, method=method).resolved.spec.params}
    params = {"lr_rot": 1e-4} if "lr_rot" in names else {}
    return ToyConfig(problem=problem, method=method, params=params, **{**fixed, **changes})


def agree(config):
    fast, slow = run(config), run(config, engine="reference")
    assert fast.status == slow.status
    for name in FIELDS:
        a, b = getattr(fast, name), getattr(slow, name)
        assert a.shape == b.shape, name
        assert (np.abs(a - b) <= 1e-8 * (1.0 + np.abs(b))).all(), name


@pytest.mark.parametrize("method", [*COMPILED, *COMPOSED])
def test_both_engines_see_the_same_noise(method):
    agree(noisy("avocado", method))


@pytest.mark.parametrize("method", ONE_OF_EACH_KIND)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_from_every_start_with_or_without_backbone_of_one_input_or_many(problem, method):
    starts = PROBLEMS[problem].starts_name
    if PROBLEMS[problem].backbone and (0.0,) * len(PROBLEMS[problem].starts[0]) in PROBLEMS[problem].starts:
        starts = "random"  # the backbone reaches 0 but for rounding, and a rule may ask for its sign
    agree(noisy(problem, method, steps=10, record_every=3, starts=starts))


@pytest.mark.parametrize("method", ["rotograd", "graddrop", "rotograd_v1"])
def test_in_more_dimensions(method):
    agree(noisy("avocado", method, d=6, steps=10))


def test_the_discriminator_sees_it_too():
    config = ToyConfig(method="adversarial", steps=3, noise=1.0)
    without = run(replace(config, noise=0.0), engine="reference")
    t = run(config, engine="reference")
    np.testing.assert_allclose(t.exact_gradients[:, 0], without.gradients[:, 0], rtol=1e-12)
    hiding = t.update - (t.weights[..., None, None] * t.gradients).sum(axis=2)
    plainly = without.update - (without.weights[..., None, None] * without.gradients).sum(axis=2)
    assert np.abs(hiding[:, 0] - plainly[:, 0]).max() > 1e-6


def draws(config, path, steps, shape):
    return Stream(config.seed, 1 + path, 1).standard_normal((steps, *shape))


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("method", ["uniform", "rotograd", "rotograd_v1", "d_grad"])
def test_it_is_what_is_added_to_each_gradient_at_its_view(problem, method):
    config = noisy(problem, method, starts=PROBLEMS[problem].starts_name, steps=5)
    t = run(config)
    tasks, batch, d = t.gradients.shape[2:]
    for path in range(len(t.status)):
        xi = draws(config, path, 6, (tasks, batch, d))
        exact = t.exact_gradients[path]
        # g = A^T gtil: the norm at r_k, where the noise is added, is that at z as long as A_k is a rotation or new
        first = np.sqrt(np.square(exact[0]).sum(axis=(-2, -1)))[:, None, None]
        added = config.noise * first / np.sqrt(batch * d) * xi
        seen = np.einsum("tkni,tkij->tknj", added, t.matrices[path])
        np.testing.assert_allclose(t.gradients[path] - exact, seen, atol=1e-9 * first.max())


def test_the_rule_is_given_the_noisy_gradients_and_the_problem_is_read_exactly():
    config = noisy("avocado", "mgda_ub", noise=2.0)
    t, without = run(config), run(replace(config, noise=0.0))
    rows = t.gradients.reshape(*t.gradients.shape[:3], -1)
    np.testing.assert_allclose(t.gram, rows @ np.swapaxes(rows, -1, -2), rtol=1e-12)
    np.testing.assert_allclose(np.einsum("stk,stknd->stnd", t.weights, t.gradients), t.update, rtol=1e-9)
    for name in ("losses", "excess", "exact_gradients", "diagnostics"):
        np.testing.assert_array_equal(getattr(t, name)[:, 0], getattr(without, name)[:, 0])
    values = [PROBLEMS["avocado"].formula(np, t.r[:, :, k], k, config.scales) for k in (0, 1)]
    np.testing.assert_allclose(np.stack(values, -1), t.losses, rtol=1e-12)
    assert np.abs(t.z - without.z).max() > 1e-3


def test_what_the_rule_draws_stays_what_it_was():
    config = noisy("avocado", "rlw")
    np.testing.assert_array_equal(run(config).weights, run(replace(config, noise=0.0)).weights)


def test_without_noise_the_exact_gradients_are_the_gradients():
    t = run(noisy("avocado", "rotograd", noise=0.0))
    assert t.exact_gradients is t.gradients


@pytest.mark.parametrize("method", ["graddrop", "rotograd"])
def test_it_is_the_same_in_legs_and_at_once(monkeypatch, method):
    config = noisy("avocado", method, steps=60)
    whole = run(config)
    monkeypatch.setattr("toy_problems.compiled.engine.LEG", 7)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(run(config), name), getattr(whole, name))


def test_thinned_records_are_the_same_records():
    config = noisy("nonconvex", "rotograd", steps=40)
    full, thin = run(config), run(replace(config, record_every=7))
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(full, name)[:, thin.steps], getattr(thin, name))


def test_noise_for_a_task_waits_for_its_first_gradient():
    """The second task's optimum is where this path starts: n_2(0) is that of the step after."""
    t = run(ToyConfig(method="single_task", noise=1.0, lr=0.01, steps=3, starts=((1.5, 0.0),)))
    rounding = 1e-12 * t.norms[0, 0, 0]
    assert t.norms[0, 0, 1] <= rounding < t.norms[0, 1, 1]
    added = np.abs(t.gradients - t.exact_gradients).max(axis=(-2, -1))
    assert added[0, 0, 1] <= rounding
    assert added[0, 1, 1] > 0.01 * t.norms[0, 1, 1]
