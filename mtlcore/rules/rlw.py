"""Random loss weighting: new weights at every step, drawn and not computed."""

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE
from mtlcore.solvers.losses import softmax
from mtlcore.spec import MethodSpec, RuleSpec


@njit(RULE, cache=True)
def rlw(gram, losses, hp, noise, state, w):
    """w = softmax(xi). noise: xi [K], standard normals."""
    softmax(noise, w)
    return OK


SPEC = RuleSpec(
    key="rlw",
    title="Random loss weighting",
    equation=r"w = \operatorname{softmax}(\xi), \qquad \xi \sim \mathcal N(0, I)",
    idea="Draw the weights anew at every step. On average it is the mean gradient with noise added, and it "
    "is a sobering baseline: a balancer has to do better than dice.",
    cite="Lin et al. 2022",
    kind="loss",
    needs=frozenset(),
    kernel=rlw,
    noise="normal",
    no_preferences="it draws its own weights",
    notation={
        "I": ("I", "the identity"),
        r"\xi": (r"\xi", "random numbers, new at every step"),
    },
    methods=(
        MethodSpec("rlw", "RLW", "rlw", cite="Lin et al. 2022", note="Random weights, new at every step."),
    ),
    properties=frozenset({"permutation", "scale", "sum_to_one", "nonnegative"}),
    exemptions={
        "min_norm_nonincrease": "The gradients are not looked at.",
        "descent": "The gradients are not looked at.",
        "equal_projections": "The gradients are not looked at.",
        "stationary_at_opposite": "The gradients are not looked at.",
    },
)  # fmt: skip
