"""A task that is absent from a step: every rule is applied to those present, and the absent one's state waits."""

import numpy as np
import pytest

import mtlcore
from mtlcore.presence import state_places

RULES = list(mtlcore.RULES)
GRAM = [key for key, spec in mtlcore.RULES.items() if spec.kind != "elementwise"]
FOUND = [key for key in GRAM if not mtlcore.RULES[key].given_weights]


def history(tasks=4, steps=6, seed=0):
    """Gives gradients and losses step by step."""
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        yield rng.standard_normal((tasks, 6)) * np.arange(1, tasks + 1)[:, None], rng.uniform(0.2, 3.0, tasks)


@pytest.mark.parametrize("absent", [0, 2])
@pytest.mark.parametrize("key", FOUND)
def test_the_rule_is_that_of_the_tasks_present(key, absent):
    rule, alone = mtlcore.rule(key), mtlcore.rule(key)
    active = np.arange(4) != absent
    for G, losses in history():
        expected = alone.weights(G[active] @ G[active].T, losses[active])
        G[absent], losses[absent] = np.nan, np.nan
        weights = rule.weights(G @ G.T, losses, active=active)
        np.testing.assert_allclose(weights[active], expected, rtol=1e-6, atol=1e-12)
        assert weights[absent] == 0.0
        assert rule.status == alone.status


@pytest.mark.parametrize("key", RULES)
def test_an_update_leaves_the_absent_task_s_gradient_out(key):
    active = np.array([True, False, True, True])
    for G, losses in history(steps=2):
        shown = G.copy()
        shown[1] = np.nan
        update = mtlcore.rule(key).combine(shown, losses, active=active)
        expected = mtlcore.rule(key).combine(G[active], losses[active])
        if mtlcore.RULES[key].given_weights:
            expected = mtlcore.rule(key).combine(G * active[:, None], losses)
        np.testing.assert_allclose(update, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("key", [key for key in FOUND if mtlcore.RULES[key].noise == "none"])
def test_which_task_is_absent_when_does_not_depend_on_their_order(key):
    """The state is looked up where it belongs: with another layout than the promised one this fails."""
    order = np.array([2, 0, 3, 1])
    rule, turned = mtlcore.rule(key), mtlcore.rule(key)
    present = (
        np.array([[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 1, 1], [0, 1, 1, 0], [1, 1, 1, 1], [1, 1, 1, 0]]) > 0
    )
    for (G, losses), active in zip(history(), present, strict=True):
        w = rule.weights(G @ G.T, losses, active=active)
        v = turned.weights((G @ G.T)[np.ix_(order, order)], losses[order], active=active[order])
        np.testing.assert_allclose(w[order], v, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("key", RULES)
def test_with_no_task_present_nothing_moves(key):
    rule, nobody = mtlcore.rule(key), np.zeros(4, bool)
    for G, losses in history(steps=3):
        rule.combine(G, losses)
    before = rule.state_dict()
    assert not rule.combine(np.full((4, 6), np.nan), np.full(4, np.nan), active=nobody).any()
    for name in ("state", "first_losses", "rng"):
        np.testing.assert_array_equal(rule.state_dict()[name], before[name])


def test_given_weights_stay_and_the_absent_task_is_left_out():
    active = np.array([True, False, True])
    np.testing.assert_allclose(mtlcore.rule("uniform").weights(np.eye(3), active=active), [1 / 3, 0, 1 / 3])
    given = mtlcore.rule("uniform", task_weights=(2.0, 1.0, 1.0))
    np.testing.assert_allclose(given.weights(np.eye(3), active=active), [0.5, 0, 0.25])
    assert not mtlcore.rule("single_task", task=1).weights(np.eye(3), active=active).any()


def test_dwa_s_windows_wait_for_an_absent_task():
    rule, told = mtlcore.rule("dwa", window=2), []
    losses = np.array([[4.0, 4.0], [2.0, 2.0], [1.0, 9.0], [1.0, 9.0], [5.0, 1.0], [5.0, 3.0], [1.0, 1.0]])
    for step, row in enumerate(losses):
        told.append(rule.weights(np.eye(2), row, active=[True, step not in (2, 3)]))
    # task 0: means 3, 1, 5 of its windows; task 1 misses two calls: means 3, 2
    np.testing.assert_allclose(told[4], [1 / (1 + np.exp(0.5 - 1 / 6)), 1 / (1 + np.exp(1 / 6 - 0.5))])
    np.testing.assert_allclose(told[6], np.exp([2.5, 1 / 3]) / np.exp([2.5, 1 / 3]).sum())


def test_gradnorm_and_stch_begin_with_a_task_s_own_first_step():
    for key in ("gradnorm", "stch"):
        rule = mtlcore.rule(key)
        rule.weights(np.eye(3), [1.0, 1.0, 1.0], active=[True, True, False])
        w = rule.weights(np.eye(3), [1.0, 1.0, 1.0])
        np.testing.assert_allclose(w, np.full(3, 1 / 3))


def test_famo_waits_with_an_absent_task_s_move():
    rule = mtlcore.rule("famo", lr_xi=0.5, gamma=0.0)
    rule.weights(np.eye(2), [1.0, 1.0])
    rule.weights(np.eye(2), [0.5, np.nan], active=[True, False])  # alone, task 0 has nothing to balance with
    # task 0 fell from 0.5 to 0.25, task 1 from 1 to 0.5: the same pace, so no logit moves
    np.testing.assert_allclose(rule.weights(np.eye(2), [0.25, 0.5]), [2 / 3, 1 / 3])


def test_complaints_name_the_task_by_its_own_number():
    with pytest.raises(ValueError, match="losses of task 2 is inf"):
        mtlcore.rule("dwa").weights(np.eye(3), [np.nan, 1.0, np.inf], active=[False, True, True])
    with pytest.raises(ValueError, match="gradient of task 2 infinite"):
        mtlcore.rule("cagrad").weights(np.diag([1.0, 1.0, np.inf]), active=[False, True, True])
    with pytest.raises(ValueError, match="active takes 3 booleans"):
        mtlcore.rule("cagrad").weights(np.eye(3), active=[True, True])
    with pytest.raises(ValueError, match="active takes 3 booleans"):
        mtlcore.rule("cagrad").weights(np.eye(3), active=[0, 2, 1])


def test_the_places_of_a_task_s_state():
    present = np.array([0, 2])
    np.testing.assert_array_equal(state_places(lambda k: 1 + 2 * k, 3, present), [0, 1, 3, 4, 6])
    np.testing.assert_array_equal(state_places(lambda k: k + k * k, 3, present), [0, 2, 3, 5, 9, 11])
