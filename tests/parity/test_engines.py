"""The two engines are held together: same seed, same numbers, for every problem and method.

Rates are small, because the dynamics are chaotic: where a quick transform overshoots, or two gradients have turned
parallel, rounding grows by orders of magnitude a step and no two programs agree for long.
"""

import numpy as np
import pytest
import torch

from mtlcore import METHODS, TRANSFORMS
from toy_problems import PROBLEMS, ToyConfig, run

FIELDS = (
    "steps", "z", "losses", "excess", "weights", "gradients", "gram", "update", "matrices", "offsets",
    "diagnostics", "rule_status", "success",
)  # fmt: skip
COMPILED = [key for key, spec in METHODS.items() if spec.transform_spec.in_playground]
COMPOSED = (
    "rotation+graddrop@last_shared", "none+graddrop@parameters", "rotation+mgda@parameters",
    "rotation_task+pcgrad@last_shared", "rigid+cagrad@features", "rigid_sgd+upgrad@parameters",
    "affine+aligned_mtl@last_shared", "rotation+dwa@features", "rotation+unit-cagrad@features",
    "none+unit-imtl@parameters", "rigid+ema-gradvac@last_shared", "none+ema-nash_mtl@parameters",
)  # fmt: skip
# The gradients at the paper's starts are a hundred times larger: there a step of 1e-3 throws rotations about, and
# chaos carries rounding to 1e-8 within fifty steps in whichever engine. Both turn the views far more than the bound.
LR_ROT = {"random": 1e-3, "paper": 2e-5}
# Seed 3 begins on the landscape where the gradients are nearly opposite: IMTL-G carries rounding beyond 1e-8 there.
SEED = {"random": 1, "paper": 3}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small tensors are no work for a pool of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def configured(problem, method, lr_rot=1e-3, **changes):
    names = {param.name for param in ToyConfig(problem=problem, method=method).resolved.spec.params}
    params = (
        {"lr_rot": lr_rot, **changes.pop("params", {})} if "lr_rot" in names else changes.pop("params", {})
    )
    own = PROBLEMS[problem].defaults
    fixed = {"optimizer": own["optimizer"], "lr": min(own["lr"], 1e-3), "steps": 50, "seed": 3}
    return ToyConfig(problem=problem, method=method, params=params, **{**fixed, **changes})


def drawn(problem, method, tasks=None):
    """Returns preferences of this pair's own, which a method whose rule takes none leaves out.

    For random starts: at the paper's the landscape is symmetric and its gradients parallel, where CAGrad's choice of
    a point between them, once unequal preferences have broken the symmetry, is chaos from the fourth step on.
    """
    rng = np.random.default_rng([*problem.encode(), *method.encode()])
    return tuple(rng.uniform(0.4, 0.8, tasks or PROBLEMS[problem].task_counts[0]).tolist())


def listed(problem, method):
    """Returns the problem's own starts; for GradDrop none behind a network with a coordinate of 0.

    Of the features it looks at the signs: at 0 rounding decides, and each engine has its own.
    """
    spec = PROBLEMS[problem]
    if METHODS[method].rule_spec.kind != "elementwise" or not spec.backbone or spec.batch > 1:
        return "paper"
    return tuple(tuple(x if x != 0.0 else 0.01 for x in start) for start in spec.starts)


def differences(config, initial=None):
    """Returns for each field of the Trajectory the largest |difference| / (1 + |value|)."""
    fast, slow = run(config, initial=initial), run(config, engine="reference", initial=initial)
    assert fast.status == slow.status
    found = {}
    for name in FIELDS:
        a, b = getattr(fast, name).astype(float), getattr(slow, name).astype(float)
        assert a.shape == b.shape, name
        found[name] = float((np.abs(a - b) / (1.0 + np.abs(b))).max())
    return found


def agree(config, initial=None):
    found = differences(config, initial)
    assert max(found.values()) <= 1e-8, found


@pytest.mark.parametrize("starts", ["random", "paper"])
@pytest.mark.parametrize("method", COMPILED)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_both_engines_give_the_same_numbers(problem, method, starts):
    wish = drawn(problem, method) if starts == "random" else None
    points = {} if starts == "random" else {"starts": listed(problem, method)}
    agree(configured(problem, method, lr_rot=LR_ROT[starts], preferences=wish, seed=SEED[starts], **points))


def more_tasks():
    """Yields (problem, K, method): every method with every K above the problem's own, the problems by turns."""
    several = [(key, tasks) for key, spec in PROBLEMS.items() for tasks in spec.task_counts[1:]]
    for i, method in enumerate((*COMPILED, *COMPOSED)):
        for tasks in sorted({tasks for _, tasks in several}):
            with_it = [key for key, count in several if count == tasks]
            yield with_it[(i + tasks) % len(with_it)], tasks, method


