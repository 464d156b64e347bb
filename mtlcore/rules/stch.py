"""Smooth Tchebycheff scalarization: the worst task counts most, softly."""

import numpy as np

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE
from mtlcore.solvers.losses import FLOOR, floor_losses, softmax
from mtlcore.spec import LOSSES_DECIDE, MethodSpec, Param, RuleSpec


@njit(RULE, cache=True)
def stch(gram, losses, hp, noise, state, w):
    """w_k proportional to softmax(log(L_k / nadir_k) / mu)_k / L_k, summing to 1; to 1 / L_k in the warm-up.

    state, [K] each: calls, the nadir (until the warm-up ends the sum of the losses), L(0). hp: mu, warmup. A
    loss that was never positive gets no weight.
    """
    tasks = w.size
    calls, nadir, first = state[:tasks], state[tasks : 2 * tasks], state[2 * tasks :]
    floored, logits = np.empty(tasks), np.empty(tasks)
    floor_losses(losses[:tasks], first, floored)
    some = False
    for k in range(tasks):
        logits[k] = -np.inf
        if floored[k] > 0.0:
            some = True
            logits[k] = -elementary.log(floored[k])
            if calls[k] >= hp[1]:
                logits[k] += elementary.log(floored[k] / max(nadir[k], FLOOR * first[k])) / hp[0]
    if some:
        softmax(logits, w)
    else:
        w[:] = 1.0 / tasks
    for k in range(tasks):
        if calls[k] < hp[1]:
            calls[k] += 1.0
            nadir[k] += losses[k]
            if calls[k] >= hp[1]:
                nadir[k] /= calls[k]
    return OK


SPEC = RuleSpec(
    key="stch",
    title="Smooth Tchebycheff",
    equation=r"w_k \propto \tfrac{1}{L_k} \operatorname{softmax}(\tfrac1\mu \log\tfrac{L}{\mathrm{nadir}})_k",
    idea="Lower the largest of the log losses, measured from where they began, with the hard maximum "
    "replaced by a smooth one. Small mu looks at the worst task only, large mu at all of them.",
    cite="Lin et al. 2024",
    kind="loss",
    needs=frozenset({"losses"}),
    kernel=stch,
    params=(
        Param(
            "mu", "Smoothing mu", "float", 0.5, 0.01, 10.0, 0.01, scale="log",
            help="Small follows the worst task, large treats all log losses alike.",
        ),
        Param(
            "warmup", "Warm-up calls", "int", 1, 1, 1_000_000, 1, scale="log",
            help="The nadir of each task is its mean loss over this many first calls.",
        ),
    ),
    state_size=lambda tasks: 3 * tasks,
    no_preferences="it finds its own weights",
    notation={r"\mu": (r"\mu", "the smoothing"), "L": ("L", "all losses")},
    methods=(
        MethodSpec(
            "stch", "STCH", "stch", cite="Lin et al. 2024",
            note="A smooth maximum of the log losses: the worst task counts most; losses only, one backward.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "sum_to_one", "nonnegative"}),
    exemptions=LOSSES_DECIDE,
)  # fmt: skip
