"""Every modifier around every rule of the Gram matrix: what it promises, and that nothing else about a rule changes."""

import itertools

import numpy as np
import pytest
from numba import njit
from test_absent_tasks import history

import mtlcore
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE, STATIONARY
from mtlcore.modified import modified
from mtlcore.registry import LEVELS, rule_spec
from mtlcore.spec import RuleSpec
from tests.matrix_zoo import ZOO, gram

MODIFIERS = mtlcore.MODIFIERS
GRAM = [key for key, spec in mtlcore.RULES.items() if spec.kind == "gram"]
OTHERS = [key for key, spec in mtlcore.RULES.items() if spec.kind != "gram"]
AROUND = [f"{around}-{key}" for around, key in itertools.product(MODIFIERS, GRAM)]
UNITS = np.array([1e-3, 40.0, 1.0, 7e5])


def answers(key, steps, scale=1.0, **params):
    """Returns the weights of each step for the gradients times scale, and the rule."""
    rule = mtlcore.rule(key, **params)
    found = []
    for G, losses in steps:
        scaled = G * np.reshape(scale, (-1, 1))
        found.append(rule.weights(scaled @ scaled.T, losses))
    return np.array(found), rule


def lengths(steps):
    return np.array([np.linalg.norm(G, axis=1) for G, _ in steps])


def test_the_registry_is_ordered_and_each_modifier_tells_what_it_is():
    assert list(MODIFIERS) == ["unit", "ema"]
    for key, spec in MODIFIERS.items():
        assert spec.key == key
        assert spec.kernel.__module__ == f"mtlcore.modifiers.{key}"
        assert spec.kernel.own_signature == RULE
        assert spec.title
        assert spec.equation
        assert len(spec.idea) > 80
        for param in spec.params:
            assert param.check(param.default, "test") == param.default
            assert param.help.endswith(".")


@pytest.mark.parametrize("key", AROUND)
def test_a_modified_rule_is_a_rule_like_any_other(key):
    around, _, inner = key.partition("-")
    spec, rule = rule_spec(key), mtlcore.RULES[inner]
    assert spec is rule_spec(key)
    assert spec.key == key
    assert spec.title.startswith(rule.title)
    assert (spec.preferences, spec.no_preferences, spec.head_state, spec.noise) == (
        rule.preferences, rule.no_preferences, rule.head_state, rule.noise,
    )  # fmt: skip
    assert spec.needs_gradients
    assert {p.name for p in MODIFIERS[around].params} <= {p.name for p in spec.params}


@pytest.mark.parametrize("key", GRAM)
def test_unit_sees_no_lengths_and_gives_the_mean_one_back(key):
    """w_k n_k / nbar is the same for gradients of any lengths."""
    steps = list(history())
    here, _ = answers(f"unit-{key}", steps)
    there, _ = answers(f"unit-{key}", steps, UNITS)
    n, m = lengths(steps), lengths(steps) * UNITS
    np.testing.assert_allclose(
        there * m / m.mean(axis=1, keepdims=True),
        here * n / n.mean(axis=1, keepdims=True),
        rtol=1e-7,
        atol=1e-9,
    )


@pytest.mark.parametrize("factor", [2.0**-60, 3e5])
@pytest.mark.parametrize("key", GRAM)
def test_unit_s_update_grows_with_the_gradients(key, factor):
    steps = list(history())
    here, rule = answers(f"unit-{key}", steps)
    there, _ = answers(f"unit-{key}", steps, factor)
    np.testing.assert_allclose(there, here, rtol=1e-7, atol=1e-9)
    assert rule.spec.degree(rule.params) == 1.0