@pytest.mark.parametrize(("problem", "tasks", "method"), list(more_tasks()))
def test_more_tasks_than_a_problems_own(problem, tasks, method):
    wish = drawn(problem, method, tasks)
    d = 2 if tasks == 4 else 6
    config = configured(problem, method, d=d, tasks=tasks, balance=wish[::-1], steps=15, preferences=wish)
    found = differences(config)
    if tasks > d:  # dependent gradients: the update is one, the weights that give it are many
        del found["weights"]
    assert max(found.values()) <= 1e-8, found


@pytest.mark.parametrize("method", COMPOSED)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_any_transform_with_any_rule_at_any_level(problem, method):
    agree(configured(problem, method, steps=20, preferences=drawn(problem, method)))


@pytest.mark.parametrize("transform", [key for key, spec in TRANSFORMS.items() if spec.in_playground])
def test_every_transform_behind_noise(transform):
    agree(configured("avocado", f"{transform}+rotograd_scale@features", d=4, steps=20, noise=0.3))


@pytest.mark.parametrize(
    "params",
    [
        {"block": 2}, {"block": 3}, {"block": 1}, {"block": 2, "m": 4}, {"block": 3, "m": 3}, {"m": 0},
        {"block": 3, "rot_init": "haar"}, {"rot_init": "haar", "alignment": "library"},
        {"block": 3, "rot_optimizer": "adam", "rot_decay": 0.99},
    ],
    ids=str,
)  # fmt: skip
def test_every_setting_of_rotations_in_blocks(params):
    config = configured("avocado", "rotation_blocks+uniform@features", d=6, steps=30, params=params)
    agree(config)
    matrices, block = run(config).matrices, config.params["block"]
    apart = np.kron(np.eye(6 // block), np.ones((block, block))) == 0.0
    assert not matrices[..., apart].any()
    assert (np.abs(matrices[:, -1] - matrices[:, 0]).max() > 1e-3) == (block > 1 and config.params["m"] != 0)


def test_one_block_is_the_full_rotation():
    """In the compiled engine: the same kernels, so the same numbers."""
    for m in (2, 4, 6):
        sizes = {"m": m, "rot_init": "haar"}
        full = run(configured("avocado", "rotation+uniform@features", d=6, params=sizes))
        one = run(
            configured("avocado", "rotation_blocks+uniform@features", d=6, params={**sizes, "block": m})
        )
        for name in FIELDS:
            np.testing.assert_array_equal(getattr(one, name), getattr(full, name), err_msg=name)


@pytest.mark.parametrize(
    "method", ["rotograd", "imtl_g_rk", "rotograd_v1", "rotograd_v1_sgd", "d_grad", "graddrop"]
)
def test_more_dimensions(method):
    agree(configured("avocado", method, d=6, steps=30))


@pytest.mark.parametrize(
    "params",
    [
        {"m": 4}, {"m": 3}, {"m": 2}, {"m": 1}, {"m": 0}, {"rot_optimizer": "adam", "rot_decay": 0.99},
        {"alignment": "library"}, {"rot_init": "haar"},
    ],
    ids=str,
)  # fmt: skip
def test_every_setting_of_the_rotation(params):
    agree(configured("avocado", "rotograd", d=6, steps=30, params=params))


@pytest.mark.parametrize("problem", ["avocado", "nonconvex"])
def test_the_other_optimiser_an_uneven_balance_and_thinned_records(problem):
    agree(configured(problem, "rotograd", optimizer="adam", s=0.3, record_every=7))


def test_both_engines_stop_at_the_same_step():
    config = ToyConfig(problem="avocado", method="uniform", lr=10.0, steps=50, seed=3)
    fast, slow = run(config), run(config, engine="reference")
    assert fast.status == slow.status
    assert fast.status[0].outcome.name == "DIVERGED"


def test_given_weights_reach_both_engines():
    rng = np.random.default_rng(5)
    shapes = {"W1": (10, 2), "b1": 10, "W2": (2, 10), "b2": 2, "x": (1, 2)}
    initial = {name: rng.uniform(-0.3, 0.3, shape) for name, shape in shapes.items()}
    config = configured("nonconvex", "rotograd")
    agree(config, initial)
    z = np.maximum(initial["x"] @ initial["W1"].T + initial["b1"], 0.0) @ initial["W2"].T + initial["b2"]
    np.testing.assert_allclose(run(config, initial=initial).z[0, 0], z, rtol=1e-14)


@pytest.mark.parametrize("starts", LR_ROT)
@pytest.mark.parametrize("problem", ["avocado", "nonconvex", "landscape"])
def test_the_views_have_turned_where_the_engines_are_compared(problem, starts):
    config = configured(problem, "rotograd", lr_rot=LR_ROT[starts], starts=starts, seed=SEED[starts])
    matrices = run(config).matrices
    assert np.abs(matrices[:, -1] - matrices[:, 0]).max() > 1e-3  # 1e5 times the bound on differences
