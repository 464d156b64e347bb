"""IMTL-G: the update has the same projection on every task gradient."""

import numpy as np

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import RULE
from mtlcore.solvers.equal_projections import equal_projections, two_tasks
from mtlcore.solvers.scaling import HUGE, INACTIVE, TINY, find_active
from mtlcore.spec import MethodSpec, RuleSpec


@njit(RULE, cache=True, error_model="numpy")
def imtl_g(gram, losses, hp, noise, state, w):
    """sum w = 1 and <d, g_k / n_k> equal over the active tasks; w = 0 where no such d but 0 exists."""
    if w.size == 2:  # two tasks of ordinary size need no rescaling
        least, most = min(gram[0, 0], gram[1, 1]), max(gram[0, 0], gram[1, 1])
        if least > INACTIVE * most and least > TINY and most < HUGE:
            return two_tasks(gram, np.ones(2), 1.0, w)
    index = np.empty(w.size, np.int64)
    count = find_active(gram, index)
    return equal_projections(gram, index, count, np.ones(w.size), 1.0, w)


SPEC = RuleSpec(
    key="imtl_g",
    title="IMTL-G",
    equation=r"\langle d, u_1 \rangle = \dots = \langle d, u_K \rangle, \qquad "
    r"\sum_k w_k = 1, \qquad u_k = g_k / \|g_k\|",
    idea="Be impartial: choose the weights so that the update goes equally far along every task's own "
    "gradient direction, whatever the gradients' lengths. Two tasks get weights in inverse proportion to "
    "their lengths. With more tasks a weight can become negative, and where the conditions nearly "
    "contradict the sum of one, large.",
    cite="Liu et al. 2021 (IMTL, ICLR)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=imtl_g,
    no_preferences="it treats all tasks alike, and finds its own weights for that",
    stands_still="no direction goes equally far along more gradients than the dimensions they span",
    methods=(
        MethodSpec(
            "imtl_g", "IMTL-G", "imtl_g", cite="Liu et al. 2021 (IMTL)",
            note="The update has the same projection on every gradient; weights may be negative.",
        ),
        MethodSpec(
            "imtl_g_ub", "IMTL-G (features)", "imtl_g", level="features", cite="Liu et al. 2021 (IMTL)",
            note="IMTL-G on the gradients at the shared feature: what IMTL-G + R_k is without its rotations.",
        ),
    ),
    properties=frozenset(
        {"permutation", "scale", "sum_to_one", "equal_projections", "stationary_at_opposite"}
    ),
    exemptions={
        "nonnegative": "Equal projections can need a negative weight.",
        "min_norm_nonincrease": "One more condition can make the update longer.",
        "descent": "The common projection can be negative, for weights of both signs.",
    },
)  # fmt: skip
