"""A rule as an object: what it takes, what it refuses and in which words, and that it resumes exactly."""

import subprocess
import sys
from functools import cache

import numpy as np
import pytest
import torch

import mtlcore
from mtlcore import Status
from mtlcore.streams import Stream

GRAM = np.array([[4.0, 1.0], [1.0, 1.0]])
STATEFUL = [key for key, spec in mtlcore.RULES.items() if spec.kind != "elementwise"]


@cache
def inputs(count, seed=0, tasks=3):
    """Gram matrices and losses, computed once: BLAS may give a product other last digits the next time."""
    rng = np.random.default_rng(seed)
    drawn = [(rng.standard_normal((tasks, 5)), rng.random(tasks)) for _ in range(count)]
    return [(G @ G.T, losses) for G, losses in drawn]


def steps(rule, count):
    for gram, losses in inputs(count):
        yield rule.weights(gram, losses=losses)


@pytest.mark.parametrize(
    ("key", "gram", "losses", "words"),
    [
        ("uniform", np.ones((2, 3)), None, r"gram takes a matrix \[K, K\] with K >= 1, got shape \[2, 3\]"),
        ("uniform", np.ones(4), None, r"gram takes a matrix \[K, K\] with K >= 1, got shape \[4\]"),
        ("uniform", np.ones((0, 0)), None, "K >= 1"),
        ("uniform", np.array([[1.0, np.nan], [np.nan, 1.0]]), None, r"finite numbers, entry \(0, 1\) is nan"),
        ("uniform", np.array([[1.0, 0.5], [0.4, 1.0]]), None, r"symmetric matrix, entry \(1, 0\) is 0.4"),
        ("uniform", np.diag([1.0, -1.0]), None, r"no negative diagonal, entry \(1, 1\) is -1"),
        ("uniform", np.array([[1.0, 2.0], [2.0, 1.0]]), None, "more than the product of the norms"),
        ("dwa", GRAM, None, "dwa needs losses=, one excess loss for each of the 2 tasks"),
        ("dwa", GRAM, [1.0], r"losses takes 2 numbers, one a task, got shape \[1\]"),
        ("dwa", GRAM, [1.0, np.inf], "losses of task 1 is inf: it takes a finite number"),
        ("dwa", GRAM, [1.0, np.nan], "losses of task 1 is nan"),
        ("dwa", GRAM, [-1.0, 1.0], "losses of task 0 is -1: it takes an excess loss, not below 0"),
        ("graddrop", GRAM, None, r"graddrop works element by element .* call combine\(G\)"),
        ("single_task", np.eye(1), None, None),
    ],
)
def test_weights_refuses_with_a_sentence(key, gram, losses, words):
    rule = mtlcore.rule(key)
    if words is None:
        np.testing.assert_array_equal(rule.weights(gram), [1.0])
        return
    with pytest.raises(ValueError, match=words):
        rule.weights(gram, losses=losses)


@pytest.mark.parametrize(
    ("key", "params", "words"),
    [
        ("no_such_rule", {}, "rule takes one of uniform, .*, got 'no_such_rule'"),
        ("dwa", {"beta": 1}, "dwa has no parameter 'beta'; it takes: T, window"),
        ("dwa", {"T": 0.0}, "dwa: T takes a number from 0.1 to 100, got 0.0"),
        ("dwa", {"window": 1.5}, "dwa: window takes a whole number from 1"),
        ("gradnorm", {"reference": "max"}, "reference takes one of mean_norm, norm_of_mean, got 'max'"),
    ],
)
def test_rule_refuses_with_a_sentence(key, params, words):
    with pytest.raises(ValueError, match=words):
        mtlcore.rule(key, **params)


@pytest.mark.parametrize(
    ("key", "params", "words"),
    [
        ("single_task", {"task": 2}, "single_task: task takes a number from 0 to 1, got 2"),
        (
            "uniform",
            {"task_weights": (1.0,)},
            r"task_weights takes 2 numbers with a positive sum, got \[1.0\]",
        ),
        ("uniform", {"task_weights": (0.0, 0.0)}, "positive sum"),
    ],
)
def test_parameters_are_held_against_the_number_of_tasks(key, params, words):
    with pytest.raises(ValueError, match=words):
        mtlcore.rule(key, **params).weights(GRAM)


@pytest.mark.parametrize(
    ("G", "features", "words"),
    [
        (np.ones((2, 3, 4)), None, r"graddrop needs features= \[N, d\]"),
        (
            np.ones((2, 3, 4)),
            np.ones((3, 5)),
            r"features take the shape of a gradient, \[3, 4\], got \[3, 5\]",
        ),
        (np.full((2, 3), np.nan), None, "finite numbers"),
        (np.ones(3), None, r"G takes gradients \[K, D\] or \[K, N, d\] with K >= 1, got shape \[3\]"),
        (np.ones((0, 3)), None, "K >= 1"),
        (torch.ones(2, 3, dtype=torch.int64), None, "floating-point tensor, got torch.int64"),
    ],
)
def test_combine_refuses_with_a_sentence(G, features, words):
    with pytest.raises(ValueError, match=words):
        mtlcore.rule("graddrop").combine(G, features=features)


