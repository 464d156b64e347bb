"""The part of the rule in one step: when it is asked, what it answers, and which weights the heads get."""

from typing import Any

import numpy as np
from torch import Tensor

from mtlcore.nn.loss_tally import LossTally
from mtlcore.rule_object import Rule


class Weighing:
    """Asks the rule once in a step, as soon as everything that its weights depend on is known.

    elementwise: whether the rule has no weights but decides every coordinate of the update. early: whether its
    weights need no gradient, so that they can be known before the backbone's backward.
    """

    def __init__(self, rule: Rule, tasks: int) -> None:
        self.rule = rule
        self.tasks = tasks
        self.tally = LossTally(tasks)
        self.weights: np.ndarray | None = None  # [K], None before the rule was asked
        self.elementwise = rule.spec.kind == "elementwise"
        self.early = not rule.spec.needs_gradients
        self._with_losses = rule.spec.takes_losses(rule.params)
        self._before = rule.state_dict()

    def undo(self) -> None:
        """Puts the rule back into the state it had before this step."""
        self.rule.load_state_dict(self._before)

    def ask_early(self, complete: bool, losses_after: Any) -> None:
        """Asks a rule that needs no gradients: at the first micro-batch where its weights are given, else at the last.

        complete: whether all micro-batches are here. Given weights are asked for before it is known which tasks are
        present.
        """
        if self.early and self.weights is None and (complete or self.rule.spec.given_weights):
            active = self.active if complete else None
            self.weights = self._answer(np.eye(self.tasks), losses_after, active)

    def ask(self, gram: Tensor, losses_after: Any) -> None:
        """Asks a rule that needs the Gram matrix [K, K] of the step. Other weights become 0 for absent tasks."""
        if not self.early and not self.elementwise:
            self.weights = self._answer(gram.cpu().numpy(), losses_after, self.active)
        elif self.weights is not None:
            self.weights = np.where(self.tally.present, self.weights, 0.0)

    def _answer(self, gram: np.ndarray, losses_after: Any, active: np.ndarray | None) -> np.ndarray:
        losses = self.tally.values if self._with_losses else None
        return self.rule.weights(gram, losses, losses_after, active)

    @property
    def active(self) -> np.ndarray | None:
        """Which tasks are present, bool [K]; None where all of them are."""
        present = self.tally.present
        return None if present.all() else present

    def head_seeds(self) -> list[float] | None:
        """Returns the weights of the heads where they are known before any gradient, else None.

        They are the weights of a rule that needs no gradients, or the preferences.
        """
        if self.early:
            return None if self.weights is None else self.weights.tolist()
        if self.rule.spec.kind == "loss" or self.rule.spec.head_state is not None:
            return None
        return self.rule.shares(self.tasks)

    def head_weights(self) -> np.ndarray:
        """Returns the weights [K] of the gradients at the heads.

        They are the preferences, except for a rule that was published as a weighted loss: there they are its weights.
        """
        rule, tasks = self.rule, self.tasks
        if rule.spec.head_state is not None:
            weights = rule.state_dict()["state"][tasks * rule.spec.head_state :][:tasks]
        elif self.weights is not None and (self.early or rule.spec.kind == "loss"):
            weights = self.weights
        else:
            weights = np.array(rule.shares(tasks))
        return np.where(self.tally.present, weights, 0.0)

    def feature_weights(self) -> np.ndarray:
        """Returns the weights [K] whose weighted sum of gradients is the update at the feature.

        An element-wise rule has no weights: the preferences of the tasks present take their place.
        """
        if self.weights is not None:
            return self.weights
        shares = np.where(self.tally.present, self.rule.shares(self.tasks), 0.0)
        return shares / shares.sum()
