"""RotoGrad's scale: every task gradient brought to one common length."""

import numpy as np

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE, STATIONARY
from mtlcore.solvers.scaling import active_norms
from mtlcore.spec import MethodSpec, Param, RuleSpec


@njit(RULE, cache=True)
def rotograd_scale(gram, losses, hp, noise, state, w):
    """w_k = C / (K n_k), C = sum_k alpha_k n_k, alpha_k proportional to n_k / n_k(0), over the active tasks.

    state: step counter, then n(0) [K] (0 where the task was never active). hp: burn_in.
    """
    tasks = w.size
    norms = np.empty(tasks)
    active = active_norms(gram, norms)
    first = state[1:]
    retake = hp[0] > 0.0 and state[0] == hp[0]
    state[0] += 1.0
    total, weighted = 0.0, 0.0
    for k in range(tasks):
        if norms[k] > 0.0:
            if first[k] == 0.0 or retake:
                first[k] = norms[k]
            ratio = norms[k] / first[k]
            total += ratio
            weighted += ratio * norms[k]
    for k in range(tasks):
        w[k] = weighted / (total * active * norms[k]) if norms[k] > 0.0 else 0.0
    return OK if active > 0 else STATIONARY


SPEC = RuleSpec(
    key="rotograd_scale",
    title="RotoGrad scale",
    equation=r"w_k = \frac{C}{K\, n_k}, \quad C = \sum_k \alpha_k n_k, \quad "
    r"\alpha_k = \frac{n_k / n_k(0)}{\sum_j n_j / n_j(0)}",
    idea="Give every task gradient the same length, so that none drowns the others. The common length C "
    "leans towards the tasks whose gradients shrank least since the start, that is, those that have "
    "converged least.",
    cite="Javaloy & Valera 2021, eq. 1-2",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=rotograd_scale,
    params=(
        Param(
            "burn_in", "Burn-in steps", "int", 0, 0, 100_000, 1,
            help="Take the reference lengths n(0) once more at this step, when the first wild steps are "
            "over; 0: never.",
        ),
    ),
    state_size=lambda tasks: 1 + tasks,
    no_preferences="it makes all gradients equally long",
    notation={
        "C": ("C", "the common length of all gradients"),
        r"\alpha_": (r"\alpha_k", "how long task k's gradient still is, relative to the others"),
        "n_k(0)": ("n_k(0)", "the length at the first step"),
    },
    methods=(
        MethodSpec(
            "rotograd_scale", "RotoGrad scale only (m = 0)", "rotograd_scale", level="features",
            cite="Javaloy & Valera 2021",
            note="RotoGrad without its rotations: only the lengths are made equal.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative", "stationary_at_opposite"}),
    exemptions={
        "sum_to_one": "The weights bring each gradient to the length C, so they sum to the mean of C / n_k.",
        "min_norm_nonincrease": "A further task with a long gradient raises the common length C.",
        "descent": "Equal lengths do not remove conflict: two tasks that agree can outvote a third.",
        "equal_projections": "Only the lengths are made equal, not the projections of the sum.",
    },
)  # fmt: skip
