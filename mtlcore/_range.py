"""Gradients so long or so short that their squares leave the range of float64."""

import numpy as np

from mtlcore.spec import RuleSpec

LEAST_SQUARE = 1e-290  # of the longest gradient's norm: below it products lose digits, then vanish


def out_of_range(gram: np.ndarray) -> bool:
    """Returns whether a Gram matrix [K, K] is not finite, or no gradient's square is large enough to be told."""
    return not (np.isfinite(gram).all() and gram.size and np.diag(gram).max() >= LEAST_SQUARE)


def gram_within_range(flat: np.ndarray, spec: RuleSpec) -> np.ndarray:
    """Returns the Gram matrix of finite gradients flat [K, D], times a power of two that brings it within range.

    That changes no weight of a rule without memory whose update scales with the gradients. Raises ValueError for any
    other rule. Gradients that are all 0, or not finite, are left to the rule's own checks.
    """
    with np.errstate(all="ignore"):
        sizes = np.abs(flat).max(axis=1, initial=0.0)
        if not np.isfinite(sizes).all() or not sizes.any():
            return flat @ flat.T
        scaled = np.ldexp(flat, -int(np.frexp(sizes.max())[1]))
        gram = scaled @ scaled.T
    if "scale" in spec.properties and spec.state_size(len(flat)) == 0:
        return gram
    k = int(sizes.argmax())
    small = sizes[k] < 1.0
    raise ValueError(
        f"G is too {'small' if small else 'large'} for {spec.key}: the gradient of task {k} has an entry of size "
        f"{sizes[k]:g}, whose square is outside the range of float64. {'Multiply' if small else 'Divide'} all losses "
        "by one constant."
    )
