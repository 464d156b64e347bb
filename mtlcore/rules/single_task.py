"""One task alone: the papers' single-task baseline."""

from collections.abc import Mapping
from typing import Any

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE
from mtlcore.spec import FieldError, MethodSpec, Param, RuleSpec


@njit(RULE, cache=True)
def single_task(gram, losses, hp, noise, state, w):
    """w = e_k. hp: task, counted from 0; one that does not exist has no answer (see `check_tasks`)."""
    task = int(hp[0])
    w[:] = 0.0
    if task >= w.size:
        return NOT_CONVERGED
    w[task] = 1.0
    return OK


def check_tasks(values: Mapping[str, Any], tasks: int) -> None:
    """Raises ValueError where there is no task of that number."""
    if values["task"] >= tasks:
        raise FieldError("single_task", "task", values["task"], f"a number from 0 to {tasks - 1}")


SPEC = RuleSpec(
    key="single_task",
    title="Single task",
    equation=r"w = e_k",
    idea="Train one task and ignore the others. What it reaches is the yardstick for every balanced method: "
    "sharing pays only where the tasks end up better than alone.",
    cite="The single-task baseline of Javaloy & Valera 2021 and Senushkin et al. 2023",
    kind="loss",
    needs=frozenset(),
    kernel=single_task,
    given_weights=True,
    params=(Param("task", "Task", "int", 0, 0, 31, 1, help="The task that is trained, counted from 0."),),
    no_preferences="it trains one task alone",
    notation={"e_": ("e_k", "weight 1 for the task trained, 0 for the others")},
    methods=(
        MethodSpec(
            "single_task", "Single task", "single_task", cite="The single-task baseline of Javaloy & Valera 2021",
            note="Trains one task only; the yardstick of relative task improvement.",
        ),
    ),
    properties=frozenset({"scale", "sum_to_one", "nonnegative", "min_norm_nonincrease"}),
    exemptions={
        "permutation": "The task is named by its place, so another order is another task.",
        "descent": "The other tasks are not looked at.",
        "equal_projections": "The other tasks are not looked at.",
        "stationary_at_opposite": "The task follows its own gradient whatever opposes it.",
    },
    check_tasks=check_tasks,
)  # fmt: skip
