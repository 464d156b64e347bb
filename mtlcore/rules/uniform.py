"""Linear scalarization: the fixed weighted mean of the task gradients."""

from numba import njit

from mtlcore.rules._types import OK, RULE, Param, RuleSpec


@njit(RULE, cache=True)
def uniform(gram, losses, hp, noise, state, w):
    """w = p, the normalised task weights in hp, or 1/K when hp is empty."""
    if hp.size == 0:
        w[:] = 1.0 / w.size
    else:
        w[:] = hp / hp.sum()
    return OK


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
    params=(
        Param("task_weights", "Task weights", "vector", (), 0.0, 1e6, help="One weight a task; empty means equal."),
    ),
)
