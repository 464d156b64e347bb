"""One application of the rule: from the micro-batches' losses to the gradients that `backward` writes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from mtlcore.nn import checks
from mtlcore.nn.finite import NotFinite, check_gram, check_pairs
from mtlcore.nn.gram import gram_of_rows
from mtlcore.nn.head_gradients import HeadGradients, HeadPass, head_gradients, settle
from mtlcore.nn.head_graph import HeadGraph, meet, trace
from mtlcore.nn.loss_tally import LossTally
from mtlcore.nn.micro_batch import Batch, Forward, joined
from mtlcore.nn.report import BackwardReport
from mtlcore.nn.rows import from_rows, stack_to_rows, to_rows
from mtlcore.nn.task_lists import TaskLists
from mtlcore.nn.transform import BackwardContext
from mtlcore.nn.turning import Turning
from mtlcore.nn.writing import BackwardPass, Gradients, added, merge
from mtlcore.rules._types import Status

if TYPE_CHECKING:
    from mtlcore.nn.multi_task import MultiTask


class Gathering:
    """Gathers `count` micro-batches, then decides the weights once.

    scale: what the losses are multiplied by on a gradient scaler's behalf; None without one. Whatever a backward
    through the network gives carries this factor; gradients at the feature, Gram matrices and losses do not.
    """

    def __init__(self, model: "MultiTask", count: int, scale: float | None = None) -> None:
        self.model = model
        self.count = count
        self.scaled = scale is not None
        self.scale = 1.0 if scale is None else scale
        self.received = 0
        self.overflow = False  # whether the scaler has to skip the step
        self.heads: list[HeadGradients] = []
        self.batches: list[Batch] = []
        self.tally = LossTally(model.tasks)
        self.weights: np.ndarray | None = None
        self._rule_before = model.rule.state_dict()
        spec = model.rule.spec
        self.with_losses = spec.takes_losses(model.rule.params)
        self.elementwise = spec.kind == "elementwise"
        self.early = not self.elementwise and "gram" not in spec.needs  # weights that need no gradient
        self.rows = self.elementwise or model.transform.matters
        level = "features" if self.early else model.level
        self.parameters = model.shared_parameters()
        watched = {
            "parameters": self.parameters,
            "last_shared": model.last_shared_parameters(),
            "features": [],
        }
        self.lists = TaskLists(model.tasks, watched[level])
        self.level = level
        self.through: Gradients = [None] * len(self.parameters)

    @property
    def complete(self) -> bool:
        """Returns whether all micro-batches are here."""
        return self.received == self.count

    def undo(self) -> None:
        """Puts the rule back to where it was before the first micro-batch."""
        self.model.rule.load_state_dict(self._rule_before)

    def add(self, forward: Forward, losses: Sequence[Tensor | None], losses_after: Any) -> None:
        """Takes one micro-batch's losses and goes back through the heads, and as far as the level asks.

        Raises NotFinite for a loss that is not; with a scaler such a micro-batch only means that the step is skipped.
        """
        self.received += 1
        if self.overflow:
            return
        try:
            self._add(forward, losses, losses_after)
        except NotFinite:
            if not self.scaled:
                raise
            self.overflow = True

    def _add(self, forward: Forward, losses: Sequence[Tensor | None], losses_after: Any) -> None:
        model = self.model
        graph = trace(losses, forward.views)
        checks.check_graph(graph, losses, model.names)
        if graph.crosses and not model.separate:
            checks.check_separate(losses, forward.views, model.names)
            model.separate = True
        self.tally.add(losses, model.names, forward.feature.device, model.processes)
        self._decide_early(losses_after)
        heads = self._head_gradients(forward, losses, graph)
        self.heads.append(heads)
        self._add_batch(forward.feature, heads.seen, [k for k, loss in enumerate(losses) if loss is not None])

    def _decide_early(self, losses_after: Any) -> None:
        """Asks a rule that needs no gradients for its weights as soon as it is known what they depend on."""
        given = self.model.rule.spec.given_weights
        if self.early and (given or self.complete) and self.weights is None:
            self.weights = self._ask(np.eye(self.model.tasks), losses_after)

    def _ask(self, gram: np.ndarray, losses_after: Any) -> np.ndarray:
        losses = self.tally.values if self.with_losses else None
        # weights that are given beforehand are asked for before it is known which tasks are present
        active = None if self.early and not self.complete else self._active
        return self.model.rule.weights(gram, losses, losses_after, active)

    @property
    def _active(self) -> np.ndarray | None:
        """Returns which tasks are present, None where all of them are."""
        present = self.tally.present
        return None if present.all() else present

    def _head_gradients(
        self, forward: Forward, losses: Sequence[Tensor | None], graph: HeadGraph
    ) -> HeadGradients:
        """Returns the heads' side; at the level `parameters` what it has at the backbone's own goes to the tasks'."""
        owned = {id(parameter) for parameter in self.parameters}
        direct = any(id(leaf) in owned for leaf, _ in graph.leaves)
        retain = direct and meet([loss for loss in losses if loss is not None], forward.feature)
        apart = direct and self.level == "parameters"
        heads = HeadPass(losses, forward.views, graph, 1.0 / self.count, self.scale, retain)
        found = head_gradients(heads, None if apart else self._head_seeds())
        if apart:
            for k, leaf, gradient in found.by_task:
                if id(leaf) in owned:
                    self.lists.add_direct(k, leaf, gradient)
            found.by_task = [one for one in found.by_task if id(one[1]) not in owned]
        return found

    def _head_seeds(self) -> list[float] | None:
        """Returns the heads' weights where they are known already: those of an early rule, or p."""
        if self.early:
            return None if self.weights is None else self.weights.tolist()
        if self.model.rule.spec.kind == "loss" or self.model.rule.spec.head_state is not None:
            return None
        return self.model.rule.shares(self.model.tasks)

    def _add_batch(self, feature: Tensor, seen: Tensor, given: list[int]) -> None:
        """Adds one micro-batch at the features; given: the tasks that have a loss in it."""
        transform = self.model.transform
        seen = stack_to_rows(seen, transform.dim) if self.rows else seen
        pulled = transform.pull_back(seen)
        batch = Batch(feature, BackwardPass(feature, self.parameters, scale=self.scale), seen, pulled)
        self.batches.append(batch)
        if not given:
            batch.back = None
        elif self.level == "parameters":
            self.lists.add(self._back(batch), self._features(batch, given), retain=False)
            batch.back = None
        elif self.level == "last_shared":
            part = BackwardPass(feature, self.lists.parameters, self.parameters, self.scale)
            self.lists.add(part, self._features(batch, given), retain=True)
        elif self.weights is not None and not self.complete:
            self._go_back(batch)  # nothing to wait for: free the graph

    def _features(self, batch: Batch, given: list[int]) -> dict[int, Tensor]:
        """Returns the gradients of the tasks that have a loss, in the shape of the feature."""
        if not self.rows:
            return {k: batch.pulled[k] for k in given}
        return {k: from_rows(batch.pulled[k], batch.feature, self.model.transform.dim) for k in given}

    @staticmethod
    def _back(batch: Batch) -> BackwardPass:
        assert batch.back is not None
        return batch.back

    def _go_back(self, batch: Batch) -> None:
        """One backward through the backbone, from the rule's update at the feature."""
        assert batch.update is not None or self.weights is not None
        if batch.update is None:
            batch.update = self._weighted(batch.pulled, self.weights)
        update = batch.update
        if self.rows:
            update = from_rows(update, batch.feature, self.model.transform.dim)
        found = self._back(batch)(update)
        batch.back = None
        self.through = [added(old, new) for old, new in zip(self.through, found, strict=True)]

    @staticmethod
    def _weighted(gradients: Tensor, weights: np.ndarray | None) -> Tensor:
        factors = torch.as_tensor(weights, dtype=gradients.dtype).to(gradients.device)
        return torch.tensordot(factors, gradients, dims=1)

    def finish(self, losses_after: Any) -> tuple[list[tuple[Tensor, Tensor]], BackwardReport]:
        """Returns every (parameter, gradient) to add, and the report; the rule's state advances once.

        Raises NotFinite where a gradient is not. With a scaler every gradient is then infinite instead, so that it
        skips the step, and neither the rule's state nor the transform moves.
        """
        try:
            if not self.overflow:
                return self._finish(losses_after)
        except NotFinite:
            if not self.scaled:
                raise
        self.undo()
        trained = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        nothing, gram = np.zeros(self.model.tasks), torch.full([self.model.tasks] * 2, float("nan"))
        weights = None if self.elementwise else nothing
        told = (self.tally.values, self.model.rule.status, self.level, gram, self._turning)
        report = BackwardReport(weights, nothing, *told, overflow=True)
        return [(parameter, torch.full_like(parameter, float("inf"))) for parameter in trained], report

    def _finish(self, losses_after: Any) -> tuple[list[tuple[Tensor, Tensor]], BackwardReport]:
        model, present = self.model, self.tally.present
        gram = self._measure(self.batches[0].feature.device)
        check_gram(gram, model.names)
        if not self.early and not self.elementwise:
            self.weights = self._ask(gram.cpu().numpy(), losses_after)
        elif self.weights is not None:
            self.weights = np.where(present, self.weights, 0.0)
        pairs = self._written(gram) if present.any() else []
        weights = None if self.weights is None else self.weights.copy()
        status = model.rule.status if present.any() else Status.STATIONARY
        told = (self.tally.values, status, self.level, gram, self._turning)
        return pairs, BackwardReport(weights, self._head_weights(), *told)

    @property
    def _turning(self) -> Turning:
        return Turning(self.model.transform, self.model.method.spec.key)

    def _written(self, gram: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Returns every (parameter, gradient) to add; the transform moves last, once all others are finite."""
        head_weights = self._head_weights().tolist()
        own = [pair for part in self.heads for pair in settle(part, head_weights)]
        if self.level == "parameters":
            shared = self._shared()
            pairs = merge([*self._averaged(own), *shared])
        else:
            pairs = merge(self._averaged([*own, *self._shared()]))
        self._check(pairs)
        if not self.model.transform.matters:
            return pairs
        learned = merge(self._averaged(self._learned(gram)))
        self._check(learned)
        return merge([*pairs, *learned])

    def _check(self, pairs: list[tuple[Tensor, Tensor]]) -> None:
        names = self.model.names
        present = [name for name, one in zip(names, self.tally.present, strict=True) if one]
        check_pairs(pairs, self.model, names, present)

    def _measure(self, device: torch.device) -> Tensor:
        """Returns the Gram matrix at the level, over the whole batch and all processes."""
        if self.level == "features":
            return self._feature_gram()
        self.lists.average(self.model.processes)
        return self.lists.gram(device) / self.scale**2

    def _feature_gram(self) -> Tensor:
        grams = [gram_of_rows(batch.pulled) for batch in self.batches]
        processes = self.model.processes
        # rows of different processes stand side by side, each 1 / count of the gradient of the mean loss
        return processes.mean(torch.stack(grams).sum(0)) / processes.count

    def _shared(self) -> list[tuple[Tensor, Tensor | None]]:
        """Returns the backbone's gradients: its parameters are the shared ones."""
        if self.level == "parameters":
            if self.elementwise:
                found = self.lists.decide(self.model.rule, self._active)
            else:
                assert self.weights is not None
                found = self.lists.combine(self.weights.tolist())
            return list(zip(self.parameters, found, strict=True))
        if self.elementwise:
            self._decide_elementwise()
        for batch in self.batches:
            if batch.back is not None:
                self._go_back(batch)
        return list(zip(self.parameters, self.through, strict=True))

    def _decide_elementwise(self) -> None:
        """Sets every micro-batch's update from one decision over the whole batch, of all processes."""
        model, dim = self.model, self.model.transform.dim
        pulled = torch.cat([batch.pulled for batch in self.batches], dim=1)
        features = torch.cat([to_rows(batch.feature.detach(), dim) for batch in self.batches])
        everyone, mine = model.processes.gather_rows(pulled, dim=1)
        points, _ = model.processes.gather_rows(features.to(pulled.dtype), dim=0)
        update = model.rule.combine(everyone, features=points, active=self._active)[mine]
        parts = update.split([batch.pulled.shape[1] for batch in self.batches])
        for batch, part in zip(self.batches, parts, strict=True):
            batch.update = part

    def _head_weights(self) -> np.ndarray:
        """Returns the weights of the heads' gradients: p, or w for a rule published as a weighted loss."""
        rule, tasks = self.model.rule, self.model.tasks
        if rule.spec.head_state is not None:
            weights = rule.state_dict()["state"][tasks * rule.spec.head_state :][:tasks]
        elif self.weights is not None and (self.early or rule.spec.kind == "loss"):
            weights = self.weights
        else:
            weights = np.array(rule.shares(tasks))
        return np.where(self.tally.present, weights, 0.0)

    def _learned(self, gram: Tensor) -> list[tuple[Tensor, Tensor | None]]:
        """Returns the transform's (parameter, gradient) pairs, to be averaged over the processes."""
        count = self.model.processes.count
        found = self.model.transform.learn(self._context(gram, 1.0 / count))
        # what it found is this process's part of a sum over the whole batch
        factor = count * self.scale
        return found if factor == 1.0 else [(leaf, None if g is None else g * factor) for leaf, g in found]

    def _context(self, gram: Tensor, share: float) -> BackwardContext:
        """Returns what the transform learns from; this process's rows are `share` of its own gradients."""
        dim = self.model.transform.dim
        if self.level != "features":
            gram = self._feature_gram()
        updates = [batch.update for batch in self.batches]
        if any(update is None for update in updates):
            updates = [self._update_of(batch) for batch in self.batches]
        return BackwardContext(
            seen=joined([batch.seen for batch in self.batches], 1, share),
            pulled=joined([batch.pulled for batch in self.batches], 1, share),
            features=joined([to_rows(batch.feature.detach(), dim) for batch in self.batches], 0),
            update=joined([update for update in updates if update is not None], 0, share),
            gram=gram,
            processes=self.model.processes,
            present=np.flatnonzero(self.tally.present).tolist(),
        )

    def _update_of(self, batch: Batch) -> Tensor:
        """Returns the rule's update at the feature; for an element-wise rule at the parameters the mean by p."""
        if self.weights is not None:
            return self._weighted(batch.pulled, self.weights)
        shares = np.where(self.tally.present, self.model.rule.shares(self.model.tasks), 0.0)
        return self._weighted(batch.pulled, shares / shares.sum())

    def _averaged(self, pairs: list[tuple[Tensor, Tensor | None]]) -> list[tuple[Tensor, Tensor | None]]:
        """Returns the pairs averaged over the processes, in an order that is the same in all of them."""
        processes = self.model.processes
        if processes.count == 1:
            return pairs
        found = {id(leaf): (leaf, gradient) for leaf, gradient in merge(pairs)}
        ordered = [found.pop(id(p), (p, None)) for p in self.model.parameters() if p.requires_grad]
        return processes.mean_gradients([*ordered, *found.values()])
