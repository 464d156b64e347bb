"""PCGrad: each task gradient is projected off the gradients it conflicts with."""

import numpy as np
from numba import types

from mtlcore.after_rule import projected_pair
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE, STATIONARY, Floats, Matrix
from mtlcore.solvers.scaling import ordinary, shares
from mtlcore.solvers.vectors import all_tasks, fill, random_order
from mtlcore.spec import MethodSpec, RuleSpec


@njit(types.void(Matrix, Floats, Floats), cache=True, error_model="numpy")
def two_tasks(gram, m, w):
    """PCGrad's weights for K = 2, where there is only one order; m [2] is 2 p."""
    w[0], w[1] = 0.5 * m[0], 0.5 * m[1]
    if gram[0, 1] < 0.0:
        w[0] -= 0.5 * m[1] * gram[0, 1] / gram[0, 0]
        w[1] -= 0.5 * m[0] * gram[0, 1] / gram[1, 1]


@njit(RULE, cache=True, error_model="numpy")
def pcgrad(gram, losses, hp, noise, state, w):
    """Row i of the coefficients starts as e_i; w is the mean row, weighted by p. hp: p [K], or empty.

    noise: K x K uniforms, row i sorts i's order.
    """
    K = w.size
    gram, m, top = ordinary(gram), np.empty(K), 0.0
    shares(hp, 0, all_tasks(K), K, m)
    for k in range(K):
        top = max(top, gram[k, k])
    if K == 2 and gram[0, 0] > 0.0 and gram[1, 1] > 0.0:
        two_tasks(gram, m, w)
        return OK
    coefficients, order = np.empty(K), np.empty(K, np.int64)
    fill(w, 0.0)
    for i in range(K):
        random_order(noise, i, order)
        fill(coefficients, 0.0)
        coefficients[i] = 1.0
        for t in range(K):
            j = order[t]
            if j != i and gram[j, j] > 0.0:
                inner = 0.0
                for k in range(K):
                    inner += coefficients[k] * gram[k, j]
                if inner < 0.0:
                    coefficients[j] -= inner / gram[j, j]
        for k in range(K):
            w[k] += m[i] * coefficients[k] / K
    return OK if top > 0.0 else STATIONARY


SPEC = RuleSpec(
    key="pcgrad",
    title="PCGrad",
    equation=r"g_i \leftarrow g_i - \frac{\min(\langle g_i, g_j \rangle, 0)}{\|g_j\|^2}\, g_j "
    r"\;\; (j \neq i), \qquad d = \sum_i p_i\, g_i",
    idea="Where two task gradients point against each other, remove from each the part that goes against the "
    "other; leave agreeing ones alone; then average, by the preferences p. The other tasks are visited in a "
    "random order, because projecting off one gradient can bring back a conflict with an earlier one.",
    cite="Yu et al. 2020 (NeurIPS)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=pcgrad,
    after=projected_pair,
    preferences="positive",
    noise="order",
    methods=(
        MethodSpec(
            "pcgrad", "PCGrad", "pcgrad", cite="Yu et al. 2020",
            note="Takes out of each gradient what opposes another one, pair by pair in a random order.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative", "stationary_at_opposite"}),
    exemptions={
        "sum_to_one": "Projections add multiples of the other gradients.",
        "min_norm_nonincrease": "It averages projected gradients and seeks no shortest vector.",
        "descent": "With three tasks or more a later projection can bring an earlier conflict back.",
        "equal_projections": "Conflict is removed, lengths are left as they are.",
    },
)  # fmt: skip
