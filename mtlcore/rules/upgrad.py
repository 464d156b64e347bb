"""UPGrad: each task gradient projected onto the dual cone, then averaged."""

import numpy as np

from mtlcore.after_rule import projected_pair
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE, STATIONARY
from mtlcore.solvers.dual_cone import cone_multipliers, is_zero
from mtlcore.solvers.scaling import ordinary, own_scales, shares, submatrix
from mtlcore.solvers.vectors import all_tasks
from mtlcore.spec import MethodSpec, RuleSpec


@njit(RULE, cache=True, error_model="numpy")
def upgrad(gram, losses, hp, noise, state, w):
    """w_k = p_k + sum_i p_i y_ik, y_i the multipliers of g_i's projection onto {d : G d >= 0}. hp: p or none."""
    K = w.size
    gram, m = ordinary(gram), np.empty(K)
    shares(hp, 0, all_tasks(K), K, m)
    for k in range(K):
        w[k] = m[k] / K
    if K == 2 and gram[0, 0] > 0.0 and gram[1, 1] > 0.0:
        if gram[0, 1] < 0.0:
            w[0] -= 0.5 * m[1] * gram[0, 1] / gram[0, 0]
            w[1] -= 0.5 * m[0] * gram[0, 1] / gram[1, 1]
        return STATIONARY if is_zero(gram, w) else OK
    scale, v, yh, yl = np.empty(K), np.zeros(K), np.empty(K), np.empty(K)
    own_scales(gram, scale)
    scaled = submatrix(gram, all_tasks(K), K, scale)
    status = OK
    for i in range(K):
        v[i] = 1.0
        if cone_multipliers(scaled, v, yh, yl) != OK:
            status = NOT_CONVERGED
        v[i] = 0.0
        for k in range(K):
            w[k] += m[i] * (yh[k] * (scale[k] / scale[i])) / K
    if status == OK and is_zero(gram, w):
        return STATIONARY
    return status


SPEC = RuleSpec(
    key="upgrad",
    title="UPGrad",
    equation=r"d = \sum_i p_i \operatorname{proj}_{C^*}(g_i), \qquad C^* = \{d : "
    r"\langle d, g_k \rangle \ge 0 \;\forall k\}",
    idea="Move each task gradient as little as possible until it conflicts with no task, then average. "
    "Unlike PCGrad, which looks at one pair at a time, every projected gradient, and so the mean, lowers "
    "no task's progress, in no particular order.",
    cite="Quinton & Rey 2024 (torchjd)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=upgrad,
    after=projected_pair,
    preferences="positive",
    notation={
        "C": ("C^*", "the directions that oppose no task"),
        r"\operatorname{proj}": (r"\operatorname{proj}", "the nearest direction of $C^*$"),
    },
    methods=(
        MethodSpec(
            "upgrad", "UPGrad", "upgrad", cite="Quinton & Rey 2024",
            note="Every gradient is projected to where it opposes no task, then the mean is taken.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative", "descent", "stationary_at_opposite"}),
    exemptions={
        "sum_to_one": "Projections add multiples of the other gradients.",
        "min_norm_nonincrease": "It averages projected gradients and seeks no shortest vector.",
        "equal_projections": "Conflict is removed, lengths are left as they are.",
    },
)  # fmt: skip
