"""Every rule and method of the registries: complete, exact in what it claims, finite on every gradient."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mtlcore
from mtlcore.compiled.signatures import ELEMENTWISE, RULE
from mtlcore.methods import COMPOSED
from mtlcore.registry import LEVELS
from mtlcore.spec import PROPERTIES, Param, draw_noise
from toy_problems.config import SHARED

RULES, METHODS, TRANSFORMS = mtlcore.RULES, mtlcore.METHODS, mtlcore.TRANSFORMS
CLAIMS = [(key, name) for key, spec in RULES.items() for name in PROPERTIES if name in spec.properties]
NEEDS = {"gram", "losses", "losses_after", "gradients"}
STEPS = 3
FAR = 10  # times the lengths of all gradients together
check = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def tasks_of(seed, tasks, rank, spread):
    """Gradients [STEPS, K, 8] of the given rank, norms over `spread` decades, and losses [STEPS, K]."""
    rng = np.random.default_rng(seed)
    G = rng.standard_normal((STEPS, tasks, rank)) @ rng.standard_normal((STEPS, rank, 8))
    return G * 10.0 ** (spread * rng.uniform(-0.5, 0.5, (tasks, 1))), 10.0 ** rng.uniform(
        -2, 2, (STEPS, tasks)
    )


histories = st.integers(1, 6).flatmap(
    lambda tasks: st.builds(
        tasks_of, st.integers(0, 2**32 - 1), st.just(tasks), st.integers(1, tasks), st.sampled_from([0, 2, 6])
    )
)


def noise_of(spec, G, seed=0):
    size = (len(G), spec.noise_size(G.shape[1], G.shape[2]))
    return draw_noise(spec.noise, size, np.random.default_rng(seed))


def updates(spec, G, losses, noise):
    """Returns updates [T, D], weights [T, K] (None if element-wise) and statuses of T steps from no state."""
    hp, tasks = spec.encode({p.name: p.default for p in spec.params}), G.shape[1]
    state, d, w = np.zeros(spec.state_size(tasks)), np.empty(G[:, 0].shape), np.empty(G.shape[:2])
    statuses = []
    for t, g in enumerate(G):
        if spec.kind == "elementwise":
            out = np.empty((1, g.shape[1]))
            cube = np.ascontiguousarray(g[:, None])
            statuses.append(spec.kernel(cube, np.ones_like(out), hp, noise[t], out))
            d[t] = out[0]
        else:
            statuses.append(spec.kernel(g @ g.T, losses[t], hp, noise[t], state, w[t]))
            d[t] = w[t] @ g
    return d, None if spec.kind == "elementwise" else w, statuses


def close(found, expected, G, tolerance=1e-8):
    scale = np.sqrt((G**2).sum(axis=-1)).max(axis=-1)
    assert (np.abs(found - expected) <= tolerance * np.broadcast_to(scale[..., None], found.shape)).all()


def permutation(spec, G, losses):
    noise, tasks = noise_of(spec, G), G.shape[1]
    order = np.random.default_rng(tasks).permutation(tasks)
    moved = noise
    if spec.noise == "normal":
        moved = np.ascontiguousarray(noise[:, order])
    elif spec.noise == "order":
        moved = noise.reshape(-1, tasks, tasks)[:, order][:, :, order].reshape(noise.shape)
    there = updates(spec, np.ascontiguousarray(G[:, order]), np.ascontiguousarray(losses[:, order]), moved)
    close(there[0], updates(spec, G, losses, noise)[0], G)


def scale(spec, G, losses):
    here = updates(spec, G, losses, noise_of(spec, G))[0]
    for factor in (2.0**-40, 2.0**40, 3e5):
        close(updates(spec, factor * G, losses, noise_of(spec, G))[0], factor * here, factor * G)


def sum_to_one(spec, G, losses):
    _, w, _ = updates(spec, G, losses, noise_of(spec, G))
    moving = w[w.any(axis=1)]  # where d is defined as 0 the weights are too
    assert (np.abs(moving.sum(axis=1) - 1.0) <= 1e-9 * np.abs(moving).sum(axis=1)).all()


def nonnegative(spec, G, losses):
    _, w, _ = updates(spec, G, losses, noise_of(spec, G))
    assert (w >= -1e-12 * np.abs(w).max(axis=1, keepdims=True)).all()


def min_norm_nonincrease(spec, G, losses):
    lengths = []
    for tasks in range(1, G.shape[1] + 1):
        part = np.ascontiguousarray(G[:, :tasks])
        d = updates(spec, part, np.ascontiguousarray(losses[:, :tasks]), noise_of(spec, part))[0]
        lengths.append(np.linalg.norm(d, axis=1))
    slack = 1e-8 * np.linalg.norm(G, axis=2).max(axis=1)
    assert all((after <= before + slack).all() for before, after in itertools.pairwise(lengths))


def descent(spec, G, losses):
    d = updates(spec, G, losses, noise_of(spec, G))[0]
    norms = np.linalg.norm(G, axis=2)
    assert (np.einsum("td,tkd->tk", d, G) >= -1e-8 * norms * norms.max(axis=1, keepdims=True)).all()


def equal_projections(spec, G, losses):
    d = updates(spec, G, losses, noise_of(spec, G))[0]
    norms = np.linalg.norm(G, axis=2)
    along = np.einsum("td,tkd->tk", d, G) / norms
    assert (np.ptp(along, axis=1) <= 1e-8 * norms.max(axis=1)).all()


def stationary_at_opposite(spec, G, losses):
    for length in (1e-3, 1.0, 30.0):
        pair = np.stack((G[:, 0], -length * G[:, 0]), axis=1)
        two = np.ascontiguousarray(losses[:, [0, -1]])
        d = updates(spec, pair, two, noise_of(spec, pair))[0]
        close(
            d, 0.0, pair, 1e-7
        )  # from squares an angle is known to sqrt(eps) only, and GradVac takes its sine


@pytest.mark.parametrize(("key", "claim"), CLAIMS)
@check
@given(history=histories)
def test_a_rule_has_the_properties_it_declares(key, claim, history):
    globals()[claim](RULES[key], *history)


@pytest.mark.parametrize("key", RULES)
def test_each_property_is_declared_or_exempted_with_a_reason(key):
    spec = RULES[key]
    assert spec.properties | set(spec.exemptions) == set(PROPERTIES)
    assert not spec.properties & set(spec.exemptions)
    assert all(len(reason) > 15 and reason.endswith(".") for reason in spec.exemptions.values())


@pytest.mark.parametrize("key", RULES)
def test_a_rule_tells_everything_about_itself(key):
    spec = RULES[key]
    assert spec.key == key
    assert key.isidentifier()
    assert spec.title
    assert spec.cite
    assert spec.equation
    assert len(spec.idea) > 80
    assert spec.needs <= NEEDS
    assert ("gradients" in spec.needs) == (spec.kind == "elementwise")
    assert spec.kernel.own_signature == (ELEMENTWISE if spec.kind == "elementwise" else RULE)
    assert spec.kernel.__name__ == key
    assert spec.kernel.__doc__
    assert spec.kernel.__module__ == f"mtlcore.rules.{key}"


@pytest.mark.parametrize(
    "param", [p for spec in (*RULES.values(), *METHODS.values()) for p in spec.params], ids=lambda p: p.name
)
def test_a_parameter_has_help_a_label_and_a_default_within_its_range(param: Param):
    assert param.label
    assert param.name.isidentifier()
    assert param.check(param.default, "test") == param.default
    assert param.help.endswith(".")
    assert param.low < param.high
    assert param.kind not in ("float", "int") or param.step > 0


def test_parameter_names_never_collide():
    shared = {p.name for p in SHARED} | {"problem", "method", "methods", "params", "starts"}
    for transform, spec in itertools.product(TRANSFORMS.values(), RULES.values()):
        names = [p.name for p in (*transform.params, *spec.params)]
        assert len(set(names)) == len(names), (transform.key, spec.key)
        assert not shared & set(names), (transform.key, spec.key)


def test_methods_stand_in_the_order_of_the_rules_whose_names_they_are():
    own = [spec.rule for spec in METHODS.values() if spec.transform == "none"]
    assert own == sorted(own, key=list(RULES).index)
    assert own[0] == "uniform"  # what everything is compared with comes first
    assert {spec.key for specs in COMPOSED.values() for spec in specs} <= set(METHODS)
    assert set(COMPOSED) <= set(RULES)


@pytest.mark.parametrize(
    "key", [key for key, spec in RULES.items() if spec.head_state is not None or spec.head_rule]
)
def test_a_rule_that_gives_the_heads_other_weights_says_whose_they_are(key):
    spec = RULES[key]
    assert RULES[spec.head_rule].needs == {"losses"}
    rule, heads = mtlcore.rule(key), mtlcore.rule(spec.head_rule)
    for G, losses in zip(*tasks_of(1, 4, 4, 2), strict=True):
        rule.weights(G @ G.T, losses)
        kept = rule.state_dict()["state"][4 * spec.head_state :][:4]
        np.testing.assert_allclose(kept, heads.weights(np.eye(4), losses), rtol=1e-12)


@pytest.mark.parametrize("key", RULES)
def test_a_rule_names_methods_that_are_itself(key):
    for spec in RULES[key].methods:
        assert (spec.rule, spec.transform) == (key, "none")
        assert METHODS[spec.key] == spec


@pytest.mark.parametrize("key", METHODS)
def test_a_method_resolves_and_tells_what_it_is(key):
    spec = METHODS[key]
    assert spec.key == key
    assert spec.title
    assert spec.cite
    assert spec.note.endswith(".")
    assert spec.level in LEVELS
    resolved = mtlcore.method(key)
    assert set(resolved.params) == {p.name for p in (*spec.transform_spec.params, *spec.rule_spec.params)}
    for name, value in {**spec.defaults, **spec.fixed}.items():
        assert resolved.params[name] == value


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_any_transform_goes_with_any_rule_at_any_level(transform):
    for rule, level in itertools.product(RULES, LEVELS):
        composed = mtlcore.method(f"{transform}+{rule}@{level}")
        assert (composed.transform, composed.spec.rule, composed.level) == (transform, rule, level)


def hard_cases():
    """Yields gradients [K, D] that break public code, by name."""
    rng = np.random.default_rng(0)
    base = rng.standard_normal((4, 6))
    yield "zero", np.zeros((3, 6))
    yield "one_zero", base * [[1], [0], [1], [1]]
    yield "only_one", base * [[0], [1], [0], [0]]
    yield "parallel", np.outer([1.0, 2.0, 3.0], base[0])
    yield "equal", np.outer(np.ones(3), base[0])
    yield "opposite", np.outer([1.0, -1.0], base[0])
    yield "opposite_unequal", np.outer([1.0, -1e4], base[0])
    yield "rank_deficient", rng.standard_normal((5, 2)) @ rng.standard_normal((2, 6))
    yield "nearly_parallel", base[:1] + 1e-9 * base
    yield "tiny", 1e-12 * base
    yield "huge", 1e12 * base
    yield "unequal", base * [[1.0], [1e4], [1.0], [1.0]]
    yield "almost_inactive", base * [[1.0], [1e-11], [1e-13], [1.0]]
    yield "single", base[:1]
    yield "many", rng.standard_normal((32, 40))


HARD = dict(hard_cases())


@pytest.mark.parametrize("case", HARD)
@pytest.mark.parametrize("key", RULES)
def test_every_answer_is_finite_and_of_the_gradients_size(key, case):
    spec, one = RULES[key], HARD[case]
    G = np.stack([one] * 4)
    losses = np.abs(np.random.default_rng(1).standard_normal((4, len(one))))
    losses[1:3, 0] = 0.0
    losses[2] = 0.0
    d, w, statuses = updates(spec, G, losses, noise_of(spec, G))
    assert np.isfinite(d).all()
    assert w is None or np.isfinite(w).all()
    assert set(statuses) <= {mtlcore.Status.OK, mtlcore.Status.STATIONARY}
    if not one.any():
        assert not d.any()
    if (
        "scale" in spec.properties and not spec.unbounded
    ):  # in the gradients' units, and not far longer than they are
        assert (np.linalg.norm(d, axis=1) <= FAR * np.linalg.norm(one, axis=1).sum()).all()


@pytest.mark.parametrize("key", [key for key, spec in RULES.items() if spec.unbounded])
def test_a_rule_that_says_its_update_can_be_far_longer_than_the_gradients_has_such_updates(key):
    """Where one task's loss has all but reached its minimum."""
    G = np.stack([np.eye(3)] * 2)
    d, _, _ = updates(RULES[key], G, np.array([[1.0, 1.0, 1.0], [1e-6, 1.0, 1.0]]), noise_of(RULES[key], G))
    assert len(RULES[key].unbounded) > 15
    assert np.linalg.norm(d[1]) > FAR * 3


