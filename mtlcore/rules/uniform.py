"""Linear scalarization: the fixed weighted mean of the task gradients."""

from collections.abc import Mapping
from typing import Any

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE
from mtlcore.spec import FieldError, MethodSpec, Param, RuleSpec


@njit(RULE, cache=True)
def uniform(gram, losses, hp, noise, state, w):
    """w = p, the normalised preferences (or task weights) in hp, or 1/K when hp is empty."""
    alike, total = True, 0.0
    for k in range(hp.size):
        alike = alike and hp[k] == hp[0]
        total += hp[k]
    for k in range(w.size):
        w[k] = 1.0 / w.size if alike else hp[k] / total
    return OK


def check_tasks(values: Mapping[str, Any], tasks: int) -> None:
    """Raises ValueError where the task weights are neither empty nor one a task with a positive sum."""
    given = values["task_weights"]
    if given and (len(given) != tasks or sum(given) <= 0.0):
        takes = f"{tasks} numbers with a positive sum"
        raise FieldError("uniform", "task_weights", given, takes, f"{list(given)}")


SPEC = RuleSpec(
    key="uniform",
    title="Uniform",
    equation=r"w_k = p_k, \qquad p_k = 1/K",
    idea="Add the task gradients with fixed weights. Nothing is balanced: the task with the largest gradient "
    "leads, and opposed gradients cancel. Every other rule is measured against this one.",
    cite="Linear scalarization",
    kind="gram",
    needs=frozenset(),
    kernel=uniform,
    given_weights=True,
    params=(
        Param(
            "task_weights",
            "Task weights",
            "vector",
            (),
            0.0,
            1e6,
            help="One weight a task; empty means equal. The preferences say the same, for every method at once.",
        ),
    ),
    preferences="nonnegative",
    preferences_alias="task_weights",
    methods=(
        MethodSpec(
            "uniform", "Uniform (vanilla)", "uniform", cite="Linear scalarization",
            note="The gradient of the mean loss: what training does when nothing is balanced.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "sum_to_one", "nonnegative"}),
    exemptions={
        "min_norm_nonincrease": "A further task with a long gradient makes the mean longer.",
        "descent": "A long gradient can outvote an opposed short one.",
        "equal_projections": "Nothing is balanced.",
        "stationary_at_opposite": "The longer of two opposite gradients wins.",
    },
    check_tasks=check_tasks,
)  # fmt: skip
