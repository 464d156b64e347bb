"""DualProj: the mean gradient projected onto the dual cone."""

import numpy as np

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE, STATIONARY
from mtlcore.solvers.dual_cone import cone_multipliers, is_zero, project_two
from mtlcore.solvers.scaling import ordinary, own_scales, shares, submatrix
from mtlcore.solvers.vectors import all_tasks
from mtlcore.spec import MethodSpec, RuleSpec


@njit(RULE, cache=True, error_model="numpy")
def dualproj(gram, losses, hp, noise, state, w):
    """w_k = p_k + y_k, y the multipliers of the mean gradient's projection onto {d : G d >= 0}. hp: p or none."""
    K = w.size
    gram, m = ordinary(gram), np.empty(K)
    shares(hp, 0, all_tasks(K), K, m)
    if K == 2 and gram[0, 0] > 0.0 and gram[1, 1] > 0.0:
        project_two(gram, m, w)
        return STATIONARY if is_zero(gram, w) else OK
    scale, v, yh, yl = np.empty(K), np.zeros(K), np.empty(K), np.empty(K)
    own_scales(gram, scale)
    smallest = np.inf
    for k in range(K):
        if gram[k, k] > 0.0:
            smallest = min(smallest, scale[k])
    for k in range(K):
        v[k] = m[k] * (smallest / scale[k]) if gram[k, k] > 0.0 else 0.0
    status = cone_multipliers(submatrix(gram, all_tasks(K), K, scale), v, yh, yl)
    for k in range(K):
        w[k] = (m[k] + (yh[k] * (scale[k] / smallest) if yh[k] > 0.0 else 0.0)) / K
    if status != OK:
        return NOT_CONVERGED
    return STATIONARY if is_zero(gram, w) else OK


SPEC = RuleSpec(
    key="dualproj",
    title="DualProj",
    equation=r"d = \operatorname{proj}_{C^*}\Bigl(\sum_k p_k\, g_k\Bigr), \qquad "
    r"C^* = \{d : \langle d, g_k \rangle \ge 0 \;\forall k\}",
    idea="Start from the mean gradient and move it as little as possible until it conflicts with no task. "
    "Where the mean already agrees with every task it is left as it is. Preferences p weigh the mean.",
    cite="Lopez-Paz & Ranzato 2017 (GEM, NeurIPS)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=dualproj,
    preferences="positive",
    notation={
        "C": ("C^*", "the directions that oppose no task"),
        r"\operatorname{proj}": (r"\operatorname{proj}", "the nearest direction of $C^*$"),
    },
    methods=(
        MethodSpec(
            "dualproj", "DualProj", "dualproj", cite="Lopez-Paz & Ranzato 2017 (GEM)",
            note="The mean gradient is projected to where it opposes no task.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative", "descent", "stationary_at_opposite"}),
    exemptions={
        "sum_to_one": "The projection adds multiples of the gradients that the mean opposes.",
        "min_norm_nonincrease": "The mean gradient moves with every task; no shortest vector is sought.",
        "equal_projections": "Conflict is removed, lengths are left as they are.",
    },
)  # fmt: skip
