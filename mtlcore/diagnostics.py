"""What is wrong between task gradients: conflict, unequal lengths, dependence; and how near they are to done.

Every function takes the Gram matrix [K, K] of the task gradients and is finite for every Gram matrix; what a
zero gradient gives stands with each. A gradient of at most 1e-12 of the longest counts as zero.
"""

from typing import Any

import numpy as np

from mtlcore import gram_diagnostics as kernels

DIAGNOSTICS = ("cosine", "norm_ratio", "magnitude_similarity", "condition", "stationarity", "min_cosine")


def cosines(gram: Any) -> np.ndarray:
    """Returns cos(g_i, g_j), [K, K], within [-1, 1]; all 0 in the row and column of a zero gradient.

    Raises ValueError where `gram` is not square and finite.
    """
    matrix = _square(gram)
    out = np.empty_like(matrix)
    kernels.cosines(matrix, out)
    return out


def mean_cosine(gram: Any) -> float:
    """Returns the mean cosine over the pairs of nonzero gradients; 0 where there is no such pair."""
    return kernels.mean_cosine(_square(gram))


def min_cosine(gram: Any) -> float:
    """Returns the smallest cosine over the pairs of nonzero gradients; 0 where there is no such pair."""
    return kernels.min_cosine(_square(gram))


def norm_ratio(gram: Any) -> float:
    """Returns the longest over the shortest of the nonzero gradients; 1 where all are zero."""
    return kernels.norm_ratio(_square(gram))


def magnitude_similarity(gram: Any) -> float:
    """Returns the mean over pairs of 2 n_i n_j / (n_i^2 + n_j^2): 1 for equal lengths, 0 against a zero one.

    Two zero gradients are equally long: 1; so is a single task. Source: Senushkin et al. 2023, section 3
    (after Yu et al. 2020).
    """
    return kernels.magnitude_similarity(_square(gram))


def condition_number(gram: Any) -> float:
    """Returns the condition number of the K x D matrix of gradients, sigma_max / sigma_min, at least 1.

    A sigma below sqrt(K eps) sigma_max is rounding and counts as that: gradients that depend on each other,
    or a zero one among others, give the largest value there is, 1 / sqrt(K eps) (4.7e7 for K = 2). All zero:
    1. Source: Senushkin et al. 2023, the stability criterion.
    """
    return kernels.condition_number(_square(gram))


def stationarity(gram: Any) -> float:
    """Returns the length of the shortest vector of the convex hull over the longest gradient, in [0, 1].

    0 is Pareto stationary: no direction lowers all losses. A zero gradient is in the hull, so it gives 0. The
    Gram matrix holds squares, so below about 1e-8 this is rounding.
    """
    return kernels.stationarity(_square(gram))


def diagnose(gram: Any) -> dict[str, float]:
    """Returns every diagnostic above by its name: the mean cosine as `cosine`, the others by their own."""
    out = np.empty(len(DIAGNOSTICS))
    kernels.diagnose(_square(gram), out)
    return dict(zip(DIAGNOSTICS, out.tolist(), strict=True))


def _square(gram: Any) -> np.ndarray:
    """Returns `gram` as the kernels take it. Raises ValueError where it is not square and finite."""
    matrix = np.require(gram, np.float64, ["C", "W"])
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
        raise ValueError(f"gram takes a matrix [K, K] with K >= 1, got shape {list(matrix.shape)}.")
    if not np.isfinite(matrix).all():
        raise ValueError("gram takes finite numbers, got one that is infinite or NaN.")
    return matrix
