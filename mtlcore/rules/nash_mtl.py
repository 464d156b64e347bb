"""Nash-MTL: the bargaining solution, in which every task gains in the same proportion."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE, STATIONARY, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.bargaining import bargain
from mtlcore.solvers.scaling import find_active, shares
from mtlcore.solvers.vectors import Indices, fill
from mtlcore.spec import MethodSpec, Param, RuleSpec


@njit(types.float64(Matrix, Floats), cache=True, error_model="numpy")
def update_norm(gram, a):
    """Returns norm(sum_k a_k g_k)."""
    zeros = np.zeros(a.size)
    return np.sqrt(max(_dd.bilinear(gram, a, zeros, a, zeros)[0], 0.0))


@njit(types.void(Indices, types.int64, Floats, Floats), cache=True, error_model="numpy")
def keep_active(index, count, kept, w):
    """Writes the kept weights of the active tasks to w, 0 for the others."""
    fill(w, 0.0)
    for i in range(count):
        w[index[i]] = kept[index[i]]


@njit(RULE, cache=True, error_model="numpy")
def nash_mtl(gram, losses, hp, noise, state, w):
    """w = a with M a = K p / a, scaled down to max_norm; solved anew at every `update_every`-th call.

    state: calls since the last solution (0: none yet), then its a [K]. hp: max_norm, update_every, p. A
    solution that fails or is stationary is not kept: the next call tries again.
    """
    K = w.size
    index, m, status = np.empty(K, np.int64), np.empty(K), OK
    count = find_active(gram, index)
    shares(hp, 2, index, count, m)
    if count == 0:
        fill(w, 0.0)
        return STATIONARY
    norm = np.sqrt(float(count))
    if state[0] > 0.0 and state[0] < hp[1]:
        state[0] += 1.0
        keep_active(index, count, state[1:], w)
        norm = update_norm(gram, w)
    else:
        status = bargain(gram, index, count, m, 1.0, w)
        state[0] = 1.0 if status == OK else 0.0
        for i in range(count):
            state[1 + index[i]] = w[index[i]]
        if status == NOT_CONVERGED:
            norm = update_norm(gram, w)
    if hp[0] > 0.0 and norm > hp[0]:
        w *= hp[0] / norm
    return status


SPEC = RuleSpec(
    key="nash_mtl",
    title="Nash-MTL",
    equation=r"M a = K p / a, \; a > 0, \qquad w = a \cdot \min\bigl(1,\; \text{max\_norm} / \sqrt{K}\bigr)",
    idea="Treat the tasks as players who bargain about the step: each one's gain is <d, g_k>, and they "
    "agree on the direction with the largest product of gains. Multiplying a task's loss by a constant "
    "changes nothing, so no task can win by being large; with preferences p task k bargains with the power "
    "p_k. The step has a length of its own, sqrt(K), "
    "whatever the gradients': with max_norm = 1 every step has unit length, so plain gradient descent "
    "never settles and needs a decaying learning rate or Adam. The balance is solved exactly here, by Newton's "
    "method; the paper's code takes a few steps of a convex-concave iteration.",
    cite="Navon et al. 2022 (ICML)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=nash_mtl,
    params=(
        Param(
            "max_norm", "Largest norm of the update", "float", 1.0, 0.0, 100.0, 0.1,
            help="A longer update is scaled down to this length; 0 leaves it at sqrt(K).",
        ),
        Param(
            "update_every", "Solve every n steps", "int", 1, 1, 1000, 1,
            help="Weights are kept in between; published runs use up to 50 to save time.",
        ),
    ),
    state_size=lambda tasks: 1 + tasks,
    preferences="positive",
    idle_state="with update_every 1 every step solves anew",
    degree=lambda values: 0.0,
    notation={
        "a": ("a", "the weights of the bargaining solution; $1/a$ is taken element by element"),
    },
    methods=(
        MethodSpec(
            "nash_mtl", "Nash-MTL", "nash_mtl", cite="Navon et al. 2022",
            note="The bargaining solution. With max_norm 1 nearly every step has unit length, so plain SGD "
            "never settles: use Adam, a decaying rate or another max_norm.",
        ),
    ),
    properties=frozenset({"permutation", "nonnegative", "descent", "stationary_at_opposite"}),
    exemptions={
        "scale": "The update's length does not depend on the gradients' (degree 0).",
        "sum_to_one": "The weights are in units of 1 / gradient.",
        "min_norm_nonincrease": "The update's length is fixed by the number of tasks and max_norm.",
        "equal_projections": "It makes a_k <d, g_k> equal, not <d, u_k>.",
    },
)  # fmt: skip
