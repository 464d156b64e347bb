"""What is read off a run: before and after the rule, beside the mean, vanished, capped, solved, and the rates."""

import numpy as np
import pytest

from mtlcore import METHODS
from mtlcore.diagnostics import diagnose
from toy_problems import DIAGNOSTICS, PROBLEMS, RULE_DIAGNOSTICS, ToyConfig, condition_cap, pairs_solved, run
from toy_problems.compiled.diagnose import diagnose as diagnose_gradients
from toy_problems.trajectory import VANISHED

COMPILED = [key for key, spec in METHODS.items() if spec.transform != "adversarial"]
UNKNOWN_AFTER = ("graddrop",)
UNKNOWN_AFTER_THREE = (*UNKNOWN_AFTER, "pcgrad", "gradvac", "upgrad")  # their weights do not tell
CONDITION = RULE_DIAGNOSTICS.index("condition")


@pytest.mark.parametrize("method", COMPILED)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_method_can_be_read_at_every_record(problem, method):
    t = run(
        ToyConfig(problem=problem, method=method, lr=1e-3, steps=30, starts=PROBLEMS[problem].starts_name)
    )
    shape = (*t.success.shape, len(RULE_DIAGNOSTICS))
    assert t.before_rule.shape == shape
    assert np.isfinite(
        t.before_rule[~t.vanished][:, 1:]
    ).all()  # the cosine needs two gradients that are not zero
    known = method not in (UNKNOWN_AFTER if t.config.tasks == 2 else UNKNOWN_AFTER_THREE)
    assert (t.after_rule is not None) == known
    if known:
        assert t.after_rule.shape == shape
        assert (t.after_rule[..., CONDITION] >= 1.0 - 1e-9)[np.isfinite(t.after_rule[..., CONDITION])].all()
    assert t.cosines_to_mean.shape == t.norms.shape == t.weights.shape


@pytest.mark.parametrize("level", ["parameters", "features", "last_shared"])
@pytest.mark.parametrize("problem", ["avocado", "nonconvex"])
def test_aligned_mtl_makes_the_condition_number_one_at_its_own_level(problem, level):
    t = run(ToyConfig(problem=problem, method=f"none+aligned_mtl@{level}", starts="spread"))
    full = t.before_rule[..., CONDITION] < 1e-2 * condition_cap(2)
    assert full.mean() > 0.5
    np.testing.assert_allclose(t.after_rule[full][:, CONDITION], 1.0, atol=1e-9)
    assert t.before_rule[full][:, CONDITION].max() > 10.0


def test_the_gram_matrix_is_that_of_the_rules_level():
    feature = run(ToyConfig(method="mgda_ub", steps=5))
    rows = feature.gradients.reshape(*feature.gradients.shape[:3], -1)
    np.testing.assert_allclose(feature.gram, rows @ np.swapaxes(rows, -1, -2), rtol=1e-12)
    assert not np.allclose(run(ToyConfig(method="mgda", steps=5)).gram[:, 0], feature.gram[:, 0])


@pytest.mark.parametrize("scales", [(1.0, 1.0), (1e-3, 30.0), (1.0, 1e-14), (0.0, 2.0), (0.0, 0.0)], ids=str)
@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("tasks", [2, 3, 5])
def test_recorded_diagnostics_are_those_of_the_gram_matrix(scales, batch, tasks):
    """They are worked out from the gradients: condition and stationarity more exactly where it is nearly singular."""
    rng = np.random.default_rng(3)
    lengths = (*scales, *(1.0, 0.3, 20.0)[: tasks - 2]) if any(scales) else (0.0,) * tasks
    for _ in range(5):
        G = rng.standard_normal((tasks, batch, 2)) * np.array(lengths)[:, None, None]
        found = np.empty(len(DIAGNOSTICS))
        diagnose_gradients(G, found)
        rows = G.reshape(tasks, -1)
        atol = 1e-13 if tasks == 2 else 1e-7  # the Gram matrix knows the hull's distance to 0 that far
        np.testing.assert_allclose(found, list(diagnose(rows @ rows.T).values()), rtol=1e-7, atol=atol)


@pytest.mark.parametrize("small", [1e-3, 1e-5, 1e-7])
def test_three_nearly_dependent_gradients_keep_their_digits(small):
    """Their Gram matrix would keep none below 1e-8: it holds squares."""
    turned, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))
    rows = np.array([[1.0, 0.0, 0.0, 0.0], [-0.5, 1.0, 0.0, 0.0], [-0.5, -1.0, small, 0.0]]) @ turned
    found = np.empty(len(DIAGNOSTICS))
    diagnose_gradients(rows[:, None], found)
    values = np.linalg.svd(rows, compute_uv=False)
    assert found[DIAGNOSTICS.index("condition")] == pytest.approx(values[0] / values[-1], rel=1e-6)
    # at its nearest the hull is the mean gradient, up to terms of small^2
    shortest = small / 3 / np.linalg.norm(rows, axis=1).max()
    assert found[DIAGNOSTICS.index("stationarity")] == pytest.approx(shortest, rel=1e-5)