@pytest.mark.parametrize("key", [key for key, spec in RULES.items() if spec.kind != "elementwise"])
def test_the_update_is_of_the_degree_in_the_gradients_that_the_rule_says(key):
    spec, (G, losses) = RULES[key], tasks_of(7, 4, 4, 2)
    degree = spec.degree({p.name: p.default for p in spec.params})
    assert ("scale" in spec.properties) == (degree == 1.0)
    here = updates(spec, G, losses, noise_of(spec, G))[0]
    for factor in (2.0**-10, 3e5):
        there = updates(spec, factor * G, losses, noise_of(spec, G))[0] / factor**degree
        np.testing.assert_allclose(there, here, atol=1e-7 * np.abs(here).max())


@pytest.mark.parametrize("key", RULES)
def test_a_kernel_changes_nothing_but_its_state_and_its_answer(key):
    spec = RULES[key]
    G, losses = tasks_of(3, 4, 4, 2)
    noise = noise_of(spec, G)
    kept = [array.copy() for array in (G, losses, noise)]
    updates(spec, G, losses, noise)
    for array, before in zip((G, losses, noise), kept, strict=True):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("key", RULES)
def test_reset_gives_the_first_steps_again(key):
    rule = mtlcore.rule(key, seed=4)
    G, losses = tasks_of(5, 3, 3, 2)
    runs = []
    for _ in range(2):
        runs.append([rule.combine(g, losses=row) for g, row in zip(G, losses, strict=True)])
        rule.reset()
        assert rule.status is mtlcore.Status.OK
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-10)  # BLAS made the Gram matrices anew
