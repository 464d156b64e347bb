"""GLS: the gradient of the losses' geometric mean."""

import numpy as np

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import RULE
from mtlcore.solvers.losses import positive_losses, representable
from mtlcore.spec import LOSSES_DECIDE, MethodSpec, RuleSpec


@njit(RULE, cache=True, error_model="numpy")
def gls(gram, losses, hp, noise, state, w):
    """w_k = (prod_j L_j)^(1/K) / (K L_k), in logarithms, over the K tasks whose loss was ever positive.

    state: L(0) [K]. A loss that was never positive gets no weight.
    """
    floored = np.empty(w.size)
    count = positive_losses(losses, state, floored)
    mean = 0.0
    for k in range(w.size):
        if floored[k] > 0.0:
            mean += elementary.log(floored[k]) / count
    for k in range(w.size):
        w[k] = elementary.exp(mean - elementary.log(floored[k])) / count if floored[k] > 0.0 else 0.0
    return representable(w)


SPEC = RuleSpec(
    key="gls",
    title="Geometric loss strategy",
    equation=r"w_k = \frac{1}{K L_k} \Bigl(\prod_j L_j\Bigr)^{1/K}, \qquad "
    r"\sum_k w_k \nabla L_k = \nabla \Bigl(\prod_k L_k\Bigr)^{1/K}",
    idea="Lower the geometric mean of the losses instead of their sum: every loss counts by the share of itself that "
    "it loses, whatever units it is measured in, and the mean keeps the step in the units of a loss. A task whose "
    "loss is far below the others' takes nearly all the weight.",
    cite="Chennupati et al. 2019",
    kind="loss",
    needs=frozenset({"losses"}),
    kernel=gls,
    state_size=lambda tasks: tasks,
    idle_state="the first losses only keep a loss of 0 from dividing",
    no_preferences="the geometric mean treats all losses alike",
    unbounded="it divides by the losses",
    methods=(
        MethodSpec(
            "gls", "GLS", "gls", cite="Chennupati et al. 2019",
            note="The geometric mean of the losses; losses only, one backward.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative"}),
    exemptions={
        "sum_to_one": "The weights sum to the geometric mean of the losses over their harmonic mean.",
        **LOSSES_DECIDE,
    },
)  # fmt: skip
