"""A rule as an object: parameters checked, state kept, losses checked, any number of tasks."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mtlcore.registry import RULES
from mtlcore.rules._types import RuleSpec, Status, check_params, draw_noise


class Rule:
    """One balancing rule with its parameters and its state; made by `mtlcore.rule`."""

    def __init__(self, spec: RuleSpec, params: dict[str, Any], seed: int = 0) -> None:
        self.spec = spec
        self.params = params
        self.seed = seed
        self._hp = spec.encode(params)
        self.reset()

    def reset(self) -> None:
        """Forgets everything: the next call is a first step again, with the same random numbers."""
        self.status = Status.OK
        self._state: np.ndarray | None = None
        self._first_losses: np.ndarray | None = None
        self._rng = np.random.default_rng(self.seed)

    def weights(self, gram: Any, losses: Sequence[float] | None = None, losses_after: Any = None) -> np.ndarray:
        """Returns the K task weights, float64 [K], for Gram matrix `gram` [K, K]; the state advances.

        losses: K excess losses, where the rule needs them. Sets `status`. Raises ValueError for an element-wise
        rule, a missing or bad loss (naming the task) or a matrix that is not square, finite and symmetric.
        """
        raise ValueError("to be completed by the rules' author")


def rule(key: str, seed: int = 0, **params: Any) -> Rule:
    """Returns the named rule. Raises ValueError naming the key or parameter, its range and the choices."""
    if key not in RULES:
        raise ValueError(f"rule takes one of {', '.join(RULES)}; got {key!r}.")
    return Rule(RULES[key], check_params(RULES[key].params, params, key), seed)
