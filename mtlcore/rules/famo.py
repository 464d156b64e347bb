"""FAMO: weights learned so that all log losses fall at the same pace."""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE, Floats
from mtlcore.solvers.losses import floor_losses, softmax
from mtlcore.solvers.vectors import copy, fill
from mtlcore.spec import LOSSES_DECIDE, MethodSpec, Param, RuleSpec

BETA1, BETA2, ADAM_EPS = 0.9, 0.999, 1e-8


@njit(types.void(Floats, Floats, Floats, Floats, Floats), cache=True)
def move(earlier, later, pending, hp, memory):
    """Moves xi by one Adam step along minus its gradient J_softmax^T (log earlier - log later) + gamma xi.

    earlier, later: floored losses [K], 0 where none was positive yet (no progress is then counted). pending
    [K]: 1 for the tasks that move, the softmax is over these, and 0 afterwards. memory [4K]: xi, Adam's two
    moments, Adam's steps.
    """
    tasks = pending.size
    if pending.max() == 0.0:
        return
    progress, z = np.zeros(tasks), np.empty(tasks)
    for k in range(tasks):
        z[k] = memory[k] if pending[k] > 0.0 else -np.inf
    softmax(z, z)
    mean = 0.0
    for k in range(tasks):
        if earlier[k] > 0.0 and later[k] > 0.0:
            progress[k] = elementary.log(earlier[k]) - elementary.log(later[k])
        mean += z[k] * progress[k]
    for k in range(tasks):
        if pending[k] > 0.0:
            slope = z[k] * (progress[k] - mean) + hp[1] * memory[k]
            m, v, clock = tasks + k, 2 * tasks + k, 3 * tasks + k
            memory[clock] += 1.0
            memory[m] = BETA1 * memory[m] + (1.0 - BETA1) * slope
            memory[v] = BETA2 * memory[v] + (1.0 - BETA2) * slope * slope
            root = np.sqrt(memory[v] / (1.0 - elementary.power(BETA2, memory[clock])))
            memory[k] -= (
                hp[0] * (memory[m] / (1.0 - elementary.power(BETA1, memory[clock]))) / (root + ADAM_EPS)
            )
            pending[k] = 0.0


@njit(RULE, cache=True)
def famo(gram, losses, hp, noise, state, w):
    """w_k proportional to z_k / L_k, z = softmax(xi), summing to 1; 0 for a loss that was never positive.

    losses [2K] carries the losses after the step, and xi moves at once; else it moves at the start of the
    next call, from that call's losses. state, [K] each: xi, Adam's two moments, Adam's steps, 1 where a move
    is due, the losses of that move, L(0). hp: lr_xi, gamma.
    """
    tasks = w.size
    memory, pending = state[: 4 * tasks], state[4 * tasks : 5 * tasks]
    due, first = state[5 * tasks : 6 * tasks], state[6 * tasks :]
    now, z = np.empty(tasks), np.empty(tasks)
    floor_losses(losses[:tasks], first, now)
    move(due, now, pending, hp, memory)
    softmax(memory[:tasks], z)
    total = 0.0
    for k in range(tasks):
        w[k] = z[k] / now[k] if now[k] > 0.0 else 0.0
        total += w[k]
    for k in range(tasks):
        w[k] = w[k] / total if total > 0.0 else 1.0 / tasks
    copy(now, due)
    fill(pending, 1.0)
    if losses.size == 2 * tasks:
        floor_losses(losses[tasks:], first, now)
        move(due, now, pending, hp, memory)
    return OK


SPEC = RuleSpec(
    key="famo",
    title="FAMO",
    equation=r"w_k = \frac{z_k / L_k}{\sum_j z_j / L_j}, \quad z = \operatorname{softmax}(\xi), \quad "
    r"\xi \leftarrow \xi - \eta\, \mathrm{Adam}(J^{\top} (\log L(t) - \log L(t+1)) + \gamma \xi)",
    idea="Lower the logarithms of all losses at the same pace. One over the loss turns gradients into those "
    "of the logarithms, and learned logits shift weight from the tasks that just fell fast to those that "
    "did not. It needs no gradient but the weighted one. On mini-batches the two logarithms come from two "
    "batches unless the losses after the step are given.",
    cite="Liu et al. 2023",
    kind="loss",
    needs=frozenset({"losses", "losses_after"}),
    kernel=famo,
    params=(
        Param(
            "lr_xi", "Logit learning rate", "float", 0.025, 0.0, 1.0, 0.001, scale="log",
            help="Adam's step size for the logits; 0 keeps z equal.",
        ),
        Param(
            "gamma", "Decay gamma", "float", 0.01, 0.0, 1.0, 0.001, scale="log",
            help="Pulls the logits back to 0, so that old progress is forgotten.",
        ),
    ),
    state_size=lambda tasks: 7 * tasks,
    no_preferences="it learns its own weights",
    notation={
        r"\xi": (r"\xi", "the logits, which are learned"),
        "z": ("z", r"the softmax of $\xi$"),
        r"\eta": (r"\eta", "the learning rate of the logits"),
        "J": ("J", r"the derivatives of $z$ by $\xi$"),
        r"\gamma": (r"\gamma", "the decay of the logits"),
        "L": ("L(t)", "the losses before step t"),
    },
    methods=(
        MethodSpec(
            "famo", "FAMO", "famo", cite="Liu et al. 2023",
            note="Lets all log losses fall at one pace; losses only, one backward.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "sum_to_one", "nonnegative"}),
    exemptions=LOSSES_DECIDE,
)  # fmt: skip
