"""The gradients after a rule that changes them: their preference-weighted mean is the rule's update.

A rule's `after` takes the gradients as rows [..., K, K] in an orthonormal basis of their span (rows @ rows^T is the
Gram matrix), the rule's weights w [..., K], the preferences p [K] and the values of the rule's parameters. It returns
the gradients after the rule in the same basis, [..., K, K], so that p @ after is the update w @ rows.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

SMALLEST = 1e-12  # of the longest: a gradient up to here counts as zero, as for every rule
ROUNDING = np.sqrt(2.0 * np.finfo(np.float64).eps)  # of a length that was got from a Gram matrix of two


def projected_pair(
    rows: np.ndarray, w: np.ndarray, p: np.ndarray, values: Mapping[str, Any]
) -> np.ndarray | None:
    """Returns g_1 + a g_2 and g_2 + b g_1, of two tasks, for a rule that changes each gradient along the other.

    The weights give both: w_1 = p_1 + p_2 b and w_2 = p_2 + p_1 a. What is left of two opposite gradients is
    rounding and counts as nothing. Against a zero gradient there is nothing to project, and the weights only weigh.
    None for more tasks: their weights do not tell what became of each.
    """
    if p.size != 2:
        return None
    changed = rows + (np.flip(w - p, -1) / p)[..., None] * np.flip(rows, -2)
    before, left = np.linalg.norm(rows, axis=-1), np.linalg.norm(changed, axis=-1)
    changed[left <= ROUNDING * before] = 0.0
    both = before.min(-1) > SMALLEST * before.max(-1)
    return np.where(both[..., None, None], changed, rows * (w / p)[..., None])
