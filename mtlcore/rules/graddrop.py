"""GradDrop: at every coordinate the tasks of one sign are kept and the others dropped, by chance."""

import numpy as np

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import ELEMENTWISE, OK
from mtlcore.solvers.scaling import shares
from mtlcore.solvers.vectors import all_tasks
from mtlcore.spec import MethodSpec, Param, RuleSpec


@njit(ELEMENTWISE, cache=True)
def graddrop(gradients, features, hp, noise, out):
    """Writes d [N, D] = sum_k p_k (leak + (1 - leak) mask_k) g_k; one mask [D] a task for the whole batch.

    S_k = sum_n sign(z_n) g_kn, P = (1 + sum_k S_k / sum_k abs(S_k)) / 2 (0/0: 1/2), U = noise [D]; S_k > 0 is
    kept where P > U, S_k < 0 where P < U. With one row of positive features S_k is the gradient itself. hp:
    leak, p [K] or none.
    """
    tasks, batch, dim = gradients.shape
    signed, m = np.empty(tasks), np.empty(tasks)
    shares(hp, 1, all_tasks(tasks), tasks, m)
    out[:, :] = 0.0
    for i in range(dim):
        total, size = 0.0, 0.0
        for k in range(tasks):
            signed[k] = 0.0
            for n in range(batch):
                signed[k] += gradients[k, n, i] if features[n, i] >= 0.0 else -gradients[k, n, i]
            total += signed[k]
            size += abs(signed[k])
        purity = 0.5 * (1.0 + total / size) if size > 0.0 else 0.5
        for k in range(tasks):
            kept = (signed[k] > 0.0 and purity > noise[i]) or (signed[k] < 0.0 and purity < noise[i])
            factor = m[k] * (1.0 if kept else hp[0]) / tasks
            for n in range(batch):
                out[n, i] += factor * gradients[k, n, i]
    return OK


SPEC = RuleSpec(
    key="graddrop",
    title="GradDrop",
    equation=r"P = \tfrac12 \Bigl(1 + \tfrac{\sum_k g_k}{\sum_k |g_k|}\Bigr), \quad "
    r"d = \sum_k p_k \bigl(\ell + (1 - \ell)\, [\operatorname{sign} g_k \text{ drawn}]\bigr) g_k",
    idea="Where the tasks disagree about the sign of a coordinate, draw one sign, with the odds the "
    "gradients give it, and drop every gradient of the other sign. Conflict is not averaged away but "
    "decided, a coordinate at a time.",
    cite="Chen et al. 2020",
    kind="elementwise",
    needs=frozenset({"gradients"}),
    after=None,  # it masks single entries, which no combination of whole gradients does
    kernel=graddrop,
    params=(
        Param(
            "leak", "Leak", "float", 0.0, 0.0, 1.0, 0.05,
            help="The share of a dropped gradient that passes all the same; 1 is the mean gradient.",
        ),
    ),
    preferences="positive",
    noise="coordinate",
    notation={
        "P": ("P", "the chance that a coordinate keeps its positive entries"),
        r"\ell": (r"\ell", "the leak: what is kept of the dropped"),
    },
    methods=(
        MethodSpec(
            "graddrop", "GradDrop", "graddrop", level="features", cite="Chen et al. 2020",
            note="Draws one sign for each feature and drops the gradients of the other sign.",
        ),
    ),
    properties=frozenset({"permutation", "scale"}),
    exemptions={
        "sum_to_one": "There are no task weights: the mask differs from coordinate to coordinate.",
        "nonnegative": "There are no task weights: the mask differs from coordinate to coordinate.",
        "min_norm_nonincrease": "A further task can agree with the drawn sign and lengthen the update.",
        "descent": "A task that loses the draw in its large coordinates is opposed.",
        "equal_projections": "The draw favours some tasks.",
        "stationary_at_opposite": "Each coordinate follows the task that won its draw.",
    },
)  # fmt: skip
