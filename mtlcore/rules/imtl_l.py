"""IMTL-L: losses brought to one size by learned scales."""

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE
from mtlcore.solvers.losses import softmax
from mtlcore.spec import LOSSES_DECIDE, Param, RuleSpec

HIGHEST = 500.0  # of s: exp(500) times any loss is still finite


@njit(RULE, cache=True)
def imtl_l(gram, losses, hp, noise, state, w):
    """w_k = exp(s_k) / sum_j exp(s_j), then s_k <- s_k - lr_s (exp(s_k) L_k - 1).

    state: s [K], 0 at the start, kept below 500 where a loss of 0 would let it grow for ever. hp: lr_s.
    """
    softmax(state, w)
    for k in range(w.size):
        state[k] = min(state[k] - hp[0] * (elementary.exp(state[k]) * losses[k] - 1.0), HIGHEST)
    return OK


SPEC = RuleSpec(
    key="imtl_l",
    title="IMTL-L",
    equation=r"w_k = \frac{e^{s_k}}{\sum_j e^{s_j}}, \qquad \min_s \sum_k \left(e^{s_k} L_k - s_k\right)",
    idea="Learn one scale a task so that all scaled losses become equal. It is uncertainty weighting "
    "without the story of noise, and the weights are kept on the simplex.",
    cite="Liu et al. 2021 (IMTL)",
    kind="loss",
    needs=frozenset({"losses"}),
    kernel=imtl_l,
    params=(
        Param(
            "lr_s", "Log-scale learning rate", "float", 0.025, 0.0, 1.0, 0.001, scale="log",
            help="Step size of the learned log scales s_k; 0 keeps the weights equal.",
        ),
    ),
    state_size=lambda tasks: tasks,
    no_preferences="it learns its own weights",
    notation={"s_": ("s_k", "the logarithm of the scale of task k's loss, learned")},
    properties=frozenset({"permutation", "scale", "sum_to_one", "nonnegative"}),
    exemptions=LOSSES_DECIDE,
)  # fmt: skip
