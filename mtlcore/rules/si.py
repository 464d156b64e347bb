"""SI: the gradient of the mean of the losses' logarithms."""

import numpy as np

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import RULE
from mtlcore.solvers.losses import positive_losses, representable
from mtlcore.spec import LOSSES_DECIDE, MethodSpec, RuleSpec


@njit(RULE, cache=True, error_model="numpy")
def si(gram, losses, hp, noise, state, w):
    """w_k = 1 / (K L_k) over the K tasks whose loss was ever positive; a loss that never was gets no weight.

    state: L(0) [K].
    """
    floored = np.empty(w.size)
    count = positive_losses(losses, state, floored)
    for k in range(w.size):
        w[k] = 1.0 / count / floored[k] if floored[k] > 0.0 else 0.0
    return representable(w)


SPEC = RuleSpec(
    key="si",
    title="Scale-invariant",
    equation=r"w_k = \frac{1}{K L_k}, \qquad \sum_k w_k \nabla L_k = \frac{1}{K} \nabla \sum_k \log L_k",
    idea="Lower the mean of the logarithms, so that the units of a loss make no difference. Near an optimum the "
    "weights grow as 1 / loss: there a gradient shrinks more slowly than its loss, so the steps become longer the "
    "nearer the task is, and want a learning rate that decays.",
    cite="The scale-invariant baseline of Navon et al. 2022",
    kind="loss",
    needs=frozenset({"losses"}),
    kernel=si,
    state_size=lambda tasks: tasks,
    idle_state="the first losses only keep a loss of 0 from dividing",
    no_preferences="the logarithm treats all losses alike",
    unbounded="it divides by the losses",
    methods=(
        MethodSpec(
            "si", "SI", "si", cite="The scale-invariant baseline of Navon et al. 2022",
            note="The mean of the log losses; losses only, one backward. Steps grow as 1 / loss near an optimum.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative"}),
    exemptions={
        "sum_to_one": "The weights sum to the mean of 1 / L_k.",
        **LOSSES_DECIDE,
    },
)  # fmt: skip
