"""Preferences at the rules: what is taken, refused and in which words, and what they mean where it shows by hand."""

import numpy as np
import pytest

import mtlcore
from mtlcore.compiled.signatures import OK
from tests.kernel_call import call
from tests.matrix_zoo import ZOO, gram, preferences

RULES = mtlcore.RULES
TAKING = [key for key, spec in RULES.items() if spec.preferences != "none"]
WITHOUT = [key for key, spec in RULES.items() if spec.preferences == "none"]
PAIR = np.array([[4.0, -2.0], [-2.0, 2.0]])


def noise_of(key, tasks, dim=1):
    return np.random.default_rng(0).random(RULES[key].noise_size(tasks, dim))


@pytest.mark.parametrize("key", TAKING)
def test_a_rule_that_takes_preferences_follows_them(key):
    """More for a task gives an update that lowers its loss more, where gradients conflict."""
    G = np.array([[2.0, 0.0, 0.5], [-1.0, 1.0, 0.5]])
    by_wish = [mtlcore.rule(key, preferences=p).combine(G) for p in ((9, 1), (1, 9))]
    assert by_wish[0] @ G[0] > by_wish[1] @ G[0]
    assert by_wish[0] @ G[1] < by_wish[1] @ G[1]


@pytest.mark.parametrize("key", WITHOUT)
def test_a_rule_that_takes_none_says_why(key):
    assert len(RULES[key].no_preferences) > 15
    with pytest.raises(ValueError, match=f"takes no preferences: {RULES[key].no_preferences}"):
        mtlcore.rule(key, preferences=(0.8, 0.2))
    with pytest.raises(ValueError, match="takes no preferences: "):
        mtlcore.method(
            next(m for m, spec in mtlcore.METHODS.items() if spec.rule == key), preferences=(1, 2)
        ) if any(spec.rule == key for spec in mtlcore.METHODS.values()) else mtlcore.method(
            f"none+{key}", preferences=(1, 2)
        )


@pytest.mark.parametrize("key", TAKING)
@pytest.mark.parametrize(
    "given",
    [(), "0.5,0.5", (0.5, "a"), (0.5, np.nan), (0.5, np.inf), (-0.5, 1.0), (0.0, 0.0), 0.5, (True, 1.0)],
)
def test_what_is_no_preference_is_refused_with_a_sentence(key, given):
    with pytest.raises(ValueError, match=f"^{key}: preferences takes one number a task, .*got"):
        mtlcore.rule(key, preferences=given)


@pytest.mark.parametrize("key", TAKING)
def test_a_task_may_be_left_out_by_uniform_alone(key):
    if RULES[key].preferences == "nonnegative":
        np.testing.assert_array_equal(
            mtlcore.rule(key, preferences=(1, 0, 3)).weights(np.eye(3)), [0.25, 0.0, 0.75]
        )
        return
    with pytest.raises(ValueError, match="positive numbers"):
        mtlcore.rule(key, preferences=(1, 0, 3))


@pytest.mark.parametrize("key", TAKING)
def test_another_number_of_tasks_is_refused(key):
    with pytest.raises(ValueError, match=rf"^{key}: preferences takes 2 numbers, one a task, got 3"):
        mtlcore.rule(key, preferences=(1, 2, 3)).combine(np.eye(2))


@pytest.mark.parametrize("key", TAKING)
def test_only_the_ratios_matter_and_the_rule_tells_them(key):
    G = np.random.default_rng(2).normal(size=(3, 6))
    one, other = mtlcore.rule(key, preferences=(1, 2, 5)), mtlcore.rule(key, preferences=(0.125, 0.25, 0.625))
    np.testing.assert_array_equal(one.combine(G), other.combine(G))
    assert one.preferences == other.preferences == (0.125, 0.25, 0.625)
    assert mtlcore.rule(key).preferences is None
    assert mtlcore.rule(key, preferences=one.preferences).preferences == one.preferences


@pytest.mark.parametrize("tasks", [2, 3, 7, 10])
def test_numbers_that_sum_to_one_are_left_alone(tasks):
    rng = np.random.default_rng(tasks)
    for _ in range(50):
        p = mtlcore.rule(
            "uniform", preferences=rng.random(tasks) * 10.0 ** rng.uniform(-200, 200)
        ).preferences
        assert mtlcore.rule("uniform", preferences=p).preferences == p
        assert sum(p) == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("key", [key for key in TAKING if RULES[key].kind != "elementwise"])
@pytest.mark.parametrize("name", [name for name in ZOO if len(ZOO[name]) in (1, 2, 3, 10, 32)])
def test_equal_preferences_are_none_bit_for_bit(key, name):
    M, tasks = gram(ZOO[name]), len(ZOO[name])
    noise = noise_of(key, tasks)
    plain, given = call(key, M, noise=noise), call(key, M, noise=noise, preferences=(1 / tasks,) * tasks)
    assert plain[0] == given[0]
    np.testing.assert_array_equal(plain[1], given[1])


def test_task_weights_say_the_same_for_uniform():
    old = mtlcore.rule("uniform", task_weights=(3.0, 1.0))
    new = mtlcore.rule("uniform", preferences=(3.0, 1.0))
    np.testing.assert_array_equal(old.weights(PAIR), new.weights(PAIR))
    assert old.preferences == new.preferences == (0.75, 0.25)
    with pytest.raises(ValueError, match="task_weights says the same as preferences: give one of the two"):
        mtlcore.rule("uniform", task_weights=(1, 2), preferences=(1, 2))


