"""FairGrad: alpha-fair gains, a family that runs from the mean over Nash-MTL to max-min."""

import numpy as np

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import RULE
from mtlcore.solvers.bargaining import bargain
from mtlcore.solvers.scaling import find_active, shares
from mtlcore.spec import MethodSpec, Param, RuleSpec


@njit(RULE, cache=True, error_model="numpy")
def fairgrad(gram, losses, hp, noise, state, w):
    """w > 0 with M w = (w / (K p))^(-1/alpha) over the active tasks. hp: alpha, p [K] or none."""
    index, m = np.empty(w.size, np.int64), np.empty(w.size)
    count = find_active(gram, index)
    shares(hp, 1, index, count, m)
    return bargain(gram, index, count, m, 1.0 / hp[0], w)


SPEC = RuleSpec(
    key="fairgrad",
    title="FairGrad",
    equation=r"(M w)_k = (w_k / K p_k)^{-1/\alpha}, \quad w > 0 \qquad \Longleftrightarrow \qquad "
    r"\max_d \sum_k K p_k \frac{\langle d, g_k \rangle^{1-\alpha}}{1-\alpha} - \tfrac12 \|d\|^2",
    idea="Share the progress of a step as networks share bandwidth: alpha says how much the task that "
    "gains least counts. Small alpha is close to the plain sum of gradients, alpha = 1 is Nash-MTL without "
    "its cap, large alpha helps the worst-off task first. Preferences p multiply a task's part of that utility. "
    "The balance is solved exactly here, by Newton's method; the paper's code fits it by least squares.",
    cite="Ban & Ji 2024 (ICML)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=fairgrad,
    params=(
        Param(
            "alpha", "Fairness alpha", "float", 1.0, 0.1, 10.0, 0.1,
            help="1 is proportional fairness (Nash-MTL); larger values care more for the worst-off task.",
        ),
    ),
    preferences="positive",
    degree=lambda values: (1.0 - values["alpha"]) / (1.0 + values["alpha"]),
    notation={r"\alpha": (r"\alpha", "the kind of fairness: larger favours the worst off")},
    methods=(
        MethodSpec(
            "fairgrad", "FairGrad", "fairgrad", cite="Ban & Ji 2024",
            note="Alpha-fair sharing of the improvement; alpha 1 is the bargaining solution, larger favours the "
            "worst off.",
        ),
    ),
    properties=frozenset({"permutation", "nonnegative", "descent", "stationary_at_opposite"}),
    exemptions={
        "scale": "Gradients times c give an update times c^((1 - alpha) / (1 + alpha)).",
        "sum_to_one": "The weights carry units of the gradients.",
        "min_norm_nonincrease": "The update's length comes from the fairness equation.",
        "equal_projections": "Gains are shared by alpha-fairness, equal only in the limit of large alpha.",
    },
)  # fmt: skip
