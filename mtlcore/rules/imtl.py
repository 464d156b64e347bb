"""IMTL: IMTL-G on gradients of losses that learned scales have brought to one size."""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import RULE, Floats
from mtlcore.solvers.equal_projections import equal_projections
from mtlcore.solvers.losses import softmax
from mtlcore.solvers.scaling import find_active
from mtlcore.solvers.vectors import Indices
from mtlcore.spec import MethodSpec, Param, RuleSpec

HIGHEST = 500.0  # of s: exp(500) times any loss is still finite


@njit(types.float64(Floats, Indices, types.int64, Floats), cache=True, error_model="numpy")
def relative_scales(s, index, count, f):
    """Writes e_min / e_k to f [K] and returns e_min, for e = softmax(s) over the active tasks."""
    least, top, total = np.inf, -np.inf, 0.0
    for i in range(count):
        least, top = min(least, s[index[i]]), max(top, s[index[i]])
    for i in range(count):
        total += elementary.exp(s[index[i]] - top)
    for i in range(count):
        f[index[i]] = elementary.exp(least - s[index[i]])
    return elementary.exp(least - top) / total


@njit(RULE, cache=True, error_model="numpy")
def imtl(gram, losses, hp, noise, state, w):
    """w = w' e with w' of IMTL-G for the gradients e_k g_k; then s_k <- s_k - lr_s (exp(s_k) L_k - 1).

    state: s [K], 0 at the start and kept below 500; then exp(s_k) / sum_j exp(s_j) over all tasks as of the
    start of the last call [K], which is what the heads get. hp: lr_s.
    """
    K = w.size
    s, heads = state[:K], state[K : 2 * K]
    index, f = np.empty(K, np.int64), np.ones(K)
    softmax(s, heads)
    count = find_active(gram, index)
    least = relative_scales(s, index, count, f) if count > 0 else 1.0
    status = equal_projections(gram, index, count, f, least, w)
    for i in range(count):
        k = index[i]
        s[k] = min(s[k] - hp[0] * (elementary.exp(s[k]) * losses[k] - 1.0), HIGHEST)
    return status


SPEC = RuleSpec(
    key="imtl",
    title="IMTL",
    equation=r"g'_k = e_k g_k, \; e_k = \frac{e^{s_k}}{\sum_j e^{s_j}}, \qquad "
    r"w = e \cdot w^{\text{IMTL-G}}(g'), \qquad \min_s \sum_k \left(e^{s_k} L_k - s_k\right)",
    idea="Both halves of impartial learning together: learned scales make the losses equally large (for the "
    "heads), and IMTL-G makes the update go equally far along every task's gradient (for the shared part).",
    cite="Liu et al. 2021 (IMTL, ICLR)",
    kind="gram",
    needs=frozenset({"gram", "losses"}),
    kernel=imtl,
    params=(
        Param(
            "lr_s", "Log-scale learning rate", "float", 0.025, 0.0, 1.0, 0.001, scale="log",
            help="Step size of the learned log scales s_k; 0 keeps the losses as they are.",
        ),
    ),
    state_size=lambda tasks: 2 * tasks,
    head_state=1,
    head_rule="imtl_l",
    no_preferences="it treats all tasks alike, and finds its own weights for that",
    stands_still="no direction goes equally far along more gradients than the dimensions they span",
    notation={
        "s_": ("s_k", "the logarithm of the scale of task k's loss, learned"),
        "e_": ("e_k", "the scales, normalised"),
        "e": ("e", "all $e_k$"),
        "g'": ("g'_k", "the gradient of the scaled loss"),
        r"w^{\text{IMTL-G}}": (r"w^{\text{IMTL-G}}", "the weights of IMTL-G"),
    },
    methods=(
        MethodSpec(
            "imtl", "IMTL", "imtl", cite="Liu et al. 2021 (IMTL)",
            note="IMTL-G on gradients whose losses were first brought to one size by learned scales.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "equal_projections", "stationary_at_opposite"}),
    exemptions={
        "sum_to_one": "The weights of the scaled gradients sum to one; those of the raw gradients do not.",
        "nonnegative": "Equal projections can need a negative weight.",
        "min_norm_nonincrease": "One more condition can make the update longer.",
        "descent": "The common projection can be negative, for weights of both signs.",
    },
)  # fmt: skip
