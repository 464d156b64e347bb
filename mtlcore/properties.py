"""The properties that a rule may claim of itself, and the reason that the rules of the losses have for four of them."""

from collections.abc import Mapping

# What a rule may claim of itself: it declares or exempts each; tests/property/test_registry.py checks.
PROPERTIES: Mapping[str, str] = {
    "permutation": "reordering the tasks, their losses and their noise leaves the update as it is",
    "scale": "gradients times c > 0 at fixed losses give the update times c",
    "sum_to_one": "the weights sum to 1",
    "nonnegative": "no weight is negative",
    "min_norm_nonincrease": "one more task never makes the update longer",
    "descent": "the update makes no obtuse angle with any task gradient: <d, g_k> >= 0",
    "equal_projections": "<d, g_k / n_k> is the same for every task",
    "stationary_at_opposite": "two opposite gradients of any lengths give d = 0",
}

# The exemptions of a rule that looks at no gradient: it cannot promise what these properties ask of the update.
LOSSES_DECIDE: Mapping[str, str] = dict.fromkeys(
    ("min_norm_nonincrease", "descent", "equal_projections", "stationary_at_opposite"), "Losses alone decide."
)
