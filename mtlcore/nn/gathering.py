"""One application of the rule: from the micro-batches' losses to the gradients that `backward` writes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from mtlcore.nn import checks
from mtlcore.nn.gram import gram_of_rows
from mtlcore.nn.head_gradients import HeadGradients, head_gradients, settle
from mtlcore.nn.head_graph import trace
from mtlcore.nn.micro_batch import Batch, Forward, joined
from mtlcore.nn.report import Last
from mtlcore.nn.rows import from_rows, stack_to_rows, to_rows
from mtlcore.nn.task_lists import TaskLists
from mtlcore.nn.transform import Scene
from mtlcore.nn.turning import Turning
from mtlcore.nn.writing import BackwardPass, Gradients, merge

if TYPE_CHECKING:
    from mtlcore.nn.multi_task import MultiTask


class Gathering:
    """Gathers `count` micro-batches, then decides the weights once."""

    def __init__(self, model: "MultiTask", count: int) -> None:
        self.model = model
        self.count = count
        self.heads: list[HeadGradients] = []
        self.batches: list[Batch] = []
        self.values = np.zeros(model.tasks)
        self.weights: np.ndarray | None = None
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
        self.direct: Gradients = [None] * len(self.parameters)

    @property
    def complete(self) -> bool:
        """Returns whether all micro-batches are here."""
        return len(self.batches) == self.count

    def add(self, forward: Forward, losses: Sequence[Tensor], losses_after: Sequence[float] | None) -> None:
        """Takes one micro-batch's losses and goes back through the heads, and as far as the level asks."""
        model, share = self.model, 1.0 / self.count
        graph = trace(losses, forward.views)
        checks.check_graph(graph, model.names)
        if graph.crosses and not model.separate:
            checks.check_separate(losses, forward.views, model.names)
            model.separate = True
        values = torch.stack([loss.detach().reshape(()).double() for loss in losses])
        local = model.processes.mean(values).cpu().numpy()
        checks.check_finite(local.tolist(), model.names)
        self.values += share * local
        self._decide_early(losses_after)
        heads = head_gradients(losses, forward.views, graph, self._head_seeds(), share)
        self.heads.append(heads)
        self._add_batch(forward.feature, heads.seen)

    def _decide_early(self, losses_after: Sequence[float] | None) -> None:
        """Asks a rule that needs no gradients for its weights as soon as it has its losses."""
        ready = not self.with_losses or len(self.batches) == self.count - 1
        if self.early and ready and self.weights is None:
            self.weights = self._ask(np.eye(self.model.tasks), losses_after)

    def _ask(self, gram: np.ndarray, losses_after: Sequence[float] | None) -> np.ndarray:
        losses = self.values.tolist() if self.with_losses else None
        return self.model.rule.weights(gram, losses, losses_after)

    def _head_seeds(self) -> list[float] | None:
        """Returns the heads' weights where they are known already: those of an early rule, or p."""
        if self.early:
            return None if self.weights is None else self.weights.tolist()
        if self.model.rule.spec.kind == "loss" or self.model.rule.spec.head_state is not None:
            return None
        return self.model.rule.shares(self.model.tasks)

    def _add_batch(self, feature: Tensor, seen: Tensor) -> None:
        transform = self.model.transform
        seen = stack_to_rows(seen, transform.dim) if self.rows else seen
        pulled = transform.pull_back(seen)
        batch = Batch(feature, BackwardPass(feature, self.parameters), seen, pulled)
        self.batches.append(batch)
        if self.level == "parameters":
            self.lists.add(self._back(batch), self._features(batch, pulled), retain=False)
            batch.back = None
        elif self.level == "last_shared":
            part = BackwardPass(feature, self.lists.parameters, touched=self.parameters)
            self.lists.add(part, self._features(batch, pulled), retain=True)
        elif self.weights is not None and not self.complete:
            self._go_back(batch)  # nothing to wait for: free the graph

    def _features(self, batch: Batch, gradients: Tensor) -> list[Tensor]:
        """Returns K gradients in the shape of the feature."""
        if not self.rows:
            return list(gradients)
        return [from_rows(one, batch.feature, self.model.transform.dim) for one in gradients]

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
        for i, new in enumerate(found):
            old = self.direct[i]
            self.direct[i] = new if old is None else old if new is None else old.add_(new)

    @staticmethod
    def _weighted(gradients: Tensor, weights: np.ndarray | None) -> Tensor:
        factors = torch.as_tensor(weights, dtype=gradients.dtype).to(gradients.device)
        return torch.tensordot(factors, gradients, dims=1)

    def finish(self, losses_after: Sequence[float] | None) -> tuple[list[tuple[Tensor, Tensor]], Last]:
        """Returns every (parameter, gradient) to add, and the report; the rule's state advances once."""
        model, feature = self.model, self.batches[0].feature
        gram = self._measure(feature.device)
        if not self.early and not self.elementwise:
            checks.check_gradients(gram, model.names)
            self.weights = self._ask(gram.cpu().numpy(), losses_after)
        shared = self._shared()
        head_weights = self._head_weights()
        own = [pair for part in self.heads for pair in settle(part, head_weights.tolist())]
        if model.transform.matters:
            own += self._learned(gram)
        if self.level == "parameters":
            pairs = merge([*self._averaged(own), *shared])
        else:
            pairs = merge(self._averaged([*own, *shared]))
        weights = None if self.weights is None else self.weights.copy()
        turning = Turning(model.transform, model.method.spec.key)
        return pairs, Last(weights, head_weights, self.values, model.rule.status, self.level, gram, turning)

    def _measure(self, device: torch.device) -> Tensor:
        """Returns the Gram matrix at the level, over the whole batch and all processes."""
        if self.level == "features":
            return self._feature_gram()
        self.lists.average(self.model.processes)
        return self.lists.gram(device)

    def _feature_gram(self) -> Tensor:
        grams = [gram_of_rows(batch.pulled) for batch in self.batches]
        processes = self.model.processes
        # rows of different processes stand side by side, each 1 / count of the gradient of the mean loss
        return processes.mean(torch.stack(grams).sum(0)) / processes.count

    def _shared(self) -> list[tuple[Tensor, Tensor | None]]:
        """Returns the backbone's gradients: its parameters are the shared ones."""
        if self.level == "parameters":
            if self.elementwise:
                found = self.lists.decide(self.model.rule)
            else:
                assert self.weights is not None
                found = self.lists.combine(self.weights.tolist())
            return list(zip(self.parameters, found, strict=True))
        if self.elementwise:
            self._decide_elementwise()
        for batch in self.batches:
            if batch.back is not None:
                self._go_back(batch)
        return list(zip(self.parameters, self.direct, strict=True))

    def _decide_elementwise(self) -> None:
        """Sets every micro-batch's update from one decision over the whole batch, of all processes."""
        model, dim = self.model, self.model.transform.dim
        pulled = torch.cat([batch.pulled for batch in self.batches], dim=1)
        features = torch.cat([to_rows(batch.feature.detach(), dim) for batch in self.batches])
        everyone, mine = model.processes.gather_rows(pulled, dim=1)
        points, _ = model.processes.gather_rows(features.to(pulled.dtype), dim=0)
        update = model.rule.combine(everyone, features=points)[mine]
        parts = update.split([batch.pulled.shape[1] for batch in self.batches])
        for batch, part in zip(self.batches, parts, strict=True):
            batch.update = part

    def _head_weights(self) -> np.ndarray:
        """Returns the weights of the heads' gradients: p, or w for a rule published as a weighted loss."""
        rule, tasks = self.model.rule, self.model.tasks
        if rule.spec.head_state is not None:
            return rule.state_dict()["state"][tasks * rule.spec.head_state :][:tasks]
        if self.weights is not None and (self.early or rule.spec.kind == "loss"):
            return self.weights.copy()
        return np.array(rule.shares(tasks))

    def _learned(self, gram: Tensor) -> list[tuple[Tensor, Tensor | None]]:
        """Returns the transform's (parameter, gradient) pairs, to be averaged over the processes."""
        count = self.model.processes.count
        found = self.model.transform.learn(self._scene(gram, 1.0 / count))
        # what it found is this process's part of a sum over the whole batch
        return found if count == 1 else [(leaf, None if g is None else g * count) for leaf, g in found]

    def _scene(self, gram: Tensor, share: float) -> Scene:
        """Returns what the transform learns from; this process's rows are `share` of its own gradients."""
        dim = self.model.transform.dim
        if self.level != "features":
            gram = self._feature_gram()
        updates = [batch.update for batch in self.batches]
        if any(update is None for update in updates):
            updates = [self._update_of(batch) for batch in self.batches]
        return Scene(
            seen=joined([batch.seen for batch in self.batches], 1, share),
            pulled=joined([batch.pulled for batch in self.batches], 1, share),
            features=joined([to_rows(batch.feature.detach(), dim) for batch in self.batches], 0),
            update=joined([update for update in updates if update is not None], 0, share),
            gram=gram,
            processes=self.model.processes,
        )

    def _update_of(self, batch: Batch) -> Tensor:
        """Returns the rule's update at the feature; for an element-wise rule at the parameters the mean by p."""
        weights = np.array(self.model.rule.shares(self.model.tasks)) if self.weights is None else self.weights
        return self._weighted(batch.pulled, weights)

    def _averaged(self, pairs: list[tuple[Tensor, Tensor | None]]) -> list[tuple[Tensor, Tensor | None]]:
        """Returns the pairs averaged over the processes, in an order that is the same in all of them."""
        processes = self.model.processes
        if processes.count == 1:
            return pairs
        found = {id(leaf): (leaf, gradient) for leaf, gradient in merge(pairs)}
        ordered = [found.pop(id(p), (p, None)) for p in self.model.parameters() if p.requires_grad]
        return processes.mean_gradients([*ordered, *found.values()])
