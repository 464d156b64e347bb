"""Squared gradient norms from 1e-300 to 1e300: every answer is the one at ordinary size, scaled as declared."""

import math

import numpy as np
import pytest
import torch

import mtlcore
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, STATIONARY
from tests.kernel_call import call
from tests.matrix_zoo import ZOO, gram, preferences

RULES = mtlcore.RULES
CASES = [(key, {}) for key, spec in RULES.items() if spec.kind != "elementwise"] + [
    ("mgda", {"normalisation": "l2"}),
    ("mgda", {"normalisation": "loss"}),
    ("mgda", {"normalisation": "loss+"}),
    ("gradnorm", {"reference": "norm_of_mean"}),
    ("nash_mtl", {"max_norm": 0.0, "update_every": 2}),
    ("fairgrad", {"alpha": 0.3}),
    ("fairgrad", {"alpha": 4.0}),
    ("cagrad", {"c": 2.0}),
    ("aligned_mtl", {"scale": "median"}),
    ("aligned_mtl", {"scale": "rmse"}),
]
DECADES = (-300, -200, -100, 100, 200, 300)
CALLS = 2  # a rule with a memory answers from it the second time


def exponent(M, decade):
    """Returns the e for which 4^e M has its largest square at 10^decade, or its smallest, where that is small."""
    squares = np.diag(M)[np.diag(M) > 0]
    if not squares.size:
        return 0
    end = squares.max() if decade > 0 else squares.min()
    return round((decade * math.log2(10) - math.log2(end)) / 2)


def answers(key, M, name, params, e=0):
    """Returns status and weights of each call for the Gram matrix 4^e M."""
    spec, K = RULES[key], len(M)
    rng, state = np.random.default_rng(0), np.zeros(spec.state_size(K))
    p = None if spec.preferences == "none" else preferences(name, K)
    scaled = np.ldexp(M, 2 * e)
    found = []
    for _ in range(CALLS):
        noise, losses = rng.random(spec.noise_size(K, 1)), 1.0 + rng.random(K)
        found.append(call(key, scaled, losses=losses, noise=noise, state=state, preferences=p, **params))
    return found


def degree(key, params):
    return RULES[key].degree({p.name: p.default for p in RULES[key].params} | params)


@pytest.mark.parametrize("decade", DECADES)
@pytest.mark.parametrize(("key", "params"), CASES)
def test_the_answer_is_that_of_ordinary_gradients(key, params, decade):
    for name, G in ZOO.items():
        M = gram(G)
        e = exponent(M, decade)
        here, there = answers(key, M, name, params), answers(key, M, name, params, e)
        longest = np.sqrt(np.diag(M).max())
        for (status, w), (far, v) in zip(here, there, strict=True):
            assert far == status in (OK, STATIONARY), name
            assert far != NOT_CONVERGED
            assert np.isfinite(v).all(), name
            back = v * 2.0 ** (
                e * (1.0 - degree(key, params))
            )  # weights are of one degree less than the update
            error = np.linalg.norm((back - w) @ G)
            assert error <= 1e-7 * max(longest, np.linalg.norm(w @ G)), (name, error)


@pytest.mark.parametrize("size", [1e-200, 1e-160, 1e160, 1e200])
@pytest.mark.parametrize("make", [np.array, torch.tensor])
@pytest.mark.parametrize("key", RULES)
def test_gradients_without_a_square_get_the_right_answer_or_a_plain_refusal(key, make, size):
    """Float64 has no squared norm for them: a rule that depends on it says so, all others answer as ever."""
    G, losses = np.random.default_rng(3).normal(size=(3, 5)), [1.0, 2.0, 3.0]
    spec, rule = RULES[key], mtlcore.rule(key)
    if "scale" in spec.properties and spec.state_size(3) == 0:
        expected = mtlcore.rule(key).combine(G, losses=losses)
        d = np.asarray(rule.combine(make(size * G), losses=losses))
        np.testing.assert_allclose(d / size, expected, rtol=1e-12, atol=1e-12)
        return
    which = "small" if size < 1 else "large"
    with pytest.raises(
        ValueError, match=rf"^G is too {which} for {key}: the gradient of task \d has an entry of size"
    ):
        rule.combine(make(size * G), losses=losses)


@pytest.mark.parametrize("key", [key for key, spec in RULES.items() if spec.kind != "elementwise"])
def test_gradients_that_are_zero_are_no_gradients_too_small(key):
    assert not mtlcore.rule(key).combine(np.zeros((3, 5)), losses=[1.0, 2.0, 3.0]).any()