@pytest.mark.parametrize("key", GRAM)
def test_unit_around_unit_gradients_is_the_rule(key):
    steps = [(G / np.linalg.norm(G, axis=1)[:, None], losses) for G, losses in history()]
    np.testing.assert_allclose(answers(f"unit-{key}", steps)[0], answers(key, steps)[0], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("key", [key for key in GRAM if "scale" in mtlcore.RULES[key].properties])
def test_unit_around_gradients_of_one_length_is_the_rule(key):
    steps = [(30.0 * G / np.linalg.norm(G, axis=1)[:, None], losses) for G, losses in history()]
    np.testing.assert_allclose(answers(f"unit-{key}", steps)[0], answers(key, steps)[0], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", ZOO)
def test_unit_around_mgda_is_mgda_normalised_by_the_lengths(name):
    M = gram(ZOO[name])
    n = np.sqrt(np.diag(M))
    active = n > 1e-12 * n.max()
    rule = mtlcore.rule("unit-mgda")
    w = rule.weights(M)
    assert not w[~active].any()
    if active.any():
        a = mtlcore.rule("mgda", normalisation="l2").weights(M)  # on the raw gradients
        a = a * active
        units = ZOO[name][active] / n[active][:, None]
        direction = (w * n / n[active].mean())[active] @ units
        lengths_of = mtlcore.rule("mgda").weights(units @ units.T)
        assert rule.status in (OK, STATIONARY)
        np.testing.assert_allclose(direction, lengths_of @ units, atol=1e-7)
        np.testing.assert_allclose(direction, a[active] / a.sum() @ units, atol=1e-7)


@pytest.mark.parametrize("key", GRAM)
def test_unit_leaves_an_inactive_task_and_its_state_alone(key):
    """The rule is applied to the sub-problem of the active tasks, whatever it makes of a zero gradient itself."""
    keep = np.array([0, 1, 3])
    steps, some = list(history()), []
    rule, alone = mtlcore.rule(f"unit-{key}"), mtlcore.rule(f"unit-{key}")
    same_noise = rule.spec.noise == "none"
    for G, losses in steps:
        shown = G.copy()
        shown[2] *= 1e-14
        w, v = (
            rule.weights(shown @ shown.T, losses),
            alone.weights((G @ G.T)[np.ix_(keep, keep)], losses[keep]),
        )
        assert w[2] == 0.0
        some.append((w[keep], v))
    if same_noise:
        np.testing.assert_allclose(*map(np.array, zip(*some, strict=True)), rtol=1e-7, atol=1e-9)
    awake = mtlcore.rule(f"unit-{key}")
    awake.weights(steps[0][0] @ steps[0][0].T, steps[0][1])
    before = awake.state_dict()["state"]
    awake.weights(np.zeros((4, 4)), steps[1][1])
    assert awake.status == STATIONARY
    np.testing.assert_array_equal(awake.state_dict()["state"], before)


@pytest.mark.parametrize("key", GRAM)
def test_ema_that_keeps_nothing_is_the_rule_to_the_bit(key):
    steps = list(history())
    np.testing.assert_array_equal(answers(f"ema-{key}", steps, ema_beta=0.0)[0], answers(key, steps)[0])


@pytest.mark.parametrize("key", GRAM)
def test_ema_begins_with_the_rule_s_answer_and_averages_from_there(key):
    steps = list(history())
    rule, found = answers(key, steps)[0], answers(f"ema-{key}", steps, ema_beta=0.7)[0]
    np.testing.assert_array_equal(found[0], rule[0])
    average = rule[0]
    for t in range(1, len(steps)):
        average = 0.7 * average + (1.0 - 0.7) * rule[t]
        np.testing.assert_allclose(found[t], average, rtol=1e-12)


@pytest.mark.parametrize("way", ["absent", "inactive"])
@pytest.mark.parametrize("key", GRAM)
def test_ema_keeps_the_average_of_a_task_that_is_away(key, way):
    """After the step without task 2 its average goes on from where it was; that of a task seen late begins then."""
    steps = list(history(steps=4))
    rule = mtlcore.rule(f"ema-{key}", ema_beta=0.5)
    inner, averages = mtlcore.rule(key), {}
    for t, (G, losses) in enumerate(steps):
        away = {0: (3,), 2: (2,)}.get(t, ())
        here = np.array([k not in away for k in range(4)])
        G = G.copy()
        if way == "absent":
            w, v = (r.weights(G @ G.T, losses, active=here) for r in (rule, inner))
        else:
            G[list(away)] = 0.0
            w, v = (r.weights(G @ G.T, losses) for r in (rule, inner))
        if rule.status == STATIONARY:  # a zero gradient, for a rule that keeps all tasks
            assert not w.any()
            continue
        for k in np.flatnonzero(here):
            averages[k] = 0.5 * averages[k] + 0.5 * v[k] if k in averages else v[k]
            assert w[k] == pytest.approx(averages[k], rel=1e-9)
        assert not w[~here].any()


@pytest.mark.parametrize("key", ["imtl_g", "config", "nash_mtl", "mgda", "upgrad"])
def test_ema_stands_still_where_the_rule_does_and_keeps_its_average(key):
    rule = mtlcore.rule(f"ema-{key}")
    first = rule.weights(np.array([[4.0, 1.0], [1.0, 9.0]]))
    before = rule.state_dict()["state"][-4:]
    assert not rule.weights(np.array([[4.0, -6.0], [-6.0, 9.0]])).any()
    assert rule.status == STATIONARY
    np.testing.assert_array_equal(rule.state_dict()["state"][-4:], before)
    again = rule.weights(np.array([[4.0, 1.0], [1.0, 9.0]]))
    np.testing.assert_allclose(again, first, rtol=1e-12)


@njit(RULE)
def falters(gram, losses, hp, noise, state, w):
    state[0] += 1.0
    w[:] = float("nan") if state[0] == 2.0 else state[0]
    return NOT_CONVERGED if state[0] == 2.0 else OK


def test_ema_steps_with_the_average_where_the_rule_has_no_answer():
    plain = RuleSpec(
        key="falters", title="Falters", equation="-", idea="It fails.", cite="-", kind="gram",
        needs=frozenset({"gram"}), kernel=falters, state_size=lambda tasks: 1,
    )  # fmt: skip
    rule = mtlcore.Rule(modified(MODIFIERS["ema"], plain), {"ema_beta": 0.5})
    told = [(rule.weights(np.eye(2)).tolist(), rule.status) for _ in range(3)]
    assert told == [([1.0, 1.0], OK), ([1.0, 1.0], NOT_CONVERGED), ([2.0, 2.0], OK)]


@pytest.mark.parametrize("key", AROUND)
def test_the_modified_rule_is_that_of_the_tasks_present(key):
    rule, alone = mtlcore.rule(key), mtlcore.rule(key)
    active = np.array([True, False, True, True])
    for G, losses in history():
        if rule.spec.given_weights:
            expected = alone.weights(G @ G.T, losses)[active]
        else:
            expected = alone.weights(G[active] @ G[active].T, losses[active])
        G[1], losses[1] = np.nan, np.nan
        weights = rule.weights(G @ G.T, losses, active=active)
        np.testing.assert_allclose(weights[active], expected, rtol=1e-6, atol=1e-12)
        assert weights[1] == 0.0
        assert rule.status == alone.status


@pytest.mark.parametrize("key", [key for key in AROUND if rule_spec(key).noise == "none"])
def test_which_task_is_absent_when_does_not_depend_on_their_order(key):
    """The state of rule and modifier is looked up where it belongs."""
    order = np.array([2, 0, 3, 1])
    rule, turned = mtlcore.rule(key), mtlcore.rule(key)
    present = (
        np.array([[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 1, 1], [0, 1, 1, 0], [1, 1, 1, 1], [1, 1, 1, 0]]) > 0
    )
    for (G, losses), active in zip(history(), present, strict=True):
        w = rule.weights(G @ G.T, losses, active=active)
        v = turned.weights((G @ G.T)[np.ix_(order, order)], losses[order], active=active[order])
        np.testing.assert_allclose(w[order], v, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("key", AROUND)
def test_a_saved_rule_goes_on_to_the_bit_and_reset_begins_anew(key):
    steps = list(history())
    straight, whole = answers(key, steps)
    first, second = mtlcore.rule(key), mtlcore.rule(key)
    for G, losses in steps[:3]:
        first.weights(G @ G.T, losses)
    second.load_state_dict(first.state_dict())
    for (G, losses), expected in zip(steps[3:], straight[3:], strict=True):
        np.testing.assert_array_equal(second.weights(G @ G.T, losses), expected)
    whole.reset()
    for (G, losses), expected in zip(steps, straight, strict=True):
        np.testing.assert_array_equal(whole.weights(G @ G.T, losses), expected)


@pytest.mark.parametrize("key", [key for key in AROUND if rule_spec(key).preferences != "none"])
def test_preferences_reach_the_rule(key):
    G = np.array([[2.0, 0.0, 0.5], [-1.0, 1.0, 0.5]])
    by_wish = [mtlcore.rule(key, preferences=p).combine(G) for p in ((9, 1), (1, 9))]
    assert by_wish[0] @ G[0] > by_wish[1] @ G[0]
    assert by_wish[0] @ G[1] < by_wish[1] @ G[1]


@pytest.mark.parametrize("tasks", [1, 2, 3, 5])
@pytest.mark.parametrize("key", AROUND)
def test_the_mean_of_the_gradients_after_it_is_its_update(key, tasks):
    rng, rule, p = np.random.default_rng(tasks), mtlcore.rule(key), np.full(tasks, 1.0 / tasks)
    for turn in range(4):
        G = rng.standard_normal((tasks, tasks)) * 10.0 ** rng.uniform(-1, 1, (tasks, 1))
        G[turn % tasks] *= float(turn < 2 or tasks == 1)
        w = rule.weights(G @ G.T, np.arange(1.0, tasks + 1.0))
        after = rule.spec.after(G, w, p, rule.params)
        if after is None:
            assert mtlcore.RULES[key.partition("-")[2]].after is not None
            assert tasks != 2
            continue
        np.testing.assert_allclose(after.mean(axis=0), w @ G, atol=1e-9 * (np.abs(w) @ np.abs(G)).max())


@pytest.mark.parametrize("size", [1e-150, 1e-100, 1e100, 1e150])
@pytest.mark.parametrize("key", AROUND)
def test_gradients_of_any_size_get_the_same_answer(key, size):
    steps = list(history(steps=3))
    e = int(np.log2(size))
    here, rule = answers(key, steps)
    there, _ = answers(key, [(np.ldexp(G, e), losses) for G, losses in steps])
    back = there * 2.0 ** (e * (1.0 - rule.spec.degree(rule.params)))
    np.testing.assert_allclose(back, here, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("around", MODIFIERS)
@pytest.mark.parametrize("key", OTHERS)
def test_a_rule_that_does_not_weigh_gradients_takes_no_modifier(around, key):
    with pytest.raises(ValueError, match=f"^{around}-{key}: {around} goes around rules that weigh gradients"):
        mtlcore.rule(f"{around}-{key}")
    with pytest.raises(ValueError, match=f"{around} goes around rules that weigh gradients"):
        mtlcore.method(f"none+{around}-{key}")


def test_what_is_no_modifier_or_one_too_many_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match="modifier takes one of unit, ema, and only one, got 'unit-ema'"):
        mtlcore.rule("unit-ema-cagrad")
    with pytest.raises(
        ValueError, match="^often-cagrad: modifier takes one of unit, ema, and only one, got 'often'"
    ):
        mtlcore.rule("often-cagrad")
    with pytest.raises(ValueError, match="^unit-ema-cagrad: modifier takes one of"):
        mtlcore.method("rotation+unit-ema-cagrad")
    with pytest.raises(ValueError, match="ema_beta takes a number from 0 to 0.999999, got 1"):
        mtlcore.rule("ema-cagrad", ema_beta=1)


def test_a_modifier_goes_with_any_transform_and_level():
    for transform, level, key in itertools.product(mtlcore.TRANSFORMS, LEVELS, ("unit-cagrad", "ema-imtl")):
        composed = mtlcore.method(f"{transform}+{key}@{level}")
        assert (composed.transform, composed.spec.rule_key, composed.level) == (transform, key, level)
    chosen = mtlcore.method("rotation+ema-cagrad@features", ema_beta=0.5, c=0.2, m=64)
    assert (chosen.rule_params["ema_beta"], chosen.rule_params["c"], chosen.params["m"]) == (0.5, 0.2, 64)
    assert chosen.spec.title == "Rotation + CAGrad, averaged weights (features)"


def test_parameter_names_do_not_collide():
    registries = (MODIFIERS, mtlcore.RULES, mtlcore.TRANSFORMS)
    for parts in itertools.product(*(registry.values() for registry in registries)):
        names = [p.name for part in parts for p in part.params]
        assert len(set(names)) == len(names)
