"""One application of the rule: from the losses of the micro-batches to the gradients that `backward` writes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mtlcore.nn.feature_gradients import FeatureGradients
from mtlcore.nn.finite import NotFinite, check_gram, check_pairs
from mtlcore.nn.head_gradients import HeadGradients, HeadPass, head_gradients, settle
from mtlcore.nn.head_graph import HeadGraph, meet, trace
from mtlcore.nn.learning import learned
from mtlcore.nn.levels import level_of
from mtlcore.nn.micro_batch import Forward
from mtlcore.nn.parts import Parts
from mtlcore.nn.report import BackwardReport
from mtlcore.nn.weighing import Weighing
from mtlcore.nn.writing import merge
from mtlcore.spec import Status

Written = list[tuple[Tensor, Tensor]]  # every (parameter, gradient) to add


class Gathering:
    """Gathers `count` micro-batches at one level, then asks the rule once.

    scale: the factor of a gradient scaler; None without one. The gradients of parameters carry this factor, but
    gradients at the feature, Gram matrices and losses do not.
    """

    def __init__(self, parts: Parts, level: str, count: int, scale: float | None = None) -> None:
        self.parts = parts
        self.count = count
        self.scale = scale
        self.received = 0
        self.overflow = False  # whether the scaler has to skip the step
        self.heads: list[HeadGradients] = []
        self.weighing = Weighing(parts.rule, parts.tasks)
        rows = self.weighing.elementwise or parts.transform.matters
        self.features = FeatureGradients(parts, rows, self._factor)
        self.level = level_of(parts.rule.spec, level)(parts, self.features)

    @property
    def complete(self) -> bool:
        """Whether all micro-batches are here."""
        return self.received == self.count

    @property
    def _factor(self) -> float:
        return 1.0 if self.scale is None else self.scale

    def check_goes_on(self, count: int, scale: float | None) -> None:
        """Raises ValueError where the next micro-batch has another count or scale than the first."""
        if self.count != count:
            raise ValueError(
                f"accumulate takes {self.count} until the {self.received} micro-batches gathered so "
                f"far are complete, got {count}."
            )
        if self.scale != scale:
            raise ValueError(
                "scaler takes the same scaler, with the same scale, for all micro-batches of a step."
            )

    def undo(self) -> None:
        """Puts the rule back into the state it had before the first micro-batch."""
        self.weighing.undo()

    def add(self, forward: Forward, losses: Sequence[Tensor | None], losses_after: Any) -> None:
        """Adds one micro-batch: runs the backward through the heads, and further back as far as the level asks.

        Raises NotFinite for a loss that is not finite. With a scaler no error is raised, but the step is skipped.
        """
        self.received += 1
        if self.overflow:
            return
        try:
            self._add(forward, losses, losses_after)
        except NotFinite:
            if self.scale is None:
                raise
            self.overflow = True

    def _add(self, forward: Forward, losses: Sequence[Tensor | None], losses_after: Any) -> None:
        names, weighing = self.parts.names, self.weighing
        graph = trace(losses, forward.views)
        self.parts.loss_check(graph, losses, forward.views, names)
        weighing.tally.add(losses, names, forward.feature.device, self.parts.processes)
        weighing.ask_early(self.complete, losses_after)
        heads = self._head_gradients(forward, losses, graph)
        self.heads.append(heads)
        batch = self.features.add(forward.feature, heads.seen)
        given = [k for k, loss in enumerate(losses) if loss is not None]
        if given:
            self.level.add(batch, given, None if self.complete else weighing.weights)
        else:
            batch.back = None

    def _head_gradients(
        self, forward: Forward, losses: Sequence[Tensor | None], graph: HeadGraph
    ) -> HeadGradients:
        """Runs the backward through the heads; what the level takes of its result is left out."""
        shared = {id(parameter) for parameter in self.parts.shared}
        direct = any(id(leaf) in shared for leaf, _ in graph.leaves)
        retain = direct and meet([loss for loss in losses if loss is not None], forward.feature)
        takes = direct and self.level.takes_direct
        heads = HeadPass(losses, forward.views, graph, 1.0 / self.count, self._factor, retain)
        found = head_gradients(heads, None if takes else self.weighing.head_seeds())
        if takes:
            found.by_task = self.level.take_direct(found.by_task)
        return found

    def finish(self, losses_after: Any) -> tuple[Written, BackwardReport]:
        """Returns every (parameter, gradient) to add, and the report; the state of the rule advances once.

        Raises NotFinite where a gradient is not finite. With a scaler every gradient is then infinite instead, so that
        the scaler skips the step, and neither the state of the rule nor the transform changes.
        """
        try:
            if not self.overflow:
                return self._finish(losses_after)
        except NotFinite:
            if self.scale is None:
                raise
        self.undo()
        return self._skipped()

    def _finish(self, losses_after: Any) -> tuple[Written, BackwardReport]:
        weighing = self.weighing
        gram = self.level.gram()
        check_gram(gram, self.parts.names)
        weighing.ask(gram, losses_after)
        head_weights, someone = weighing.head_weights(), bool(weighing.tally.present.any())
        pairs = self._written(head_weights.tolist()) if someone else []
        return pairs, BackwardReport(
            weights=None if weighing.weights is None else weighing.weights.copy(),
            head_weights=head_weights,
            losses=weighing.tally.values,
            status=self.parts.rule.status if someone else Status.STATIONARY,
            level=self.level.key,
            gram_tensor=gram,
            turning=self.parts.turning,
        )

    def _skipped(self) -> tuple[Written, BackwardReport]:
        """Returns infinite gradients, which make a scaler skip the step, and the report of such a step."""
        tasks = self.parts.tasks
        report = BackwardReport(
            weights=None if self.weighing.elementwise else np.zeros(tasks),
            head_weights=np.zeros(tasks),
            losses=self.weighing.tally.values,
            status=self.parts.rule.status,
            level=self.level.key,
            gram_tensor=torch.full([tasks, tasks], float("nan")),
            turning=self.parts.turning,
            overflow=True,
        )
        return [(one, torch.full_like(one, float("inf"))) for one in self.parts.trained()], report

    def _written(self, head_weights: Sequence[float]) -> Written:
        """Returns every (parameter, gradient) to add; the transform moves last, once all others are finite."""
        heads = [pair for part in self.heads for pair in settle(part, head_weights)]
        pairs = self.level.written(heads, self.weighing)
        self._check(pairs)
        if not self.parts.transform.matters:
            return pairs
        own = merge(self.parts.averaged(learned(self.features, self.weighing)))
        self._check(own)
        return merge([*pairs, *own])

    def _check(self, pairs: Written) -> None:
        names = self.parts.names
        present = [name for name, one in zip(names, self.weighing.tally.present, strict=True) if one]
        check_pairs(pairs, self.parts.named_parameters, names, present)