def test_a_gradient_that_is_not_finite_is_found_through_the_gram_matrix():
    with pytest.raises(ValueError, match="gradient of task 1"):
        mtlcore.rule("uniform").combine(np.array([[1.0, 2.0], [np.nan, 1.0]]))


def test_rounding_below_zero_is_zero_and_more_than_that_is_an_error():
    rule, exact = mtlcore.rule("dwa"), mtlcore.rule("dwa")
    for losses in ([1.0, 2.0], [0.5, -1e-9], [0.2, 0.0], [0.1, 0.1]):
        expected = exact.weights(GRAM, losses=np.maximum(losses, 0.0))
        np.testing.assert_array_equal(rule.weights(GRAM, losses=losses), expected)
    with pytest.raises(ValueError, match="losses of task 1 is -3e-09"):
        rule.weights(GRAM, losses=[0.5, -3e-9])
    with pytest.raises(ValueError, match="losses_after of task 0"):
        mtlcore.rule("famo").weights(GRAM, losses=[1.0, 1.0], losses_after=[-1.0, 1.0])


@pytest.mark.parametrize("key", ["dwa", "famo", "gradnorm", "rlw"])
def test_a_refused_call_changes_nothing(key):
    rule, undisturbed = mtlcore.rule(key), mtlcore.rule(key)
    bad = [(np.ones((2, 3)), [1.0, 1.0]), (GRAM, [1.0, np.nan]), (np.diag([1.0, -1.0]), [1.0, 1.0])]
    for losses in ([1.0, 2.0], [0.5, 1.5], [0.25, 1.4]):
        for gram, wrong in bad[:: 2 if key == "rlw" else 1]:
            with pytest.raises(ValueError, match="takes"):
                rule.weights(gram, losses=wrong)
        np.testing.assert_array_equal(
            rule.weights(GRAM, losses=losses), undisturbed.weights(GRAM, losses=losses)
        )


def test_a_rule_with_a_memory_keeps_its_number_of_tasks_until_reset():
    rule = mtlcore.rule("rotograd_scale")
    rule.weights(np.eye(2))
    with pytest.raises(ValueError, match=r"remembers 2 tasks, got 3: call reset\(\)"):
        rule.weights(np.eye(3))
    rule.reset()
    assert rule.weights(np.eye(3)).shape == (3,)
    free = mtlcore.rule("uniform")
    assert [free.weights(np.eye(k)).size for k in (2, 5, 1)] == [2, 5, 1]


@pytest.mark.parametrize("key", STATEFUL)
def test_a_saved_rule_resumes_bit_for_bit(key):
    straight, first, second = (mtlcore.rule(key, seed=3) for _ in range(3))
    expected = list(steps(straight, 8))
    rng_rows = steps(first, 8)
    for row in expected[:4]:
        np.testing.assert_array_equal(next(rng_rows), row)
    saved = first.state_dict()
    assert all(isinstance(value, (int, np.ndarray)) for value in saved.values())
    next(rng_rows)  # a saved state is a copy
    second.load_state_dict({name: np.array(value) for name, value in saved.items()})
    for (gram, losses), row in zip(inputs(8)[4:], expected[4:], strict=True):
        np.testing.assert_array_equal(second.weights(gram, losses=losses), row)
    assert second.status == straight.status


def test_graddrop_resumes_its_draws():
    G, rule, other = np.random.default_rng(0).standard_normal((3, 50)), *(mtlcore.rule("graddrop"),) * 2
    rule.combine(G)
    other = mtlcore.rule("graddrop", seed=9)
    other.load_state_dict(rule.state_dict())
    np.testing.assert_array_equal(rule.combine(G), other.combine(G))


def test_a_generator_saved_by_an_earlier_version_goes_on_where_it_was():
    """It saved numpy's generator: these four numbers, and two that rules never used."""
    numpys = np.random.default_rng(3)
    numpys.random(5)
    words = [divmod(numpys.bit_generator.state["state"][name], 2**64) for name in ("state", "inc")]
    packed = np.array([*words[0], *words[1], 0, 0], dtype=np.uint64).view(np.int64)
    rule, G = mtlcore.rule("graddrop"), np.random.default_rng(0).standard_normal((2, 50))
    rule.load_state_dict(rule.state_dict() | {"rng": packed})
    kept = rule.combine(G)
    rule.load_state_dict(rule.state_dict() | {"rng": packed[:4]})
    np.testing.assert_array_equal(rule.combine(G), kept)
    stream = Stream(3)
    stream.random(5)
    np.testing.assert_array_equal(packed[:4], stream.state)


