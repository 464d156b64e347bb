"""Dynamic weight average: more weight for the tasks whose loss fell least of late."""

import numpy as np

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE
from mtlcore.solvers.losses import FLOOR, floor_losses, softmax
from mtlcore.spec import LOSSES_DECIDE, MethodSpec, Param, RuleSpec


@njit(RULE, cache=True)
def dwa(gram, losses, hp, noise, state, w):
    """w = softmax(r / T), r_k = L_k(t-1) / L_k(t-2), each L the mean of a full window of calls.

    state, [K] each: calls in the open window, full windows, L(0), the open window's sum, the means of the
    last window and of the one before. hp: T, window. A task that never had a positive loss, or whose two
    windows are not full yet, has r_k = 1.
    """
    tasks = w.size
    calls, full = state[:tasks], state[tasks : 2 * tasks]
    first, running = state[2 * tasks : 3 * tasks], state[3 * tasks : 4 * tasks]
    last, before = state[4 * tasks : 5 * tasks], state[5 * tasks : 6 * tasks]
    ratio = np.empty(tasks)
    for k in range(tasks):
        floor = FLOOR * first[k]
        ratio[k] = 1.0 / hp[0]
        if full[k] >= 2.0 and floor > 0.0:
            ratio[k] *= max(last[k], floor) / max(before[k], floor)
    softmax(ratio, w)
    floored = np.empty(tasks)
    floor_losses(losses[:tasks], first, floored)
    for k in range(tasks):
        calls[k] += 1.0
        running[k] += losses[k]
        if calls[k] == hp[1]:
            before[k] = last[k]
            last[k] = running[k] / hp[1]
            running[k] = calls[k] = 0.0
            full[k] += 1.0
    return OK


SPEC = RuleSpec(
    key="dwa",
    title="Dynamic weight average",
    equation=r"w = \operatorname{softmax}(r / T), \qquad r_k = L_k(t-1) / L_k(t-2)",
    idea="Compare each task's loss with what it was a little earlier and give more weight to the tasks that "
    "got better least. It sees the speed of learning only, neither the size of the losses nor the gradients.",
    cite="Liu et al. 2019",
    kind="loss",
    needs=frozenset({"losses"}),
    kernel=dwa,
    params=(
        Param(
            "T", "Temperature T", "float", 2.0, 0.1, 100.0, 0.1, scale="log",
            help="Large makes the weights equal, small lets the slowest task take all.",
        ),
        Param(
            "window", "Window", "int", 1, 1, 1_000_000, 1, scale="log",
            help="Calls over which each loss is averaged before two are compared: one epoch in training.",
        ),
    ),
    state_size=lambda tasks: 6 * tasks,
    no_preferences="it learns its own weights",
    notation={
        "r_": ("r_k", "how much of task k's loss the last step left"),
        "r": ("r", "all $r_k$"),
        "T": ("T", "the temperature"),
    },
    methods=(
        MethodSpec(
            "dwa", "DWA", "dwa", cite="Liu et al. 2019",
            note="More weight for the tasks whose loss fell least of late; losses only, one backward.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "sum_to_one", "nonnegative"}),
    exemptions=LOSSES_DECIDE,
)  # fmt: skip
