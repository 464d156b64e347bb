"""DB-MTL: logarithms of the losses, then every gradient as long as the longest."""

import numpy as np

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE, STATIONARY
from mtlcore.solvers.losses import positive_losses, representable
from mtlcore.solvers.scaling import active_norms
from mtlcore.solvers.vectors import fill
from mtlcore.spec import MethodSpec, RuleSpec


@njit(RULE, cache=True, error_model="numpy")
def db_mtl(gram, losses, hp, noise, state, w):
    """w_k = max_j (n_j / L_j) / (K n_k) over the K active tasks whose loss was ever positive; 0 for the others.

    state, [K] each: L(0); then 1 / (K L_k) over all tasks whose loss was ever positive, which is what the heads get.
    """
    tasks = w.size
    heads, norms, floored = state[tasks : 2 * tasks], np.empty(tasks), np.empty(tasks)
    positive = positive_losses(losses, state[:tasks], floored)
    active_norms(gram, norms)
    active, longest = 0, 0.0
    for k in range(tasks):
        heads[k] = 1.0 / positive / floored[k] if floored[k] > 0.0 else 0.0
        if norms[k] > 0.0 and floored[k] > 0.0:
            active += 1
            longest = max(longest, norms[k] / floored[k])
    fill(w, 0.0)
    for k in range(tasks):
        if norms[k] > 0.0 and floored[k] > 0.0:
            w[k] = longest / norms[k] / active
    if representable(heads) != OK or representable(w) != OK:
        fill(heads, 0.0)
        fill(w, 0.0)
        return NOT_CONVERGED
    return OK if active > 0 else STATIONARY


SPEC = RuleSpec(
    key="db_mtl",
    title="DB-MTL",
    equation=r"w_k = \frac{1}{K\, n_k} \max_j \frac{n_j}{L_j}",
    idea="Balance twice: the losses by taking their logarithms, then the gradients of these by making them all as long "
    "as the longest. Near an optimum the common length grows as 1 / loss, so the steps become longer the nearer a task "
    "is, and want a learning rate that decays. The paper averages the gradients over the steps first; that takes a "
    "copy of every task's gradient and is left out here.",
    cite="Lin et al. 2023 (DB-MTL)",
    kind="gram",
    needs=frozenset({"gram", "losses"}),
    kernel=db_mtl,
    state_size=lambda tasks: 2 * tasks,
    head_state=1,
    head_rule="si",
    no_preferences="it makes all gradients equally long",
    unbounded="it divides by the losses",
    methods=(
        MethodSpec(
            "db_mtl", "DB-MTL", "db_mtl", cite="Lin et al. 2023 (DB-MTL)",
            note="Logarithms of the losses, and gradients of one length, without the paper's moving average of the "
            "gradients. Steps grow as 1 / loss near an optimum.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative", "stationary_at_opposite"}),
    exemptions={
        "sum_to_one": "The weights bring each gradient to the length of the longest gradient of a logarithm.",
        "min_norm_nonincrease": "A further task with a long gradient raises the common length.",
        "descent": "Equal lengths do not remove conflict: two tasks that agree can outvote a third.",
        "equal_projections": "Only the lengths are made equal, not the projections of the sum.",
    },
)  # fmt: skip