def test_a_rule_that_only_weighs_leaves_uniform_gradients_as_they_are():
    t = run(ToyConfig(method="uniform"))
    np.testing.assert_allclose(t.after_rule, t.before_rule, rtol=1e-12)


@pytest.mark.parametrize("name", ["uniform", "opposite"])
def test_cosines_to_the_mean_gradient_one_by_one(name):
    config = ToyConfig(problem="opposite" if name == "opposite" else "avocado", method="rotograd", steps=20)
    t = run(config)
    for at in (0, 7, 20):
        G = t.gradients[0, at]
        mean = G.mean(axis=0)
        for k in range(len(G)):
            cosines = [g @ m / np.linalg.norm(g) / np.linalg.norm(m) for g, m in zip(G[k], mean, strict=True)]
            assert t.cosines_to_mean[0, at, k] == pytest.approx(np.median(cosines), abs=1e-12)


def test_gradients_have_vanished_where_all_tasks_are_at_their_optimum():
    solved, stuck = (
        run(ToyConfig(starts="spread", steps=1000)),
        run(ToyConfig(method="uniform", starts="spread")),
    )
    assert solved.vanished[:, -1].all()
    assert not stuck.vanished.any()
    assert (solved.norms[solved.vanished] <= VANISHED * solved.norms.max()).all()
    assert solved.success[solved.vanished].all()
    assert not solved.vanished[:, 0].any()
    for readings in (solved.before_rule, solved.after_rule):
        assert np.isnan(readings[solved.vanished]).all()
        assert np.isfinite(readings[~solved.vanished]).all()


def test_small_gradients_away_from_an_optimum_have_not_vanished():
    """Far out on the eggs' steep side gradients are a million times as long as between the optima."""
    t = run(ToyConfig(method="uniform", optimizer="adam", lr=0.05, steps=2000, starts=((22.0, 0.0),)))
    assert (t.norms[:, -1] < VANISHED * t.norms[:, 0]).all()
    assert not t.vanished.any()


def test_a_capped_condition_number_is_marked():
    t = run(ToyConfig(method="mgda", starts="spread"))
    condition = t.diagnostics[..., DIAGNOSTICS.index("condition")]
    assert 0 < t.capped.sum() < t.capped.size
    np.testing.assert_allclose(condition[t.capped], condition_cap(2))
    assert (condition[~t.capped] < condition_cap(2)).all()


@pytest.mark.parametrize(
    ("method", "params", "first", "last"),
    [
        ("rotograd", {"lr_rot": 0.3, "rot_decay": 0.99}, 0.3 / 0.003, 0.3 * 0.99**400 / 0.003),
        ("d_grad", {"lr_rot": 0.01}, 0.01 / 0.003, 0.01 / 0.003),
    ],
)
def test_the_ratio_of_the_two_learning_rates(method, params, first, last):
    ratio = run(ToyConfig(method=method, params=params, record_every=7)).rate_ratio
    assert ratio[[0, -1]] == pytest.approx([first, last])


@pytest.mark.parametrize("method", ["uniform", "rotograd_v1", "rotograd_scale"])
def test_a_transform_without_a_rate_of_its_own_has_no_ratio(method):
    assert run(ToyConfig(method=method, steps=1)).rate_ratio is None


def test_pairs_are_solved_at_every_record():
    t = run(ToyConfig(d=4, seed=3, params={"m": 2}))
    solved = pairs_solved(t)
    assert solved.shape == (1, 401, 2)
    assert solved[0, -1].tolist() == [True, False]
    assert not solved[0, 0].any()
    problem = PROBLEMS["avocado"]
    for at in (0, 200, 400):
        for pair in (0, 1):
            r = t.r[0, at, :, :, 2 * pair : 2 * pair + 2]
            excess = [problem.formula(np, r[k], k, (1.0, 1.0)) for k in (0, 1)]
            assert solved[0, at, pair] == (max(excess) < 0.05)


@pytest.mark.parametrize("problem", ["landscape", "opposite"])
def test_a_problem_without_pairs_says_so(problem):
    with pytest.raises(ValueError, match=f"the problem {problem} has no pairs of dimensions"):
        pairs_solved(run(ToyConfig(problem=problem, method="mgda", steps=1)))


def test_a_path_that_stopped_solves_nothing_and_repeats_its_last_record():
    t = run(ToyConfig(method="uniform", lr=10.0, starts="spread"))
    assert not t.going.all()
    for i, status in enumerate(t.status):
        assert t.going[i].sum() == (max(status.step, 1) if status.outcome else len(t.steps))
    assert not pairs_solved(t)[~t.going].any()
