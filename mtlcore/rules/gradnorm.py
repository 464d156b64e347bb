"""GradNorm: weights learned so that weighted gradient norms follow the tasks' training rates."""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE, STATIONARY, Floats, Matrix
from mtlcore.solvers.losses import floor_losses
from mtlcore.solvers.scaling import active_norms
from mtlcore.spec import MethodSpec, Param, RuleSpec

LEAST = 1e-3  # of v_k, before rescaling
TIE = 1e-14  # relative: a norm this close to its target is at its target


@njit(types.float64(Matrix, Floats, Floats, types.int64, types.int64), cache=True)
def reference_norm(gram, norms, v, active, of_mean):
    """Returns nbar: the mean of v_k n_k over the active tasks, or the norm of the mean of v_k g_k."""
    total = 0.0
    for k in range(norms.size):
        if norms[k] > 0.0:
            if of_mean:
                for j in range(norms.size):
                    if norms[j] > 0.0:
                        total += v[k] * v[j] * gram[k, j]
            else:
                total += v[k] * norms[k]
    return (np.sqrt(max(total, 0.0)) if of_mean else total) / active


@njit(types.void(Floats, Floats, Floats, types.int64, Floats), cache=True)
def training_rates(floored, first, norms, active, rates):
    """Writes r_k = (L_k / L_k(0)) / mean_j (L_j / L_j(0)), active tasks; 1 while L_k(0) is unknown."""
    mean = 0.0
    for k in range(norms.size):
        rates[k] = floored[k] / first[k] if first[k] > 0.0 else 1.0
        if norms[k] > 0.0:
            mean += rates[k] / active
    for k in range(norms.size):
        rates[k] /= mean


@njit(RULE, cache=True)
def gradnorm(gram, losses, hp, noise, state, w):
    """w_k = v_k / K, then v moves so that v_k n_k approaches nbar r_k^alpha, over the active tasks.

    state, [K] each: v (0 before a task's first step, where it is 1), L(0). hp: alpha, lr_v, reference (1:
    norm_of_mean).
    """
    tasks = w.size
    v, first = state[:tasks], state[tasks : 2 * tasks]
    for k in range(tasks):
        if v[k] == 0.0:
            v[k] = 1.0
    norms, floored, rates = np.zeros(tasks), np.zeros(tasks), np.zeros(tasks)
    active = active_norms(gram, norms)
    w[:] = 0.0
    if active == 0:
        return STATIONARY
    for k in range(tasks):
        if norms[k] > 0.0:
            w[k] = v[k] / active
            floor_losses(losses[k : k + 1], first[k : k + 1], floored[k : k + 1])
    training_rates(floored, first, norms, active, rates)
    nbar = reference_norm(gram, norms, v, active, int(hp[2]))
    total = 0.0
    for k in range(tasks):
        if norms[k] > 0.0:
            target = nbar * elementary.power(rates[k], hp[0])
            gap = v[k] * norms[k] - target
            if gap > TIE * target:
                v[k] = v[k] - hp[1] * norms[k] / nbar if nbar > 0.0 else LEAST
            elif gap < -TIE * target:
                v[k] += hp[1] * norms[k] / nbar
            v[k] = max(v[k], LEAST)
            total += v[k]
    for k in range(tasks):
        if norms[k] > 0.0:
            v[k] *= active / total
    return OK


SPEC = RuleSpec(
    key="gradnorm",
    title="GradNorm",
    equation=r"w_k = \frac{v_k}{K}, \quad \min_v \sum_k \bigl| v_k n_k - \bar n\, r_k^{\alpha} \bigr|, \quad "
    r"r_k = \frac{L_k / L_k(0)}{\operatorname{mean}_j L_j / L_j(0)}",
    idea="Learn the weights by gradient steps so that all weighted gradients have about the same norm, and "
    "a somewhat larger one where a task trains slowly. The exponent alpha says how strongly slow tasks are "
    "helped. The loss is descended in v with its targets held constant, and each step is divided by the "
    "reference norm (by default the mean of the weighted norms), so that a step of v does not grow with the gradients; "
    "the paper's own step is not divided.",
    cite="Chen et al. 2018",
    kind="loss",
    needs=frozenset({"gram", "losses"}),
    kernel=gradnorm,
    params=(
        Param(
            "alpha", "Restoring force alpha", "float", 1.5, 0.0, 5.0, 0.1,
            help="0 makes all norms equal; larger gives tasks that train slowly a larger norm.",
        ),
        Param(
            "lr_v", "Weight learning rate", "float", 0.025, 0.0, 1.0, 0.001, scale="log",
            help="Step size of the learned weights; 0 keeps them equal.",
        ),
        Param(
            "reference", "Reference norm", "choice", "mean_norm", choices=("mean_norm", "norm_of_mean"),
            help="What a norm is compared with: the mean of the norms, or the norm of the mean gradient, "
            "which conflict makes small.",
        ),
    ),
    state_size=lambda tasks: 2 * tasks,
    no_preferences="it learns its own weights",
    notation={
        "v_": ("v_k", "learned weights that sum to K"),
        r"\bar n": (r"\bar n", "the mean of $v_k n_k$"),
        "r_": ("r_k", "how much of its loss task k has left, relative to the others"),
        r"\alpha": (r"\alpha", "how strongly slow tasks are favoured"),
    },
    methods=(
        MethodSpec(
            "gradnorm_w", "GradNorm-W", "gradnorm", level="last_shared", cite="Chen et al. 2018",
            note="Gradient norms are measured at the last shared module, as published.",
        ),
        MethodSpec(
            "gradnorm_z", "GradNorm-Z", "gradnorm", level="features", cite="Chen et al. 2018; Javaloy & Valera 2021",
            note="Gradient norms are measured at the shared feature.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "sum_to_one", "nonnegative"}),
    exemptions={
        "min_norm_nonincrease": "Lengths are balanced over many steps only, so a long gradient counts.",
        "descent": "Only lengths are balanced, conflict stays.",
        "equal_projections": "The norms are made equal over many steps, the projections of the sum never.",
        "stationary_at_opposite": "Only lengths are balanced, and only after many steps.",
    },
)  # fmt: skip
