"""What is read off recorded gradients: before and after a rule, and beside their mean; all records at once."""

import numpy as np

from mtlcore.gram_diagnostics import EPS
from toy_problems.compiled.stage.series import NEARLY

ZERO = 1e-12  # of the longest: a gradient up to here counts as zero, as for every rule


def condition_cap(tasks: int) -> float:
    """Returns the largest condition number that is told from infinity, 1 / sqrt(K eps): 4.7e7 for two tasks."""
    return float(1.0 / np.sqrt(tasks * EPS))


def is_capped(condition: np.ndarray, tasks: int) -> np.ndarray:
    """Returns which condition numbers stand for "this or more", bool of the same shape."""
    return np.asarray(condition >= NEARLY * condition_cap(tasks))


def rows_of(gram: np.ndarray) -> np.ndarray:
    """Returns gradients with the Gram matrix gram [..., K, K], in an orthonormal basis of their span: [..., K, K].

    Lengths are taken out before the eigendecomposition, so that a short gradient keeps its direction.
    """
    lengths = np.sqrt(np.maximum(np.diagonal(gram, axis1=-2, axis2=-1), 0.0))
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0.0)
    values, vectors = np.linalg.eigh(gram * inverse[..., :, None] * inverse[..., None, :])
    return lengths[..., None] * (vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :])


def rule_diagnostics(rows: np.ndarray) -> np.ndarray:
    """Returns minimum cosine, magnitude similarity and condition number of gradients as rows [..., K, D]: [..., 3].

    They are those of `mtlcore.diagnostics`, but NaN where they mean nothing: all three where every gradient is zero,
    the cosine where fewer than two are not.
    """
    lengths = np.linalg.norm(rows, axis=-1)
    longest = lengths.max(axis=-1)
    first, second = np.triu_indices(rows.shape[-2], 1)
    product = lengths[..., first] * lengths[..., second]
    squares = lengths[..., first] ** 2 + lengths[..., second] ** 2
    active = lengths > ZERO * longest[..., None]
    both = active[..., first] & active[..., second]
    inner = (rows[..., first, :] * rows[..., second, :]).sum(axis=-1)
    cosine = np.divide(inner, product, out=np.full_like(inner, np.inf), where=both)
    least = np.clip(cosine, -1.0, None).min(axis=-1, initial=np.inf)
    alike = np.divide(2.0 * product, squares, out=np.ones_like(squares), where=squares > 0.0)
    singular = np.linalg.svd(rows, compute_uv=False)
    smallest = np.maximum(singular[..., -1], singular[..., 0] / condition_cap(rows.shape[-2]))
    condition = np.divide(singular[..., 0], smallest, out=np.ones_like(smallest), where=smallest > 0.0)
    found = np.stack(
        [np.where(np.isfinite(least), np.minimum(least, 1.0), np.nan), alike.mean(axis=-1), condition], -1
    )
    return np.where((longest > 0.0)[..., None], found, np.nan)


def cosines_to_mean(gradients: np.ndarray) -> np.ndarray:
    """Returns the cosine of each task's gradient to the tasks' mean gradient: gradients [..., K, N, d] -> [..., K].

    Of a batch the median over its inputs, as Javaloy & Valera show it (first version, Fig. 4b).
    0 where the gradient or the mean is zero.
    """
    mean = gradients.mean(axis=-3, keepdims=True)
    lengths, across = np.linalg.norm(gradients, axis=-1), np.linalg.norm(mean, axis=-1)
    longest = lengths.max(axis=-2, keepdims=True)
    there = (lengths > ZERO * longest) & (across > ZERO * longest)
    inner = (gradients * mean).sum(axis=-1)
    cosine = np.divide(inner, lengths * across, out=np.zeros_like(inner), where=there)
    return np.asarray(np.median(np.clip(cosine, -1.0, 1.0), axis=-1))
