"""Uncertainty weighting: each task's weight is learned as the inverse of its noise."""

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE
from mtlcore.spec import LOSSES_DECIDE, MethodSpec, Param, RuleSpec

LOWEST = -500.0  # of s: exp(500) times any loss is still finite


@njit(RULE, cache=True)
def uncertainty(gram, losses, hp, noise, state, w):
    """w_k = exp(-s_k) / K, then s_k <- s_k + lr_s (exp(-s_k) L_k - 1) / 2.

    state: s [K], 0 at the start, kept above -500 where a loss of 0 would let it fall for ever. hp: lr_s.
    """
    tasks = w.size
    for k in range(tasks):
        precision = elementary.exp(-state[k])
        w[k] = precision / tasks
        state[k] = max(state[k] + hp[0] * (precision * losses[k] - 1.0) / 2.0, LOWEST)
    return OK


SPEC = RuleSpec(
    key="uncertainty",
    title="Uncertainty weighting",
    equation=r"w_k = \frac{e^{-s_k}}{K}, \qquad s_k \leftarrow s_k + \tfrac{\eta_s}{2} (e^{-s_k} L_k - 1)",
    idea="Treat every task as a noisy measurement and learn how noisy it is: the log variance s_k follows "
    "the task's loss, so a task with a large loss is trusted less. In the long run the weight is one over "
    "the loss.",
    cite="Kendall et al. 2018",
    kind="loss",
    needs=frozenset({"losses"}),
    kernel=uncertainty,
    params=(
        Param(
            "lr_s", "Log-variance learning rate", "float", 0.025, 0.0, 1.0, 0.001, scale="log",
            help="Step size of the learned log variances s_k; 0 keeps the weights equal.",
        ),
    ),
    state_size=lambda tasks: tasks,
    no_preferences="it learns its own weights",
    notation={
        "s_": ("s_k", "the log variance of task k, learned"),
        r"\eta_": (r"\eta_s", "the learning rate of the log variances"),
    },
    methods=(
        MethodSpec(
            "uncertainty", "Uncertainty", "uncertainty", cite="Kendall et al. 2018",
            note="Learns one log variance a task; in the long run the weight is one over the loss.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative"}),
    exemptions={
        "sum_to_one": "The weights are learned one by one and not normalised.",
        **LOSSES_DECIDE,
    },
)  # fmt: skip