@pytest.mark.parametrize(
    ("key", "params", "expected"),
    [
        ("uniform", {}, [0.8, 0.2]),
        ("pcgrad", {}, [0.8 + 0.2 / 2, 0.2 + 0.8]),  # g1' = g1 + g2, g2' = g2 + g1 / 2
        ("gradvac", {}, [0.9, 1.0]),
        ("upgrad", {}, [0.9, 1.0]),
        ("dualproj", {}, [0.8, 0.8]),  # 0.8 g1 + 0.2 g2 has -1.2 along g2, whose square is 2
        ("cagrad", {"c": 0.0}, [0.8, 0.2]),
    ],
)
def test_two_tasks_by_hand(key, params, expected):
    status, w = call(key, PAIR, preferences=(0.8, 0.2), **params)
    assert status == OK
    np.testing.assert_allclose(w, expected, rtol=1e-14)


@pytest.mark.parametrize("length", [1e-3, 1.0, 40.0])
def test_orthogonal_tasks_by_hand(length):
    """M a = K p / a gives a_k n_k = sqrt(K p_k); Aligned-MTL makes lengths equal and weighs them by p."""
    n, p = length * np.array([1.0, 2.0, 4.0]), np.array([0.5, 0.3, 0.2])
    M = np.diag(n * n)
    np.testing.assert_allclose(
        call("nash_mtl", M, max_norm=0.0, preferences=p)[1], np.sqrt(3 * p) / n, rtol=1e-12
    )
    np.testing.assert_allclose(
        call("fairgrad", M, alpha=0.5, preferences=p)[1] ** 3, (3 * p) ** 2 / n**2, rtol=1e-12
    )
    np.testing.assert_allclose(call("aligned_mtl", M, preferences=p)[1], n[0] * p / n, rtol=1e-12)


@pytest.mark.parametrize("cosine", [-1 + 1e-10, -0.9, -0.3, 0.0, 0.4, 0.99, 1 - 1e-10])
@pytest.mark.parametrize("p", [(0.8, 0.2), (0.999, 0.001), (1e-6, 1 - 1e-6)])
def test_two_bargainers_of_different_power(cosine, p):
    """The closed form solves M a = K p / a, to the last digits of the Gram matrix."""
    M = np.array([[4.0, 2 * 3 * cosine], [2 * 3 * cosine, 9.0]])
    status, a = call("nash_mtl", M, max_norm=0.0, preferences=p)
    assert status == OK
    size = np.abs(M) @ a + 2 * np.array(p) / a
    assert (np.abs(M @ a - 2 * np.array(p) / a) <= 1e-14 * size).all()


@pytest.mark.parametrize("key", ["cagrad", "nash_mtl", "fairgrad", "gradvac"])
def test_preferences_are_shared_out_among_the_active_tasks(key):
    rng = np.random.default_rng(4)
    G, p = rng.normal(size=(5, 9)) + 0.3, np.array([0.1, 0.2, 0.3, 0.15, 0.25])
    G[3] *= 1e-13
    keep, noise = [0, 1, 2, 4], noise_of(key, 5)
    rows = noise.reshape(5, 5)[np.ix_(keep, keep)].ravel() if noise.size else noise
    status, w = call(key, gram(G), noise=noise, preferences=p.tolist())
    assert status == OK
    assert w[3] == 0.0
    sub = call(key, gram(G[keep]), noise=rows, preferences=(p[keep] / p[keep].sum()).tolist())[1]
    np.testing.assert_allclose(w[keep], sub, rtol=1e-9)


@pytest.mark.parametrize("key", TAKING)
def test_a_saved_rule_goes_on_with_its_preferences(key):
    G = np.random.default_rng(7).normal(size=(4, 3, 6))
    straight = mtlcore.rule(key, seed=3, preferences=(1, 2, 7))
    expected = [straight.combine(g) for g in G]
    first, second = (mtlcore.rule(key, seed=3, preferences=(1, 2, 7)) for _ in range(2))
    first.combine(G[0])
    second.load_state_dict(first.state_dict())
    for g, d in zip(G[1:], expected[1:], strict=True):
        np.testing.assert_array_equal(second.combine(g), d)


def test_the_preferences_drawn_for_the_zoo_are_no_equal_ones():
    for name, G in ZOO.items():
        p = preferences(name, len(G))
        assert sum(p) == pytest.approx(1.0)
        assert len(set(p)) == len(p)


@pytest.mark.parametrize("old", ["1", 1])
def test_the_old_name_of_no_rescaling_is_read(old):
    spec = next(p for p in RULES["cagrad"].params if p.name == "rescale")
    assert spec.choices == ("none", "1+c", "1+c^2")
    assert mtlcore.rule("cagrad", rescale=old).params["rescale"] == "none"
    assert mtlcore.method("cagrad", rescale=old).params["rescale"] == "none"
    with pytest.raises(ValueError, match=r"rescale takes one of none, 1\+c, 1\+c\^2, got '2'"):
        mtlcore.rule("cagrad", rescale="2")
