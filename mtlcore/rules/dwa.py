"""Dynamic weight average: more weight for the tasks whose loss fell least of late."""

import numpy as np

from mtlcore._deferred import njit
from mtlcore.rules._losses import FLOOR, floor_losses, softmax
from mtlcore.rules._types import OK, RULE, Param, RuleSpec


@njit(RULE, cache=True)
def dwa(gram, losses, hp, noise, state, w):
    """w = softmax(r / T), r_k = L_k(t-1) / L_k(t-2), each L the mean of a full window of calls.

    state: calls in the open window, full windows, then [K] each: L(0), the open window's sum, the means of
    the last window and of the one before. hp: T, window. A task that never had a positive loss has r_k = 1.
    """
    tasks = w.size
    first, running = state[2 : 2 + tasks], state[2 + tasks : 2 + 2 * tasks]
    last, before = state[2 + 2 * tasks : 2 + 3 * tasks], state[2 + 3 * tasks : 2 + 4 * tasks]
    if state[1] < 2.0:
        w[:] = 1.0 / tasks
    else:
        ratio = np.empty(tasks)
        for k in range(tasks):
            floor = FLOOR * first[k]
            ratio[k] = max(last[k], floor) / max(before[k], floor) / hp[0] if floor > 0.0 else 1.0 / hp[0]
        softmax(ratio, w)
    floored = np.empty(tasks)
    floor_losses(losses[:tasks], first, floored)
    state[0] += 1.0
    for k in range(tasks):
        running[k] += losses[k]
    if state[0] == hp[1]:
        for k in range(tasks):
            before[k] = last[k]
            last[k] = running[k] / hp[1]
            running[k] = 0.0
        state[0] = 0.0
        state[1] += 1.0
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
    state_size=lambda tasks: 2 + 4 * tasks,
    no_preferences="it learns its own weights",
    properties=frozenset({"permutation", "scale", "sum_to_one", "nonnegative"}),
    exemptions={
        "min_norm_nonincrease": "Losses alone decide.",
        "descent": "Losses alone decide.",
        "equal_projections": "Losses alone decide.",
        "stationary_at_opposite": "Losses alone decide.",
    },
)  # fmt: skip
