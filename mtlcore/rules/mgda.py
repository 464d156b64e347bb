"""MGDA: the shortest convex combination of the task gradients."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE, STATIONARY, Floats, Matrix
from mtlcore.solvers.losses import floor_losses
from mtlcore.solvers.min_norm import STATIONARY_RATIO, min_norm
from mtlcore.solvers.scaling import find_active, ordinary
from mtlcore.solvers.vectors import all_tasks, fill, largest
from mtlcore.spec import MethodSpec, Param, RuleSpec

NONE, L2, LOSS, LOSS_PLUS = 0, 1, 2, 3


@njit(types.void(Matrix, Floats, Floats, types.int64, Floats), cache=True, error_model="numpy")
def divisors(gram, losses, first, normalisation, s):
    """Writes s_k to s [K]: n_k, L_k or L_k n_k; first [K] holds L_k(0).

    A task whose loss was never positive takes the smallest divisor another task can reach, 1e-12 of the
    largest first loss (1 where no task has lost anything yet).
    """
    for k in range(s.size):
        s[k] = 1.0
    if normalisation >= LOSS:
        floor_losses(losses, first, s)
        least = 1e-12 * largest(first)
        for k in range(s.size):
            if s[k] <= 0.0:
                s[k] = least if least > 0.0 else 1.0
    if normalisation != LOSS:
        for k in range(s.size):
            s[k] *= np.sqrt(gram[k, k])


@njit(types.float64(Matrix, Floats, Floats, types.int64, Floats), cache=True, error_model="numpy")
def normalised(gram, losses, first, normalisation, w):
    """Writes the min-norm weights of the gradients g_k / s_k to w; returns as min_norm, 0 where no task is
    active.
    """
    K = w.size
    index = all_tasks(K)
    count = K if normalisation == LOSS else find_active(gram, index)
    fill(w, 0.0)
    if count == 0:
        return 0.0
    sub, own, start, s, a = (
        np.empty((count, count)),
        np.empty(count),
        np.zeros(count),
        np.empty(count),
        np.empty(count),
    )
    for i in range(count):
        own[i] = losses[index[i]] if normalisation >= LOSS else 0.0
        start[i] = first[index[i]]
        for j in range(count):
            sub[i, j] = gram[index[i], index[j]]
    divisors(sub, own, start, normalisation, s)
    for i in range(count):
        first[index[i]] = start[i]
        for j in range(i + 1):
            sub[i, j] = sub[i, j] / s[i] / s[j]
            sub[j, i] = sub[i, j]
    ratio = min_norm(sub, a)
    for i in range(count):
        w[index[i]] = a[i]
    return ratio


@njit(RULE, cache=True, error_model="numpy")
def mgda(gram, losses, hp, noise, state, w):
    """w = argmin over the simplex of norm(sum_k w_k g_k / s_k). hp: normalisation. state: L(0) [K]."""
    normalisation, gram = int(hp[0]), ordinary(gram)
    if normalisation >= LOSS and losses.size < w.size:
        fill(w, 0.0)
        return NOT_CONVERGED
    plain = normalisation == NONE
    ratio = min_norm(gram, w) if plain else normalised(gram, losses, state, normalisation, w)
    if ratio < 0.0:
        return NOT_CONVERGED
    return STATIONARY if ratio <= STATIONARY_RATIO else OK


SPEC = RuleSpec(
    key="mgda",
    title="MGDA",
    equation=r"w = \operatorname*{arg\,min}_{w \in \Delta} \Bigl\| \sum_k w_k\, g_k / s_k \Bigr\|",
    idea="Of all weighted means of the task gradients take the shortest. It makes an angle of at most 90 "
    "degrees with every gradient, so a small step lowers every loss, and it is zero exactly where no "
    "direction lowers them all. The price: a task with a short gradient decides almost alone. With a "
    "normalisation the shortest mean is sought among the rescaled gradients, and the weights are used on "
    "the raw ones; the result need not be a descent direction any more. The search is exact here, by an "
    "active set; the paper's code iterates (Frank-Wolfe).",
    cite="Désidéri 2012; Sener & Koltun 2018 (NeurIPS)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=mgda,
    params=(
        Param(
            "normalisation", "Normalisation", "choice", "none", choices=("none", "l2", "loss", "loss+"),
            help="What a gradient is divided by before the search: nothing, its norm, its loss, or both.",
        ),
    ),
    state_size=lambda tasks: tasks,
    idle_state="the first losses only keep a loss of 0 from dividing, in the normalisations by loss",
    losses_when=lambda values: values["normalisation"] in ("loss", "loss+"),
    no_preferences="it finds its own weights",
    notation={
        "s_": ("s_k", "what the normalisation divides by: 1, the length, the loss or both"),
    },
    methods=(
        MethodSpec(
            "mgda", "MGDA", "mgda", cite="Désidéri 2012; Sener & Koltun 2018",
            note="The shortest vector in the hull of the gradients, found exactly; it stops at any Pareto stationary "
            "point. With a normalisation the update is not always a descent direction.",
        ),
        MethodSpec(
            "mgda_ub", "MGDA-UB", "mgda", level="features", cite="Sener & Koltun 2018",
            note="MGDA on the gradients at the shared feature: one backward through the backbone whatever K.",
        ),
    ),
    properties=frozenset(
        {"permutation", "scale", "sum_to_one", "nonnegative", "min_norm_nonincrease", "descent",
         "stationary_at_opposite"}
    ),
    exemptions={"equal_projections": "Only the tasks with a positive weight get the same inner product <d, "
    "g_k>."},
)  # fmt: skip
