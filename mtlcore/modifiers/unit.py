"""`unit`: the rule sees unit gradients, and its answer is as long as the gradients are on average."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import RULE, STATIONARY
from mtlcore.solvers.inner_rule import ask
from mtlcore.solvers.scaling import find_active
from mtlcore.solvers.vectors import fill
from mtlcore.spec import ModifierSpec


@kernel(RULE)
def unit(gram, losses, hp, noise, state, w):
    """w_k = nbar w'_k / n_k, w' the rule's weights for C_ij = M_ij / (n_i n_j), over the active tasks alone."""
    index = np.empty(w.size, np.int64)
    count = find_active(gram, index)
    fill(w, 0.0)
    if count == 0:
        return STATIONARY
    norms, inner, C, mean = np.empty(count), np.empty(count), np.empty((count, count)), 0.0
    for i in range(count):
        norms[i] = np.sqrt(gram[index[i], index[i]])
        mean += norms[i] / count
    for i in range(count):
        C[i, i] = 1.0
        for j in range(i):
            C[i, j] = gram[index[i], index[j]] / norms[i] / norms[j]
            C[j, i] = C[i, j]
    status = ask(hp, index, count, C, losses, noise, state, inner)
    for i in range(count):
        w[index[i]] = mean / norms[i] * inner[i]
    return status


SMALLEST = 1e-12  # of the longest: a gradient up to here counts as zero


def after(
    rule_after: Callable[..., np.ndarray | None],
    rows: np.ndarray,
    w: np.ndarray,
    p: np.ndarray,
    values: Mapping[str, Any],
) -> np.ndarray | None:
    """Returns nbar times what the rule makes of the unit gradients; with an inactive task the weights only weigh."""
    norms = np.linalg.norm(rows, axis=-1)
    active = norms > SMALLEST * norms.max(-1, keepdims=True)
    count = np.maximum(active.sum(-1, keepdims=True), 1)
    mean = (norms * active).sum(-1, keepdims=True) / count
    inverse = np.divide(1.0, norms, out=np.zeros_like(norms), where=active)
    scale = np.divide(norms, mean, out=np.zeros_like(norms), where=mean > 0.0)
    found = rule_after(rows * inverse[..., None], w * scale, p, values)
    if found is None:
        return None
    weighed = rows * np.divide(w, p, out=np.zeros_like(w), where=p > 0.0)[..., None]
    return np.where(active.all(-1)[..., None, None], mean[..., None] * found, weighed)


SPEC = ModifierSpec(
    key="unit",
    title="Unit gradients",
    equation=r"\tilde M_{ij} = \langle u_i, u_j \rangle, \qquad w_k = \frac{\bar n}{n_k}\, w'_k(\tilde M)",
    idea="Bring every task gradient to unit length before the rule looks at it, and stretch the answer by the mean "
    "length of the gradients: the rule then weighs directions alone, and the step still shrinks as the gradients do.",
    kernel=unit,
    degree=lambda of_the_rule: 1.0,
    after=after,
    notation={
        r"\tilde M": (
            r"\tilde M",
            "the Gram matrix of the directions, which the rule sees in the place of M",
        ),
        r"\bar n": (r"\bar n", "the mean length of the task gradients"),
        "w'": ("w'", "the rule's own weights, which its formula calls w"),
    },
)