def test_a_state_that_does_not_fit_is_refused():
    rule = mtlcore.rule("rotograd_scale")
    rule.weights(np.eye(2))
    saved = rule.state_dict()
    with pytest.raises(ValueError, match="lacks 'rng'"):
        rule.load_state_dict({name: value for name, value in saved.items() if name != "rng"})
    with pytest.raises(ValueError, match="state of rotograd_scale takes 3 numbers, K is 2, got 2"):
        rule.load_state_dict(saved | {"state": np.zeros(2)})
    with pytest.raises(ValueError, match="rng takes 4 whole numbers"):
        rule.load_state_dict(saved | {"rng": np.zeros(3)})


@pytest.mark.parametrize("key", list(mtlcore.RULES))
def test_combine_is_the_same_for_numpy_and_torch_of_every_dtype(key):
    rng = np.random.default_rng(1)
    G, z, losses = rng.standard_normal((3, 4, 2)), rng.standard_normal((4, 2)), [1.0, 2.0, 3.0]
    exact = mtlcore.rule(key).combine(G, losses=losses, features=z)
    assert exact.shape == (4, 2)
    assert exact.dtype == np.float64
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-5), (torch.bfloat16, 0.1)):
        tensor = torch.from_numpy(G).to(dtype).requires_grad_()
        d = mtlcore.rule(key).combine(tensor, losses=torch.tensor(losses), features=torch.from_numpy(z))
        assert d.dtype == dtype
        assert not d.requires_grad
        scale = float(np.abs(exact).max())
        np.testing.assert_allclose(d.double().numpy(), exact, atol=tolerance * scale)
    assert mtlcore.rule(key).combine(G.astype(np.float32), losses, z).dtype == np.float32
    assert mtlcore.rule(key).combine(np.eye(3, dtype=int), losses).dtype == np.float64


def test_combine_takes_read_only_and_strided_arrays_and_leaves_them_alone():
    G = np.random.default_rng(2).standard_normal((6, 4))
    kept = G.copy()
    G.setflags(write=False)
    for key in ("rotograd_scale", "graddrop"):
        strided = mtlcore.rule(key).combine(G[::2])
        np.testing.assert_allclose(strided, mtlcore.rule(key).combine(G[::2].copy()), rtol=1e-12)
    M = G @ G.T
    M.setflags(write=False)
    mtlcore.rule("uniform").weights(M.T)
    np.testing.assert_array_equal(G, kept)


def test_returned_weights_are_the_callers_own():
    rule = mtlcore.rule("rotograd_scale")
    first = rule.weights(GRAM)
    kept = first.copy()
    rule.weights(np.eye(2))
    np.testing.assert_array_equal(first, kept)


def test_noise_drawn_up_front_is_the_noise_of_the_calls():
    spec = mtlcore.RULES["rlw"]
    from mtlcore.spec import draw_noise

    noise = draw_noise(spec.noise, (6, spec.noise_size(3, 0)), Stream(7))
    for row, w in zip(noise, steps(mtlcore.rule("rlw", seed=7), 6), strict=True):
        out = np.empty(3)
        spec.kernel(np.eye(3), np.empty(0), np.empty(0), row, np.empty(0), out)
        np.testing.assert_array_equal(out, w)


def test_status_is_of_the_last_call():
    rule = mtlcore.rule("rotograd_scale")
    rule.weights(np.zeros((2, 2)))
    assert rule.status is Status.STATIONARY
    rule.weights(np.eye(2))
    assert rule.status is Status.OK


def test_numpy_gradients_need_no_torch():
    code = (
        "import sys, numpy as np, mtlcore;"
        "mtlcore.rule('rotograd_scale').combine(np.eye(3)); mtlcore.rule('graddrop').combine(np.eye(3));"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=mtlcore.__path__[0] + "/..")


@pytest.mark.parametrize(
    "matrix", [np.eye(2, dtype=complex), [["a", "b"], ["c", "d"]], None, 3.0, [[1.0], [1.0, 2.0]]]
)
def test_what_is_no_array_of_real_numbers_is_named(matrix):
    rule = mtlcore.rule("uniform")
    with pytest.raises(ValueError, match="^gram takes an array of real numbers, got"):
        rule.weights(matrix)
    with pytest.raises(ValueError, match="^G takes an array of real numbers, got"):
        rule.combine(matrix)


def test_a_matrix_that_is_taken_is_not_written_out_for_a_complaint():
    class Counted(np.ndarray):
        written = 0

        def __repr__(self):
            Counted.written += 1
            return super().__repr__()

    mtlcore.rule("mgda").weights(GRAM.view(Counted))
    assert Counted.written == 0
    with pytest.raises(ValueError, match="^gram takes an array of real numbers, got"):
        mtlcore.rule("mgda").weights(GRAM.astype("U8").view(Counted))
    assert Counted.written == 1


def test_infinite_gradients_are_named():
    with pytest.raises(ValueError, match="gradient of task 0 infinite"):
        mtlcore.rule("uniform").combine([[np.inf, 0.0], [0.0, 1.0]])


@pytest.mark.parametrize("seed", ["a", 1.5, -1, True, None])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(ValueError, match="rlw: seed takes a whole number from 0 on, got"):
        mtlcore.rule("rlw", seed=seed)
