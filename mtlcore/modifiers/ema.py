"""`ema`: weights averaged over the steps, so that a rule does not jump from one to the next (CR-MOGM)."""

import numpy as np

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import NOT_CONVERGED, RULE, STATIONARY
from mtlcore.solvers.inner_rule import HEADER, ask, own_block
from mtlcore.solvers.scaling import find_active
from mtlcore.solvers.vectors import all_tasks, fill
from mtlcore.spec import ModifierSpec, Param


@kernel(RULE)
def ema(gram, losses, hp, noise, state, w):
    """w(t) = beta w(t-1) + (1 - beta) rule(t), w(0) = rule(0); own state, [K] each: the average, 1 where it has begun.

    STATIONARY: w = 0 and the average is kept. NOT_CONVERGED: w is the average, which is kept. An inactive task has
    w = 0 and keeps its average. own hp: beta.
    """
    tasks, beta = w.size, hp[HEADER]
    average = own_block(hp, tasks)
    begun = average + tasks
    index, rule = np.empty(tasks, np.int64), np.empty(tasks)
    status = ask(hp, all_tasks(tasks), tasks, gram, losses, noise, state, rule)
    fill(w, 0.0)
    if status == STATIONARY:
        return status
    for i in range(find_active(gram, index)):
        k = index[i]
        if status != NOT_CONVERGED:
            mixed = beta * state[average + k] + (1.0 - beta) * rule[k]
            state[average + k] = mixed if state[begun + k] > 0.0 else rule[k]
            state[begun + k] = 1.0
        w[k] = state[average + k]
    return status


SPEC = ModifierSpec(
    key="ema",
    title="Averaged weights",
    equation=r"w(t) = \beta_w\, w(t-1) + (1 - \beta_w)\, w'(t), \qquad w(0) = w'(0)",
    idea="Keep a running mean of the rule's weights and step with that: a rule whose answer jumps between noisy "
    "gradients then changes its mind slowly. The mean has this step's own answer in it.",
    cite="Zhou et al. 2022 (CR-MOGM)",
    kernel=ema,
    params=(
        Param(
            "ema_beta", "Averaging beta", "float", 0.9, 0.0, 0.999999, 0.01,
            help="How much of the running mean a step keeps; 0 is the rule itself.",
        ),
    ),
    blocks=2,
    keeps_given=True,
    notation={
        "w": ("w(t)", "the weights of step t"),
        "w'": ("w'", "the rule's own weights, which its formula calls w"),
        r"\beta_": (r"\beta_w", "how much of the mean is kept"),
    },
)  # fmt: skip
