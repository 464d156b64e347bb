"""The readable engine: torch and autograd, one step at a time, to be read beside Algorithm 1 of RotoGrad.

Javaloy & Valera 2021, Algorithm 1, line by line in `Reference.step`. It shares with the compiled engine what is
drawn from the seed, the rules' kernels and the diagnostics, and nothing of how gradients are got.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import geotorch.so
import numpy as np
import torch
from torch.nn.utils import parametrize

from mtlcore.registry import Method
from mtlcore.rules._types import NOT_CONVERGED
from toy_problems._arrays import ABSURD, LIMIT, Records, empty_records
from toy_problems._diagnose import diagnose_pair
from toy_problems._initial import Initial, draw, draw_rows, noise_size, rotated_dims
from toy_problems.config import ToyConfig
from toy_problems.trajectory import Outcome, Trajectory, assemble, record_steps

Tensors = Sequence[torch.Tensor]


class Backbone(torch.nn.Module):
    """z = W2 max(W1 x + b1, 0) + b2; on a problem without backbone z itself is the one parameter."""

    def __init__(self, initial: Initial, point_only: bool) -> None:
        super().__init__()
        drawn = (initial.theta,) if point_only else (initial.W1, initial.b1, initial.W2, initial.b2)
        self.weights = torch.nn.ParameterList([torch.tensor(array) for array in drawn])
        self.x = torch.tensor(initial.x)

    def forward(self) -> torch.Tensor:
        """Returns the shared feature Z, [N, d]."""
        if len(self.weights) == 1:
            return self.weights[0] * 1.0  # a node of the graph, so that it has a gradient like any feature
        W1, b1, W2, b2 = self.weights
        return torch.relu(self.x @ W1.T + b1) @ W2.T + b2

    @property
    def last_shared(self) -> list[torch.Tensor]:
        """Returns the parameters of the last shared module."""
        return list(self.weights)[-2:]


class View(torch.nn.Module):
    """What one task sees of the feature: r = A z + b, the identity without a transform."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.d = d

    def affine(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns A [d, d] and b [d], differentiable with respect to the view's parameters."""
        return torch.eye(self.d, dtype=torch.float64), torch.zeros(self.d, dtype=torch.float64)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Returns r [N, d] for z [N, d]; the view itself counts as a constant."""
        A, b = self.affine()
        return z @ A.detach().T + b.detach()


class Rotation(View):
    """r = [R z_{1:m}, z_{m+1:d}], R = R0 expm(L - L^T): geotorch's SO(m) around the base R0."""

    def __init__(self, d: int, R0: np.ndarray) -> None:
        super().__init__(d)
        self.m = len(R0)
        self.R = torch.nn.Parameter(torch.tensor(R0))
        with torch.random.fork_rng():  # geotorch draws a base by itself; the line after replaces it
            parametrize.register_parametrization(self, "R", geotorch.so.SO((self.m, self.m)).double())
        self.R = torch.tensor(R0)

    def affine(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns A [d, d], R in its first m rows and columns, and no offset."""
        rest = torch.eye(self.d - self.m, dtype=torch.float64)
        return torch.block_diag(self.R, rest), torch.zeros(self.d, dtype=torch.float64)


def alignment_loss(A: torch.Tensor, local: torch.Tensor, seen: Tensors, library: bool) -> torch.Tensor:
    """Returns -sum_n <A^T gtil_n, v_n> (eq. 3), v the mean of the unit gradients, all gradients constant.

    library: the squared form of the authors' public package, v scaled to the length of the mean gradient.
    """
    v = torch.stack([G / G.norm() if G.norm() > 0 else G for G in seen]).mean(0)
    if library:
        return ((local @ A - v * torch.stack(list(seen)).mean(0).norm()) ** 2).sum()
    return -((local @ A) * v).sum()


def task_loss(config: ToyConfig, A: torch.Tensor, b: torch.Tensor, z: torch.Tensor, task: int) -> torch.Tensor:
    """Returns the task's loss as a function of its view, the feature being constant."""
    return config.world.formula(torch, z.detach() @ A.T + b, task, config.s)


def optimiser(name: str, parameters: Any, lr: float) -> torch.optim.Optimizer:
    """Returns torch's SGD or Adam."""
    return (torch.optim.Adam if name == "adam" else torch.optim.SGD)(parameters, lr=lr)


class Reference:
    """One path of the reference engine."""

    def __init__(self, config: ToyConfig, initial: Initial) -> None:
        self.config, self.problem = config, config.world
        self.method: Method = config.resolved
        self.rule, self.params = self.method.spec.rule_spec, self.method.transform_params
        self.tasks = range(len(self.problem.tasks))
        self.backbone = Backbone(initial, not self.problem.backbone)
        self.views = [self._view(initial, k) for k in self.tasks]
        self.optimiser = optimiser(config.optimizer, self.backbone.parameters(), config.lr)
        turned = [p for view in self.views for p in view.parameters()]
        name = str(self.params.get("rot_optimizer", "sgd"))
        self.transform_optimiser = optimiser(name, turned, self.params["lr_rot"]) if turned else None
        self.hp = self.rule.encode(self.method.rule_params)
        self.state = np.zeros(self.rule.state_size(len(self.tasks)))
        self.minima = self.problem.minima(config.d, config.s)
        self.noise, self.noise_size = initial.noise(), noise_size(config, initial)
        looks = self.rule.kind == "elementwise" or "gram" in self.rule.needs
        self.level = self.method.level if looks else "features"  # a rule of the losses alone has no level
        self.where = self._where()

    def _view(self, initial: Initial, task: int) -> View:
        """Returns the task's view at its start."""
        turns = self.method.transform in ("rotation", "rotation_task") and rotated_dims(self.config) >= 2
        return Rotation(self.config.d, initial.R[task]) if turns else View(self.config.d)

    def _where(self) -> list[torch.Tensor]:
        """Returns the parameters whose gradients the rule looks at; none where it looks at the features."""
        if self.level == "features" or not self.problem.backbone:
            return []
        return self.backbone.last_shared if self.level == "last_shared" else list(self.backbone.weights)

    def evaluate(self) -> bool:
        """Computes features, losses and gradients (lines 1-5); returns whether all of them are sane numbers."""
        self.z = self.backbone()  # line 1
        self.L, self.local, self.G, self.rows = [], [], [], []
        for k, view in enumerate(self.views):
            r = view(self.z)
            L = self.problem.formula(torch, r, k, self.config.s)  # line 3
            local, G, *rest = torch.autograd.grad(L, [r, self.z, *self.where], retain_graph=True)  # lines 4, 5
            self.L.append(L.detach())
            self.local.append(local)
            self.G.append(G)
            self.rows.append(torch.cat([gradient.flatten() for gradient in rest or [G]]))
        self.losses = np.array([L.item() for L in self.L])
        self.excess = np.maximum(self.losses - self.minima, 0.0)
        sane = [(self.z, LIMIT), *((values, ABSURD) for values in (*self.L, *self.G))]
        return all(bool((values.abs() <= limit).all()) for values, limit in sane)

    def balance(self) -> int:
        """Computes the weights and the update at the feature level (lines 6-10); returns the rule's status."""
        noise = draw_rows(self.config, self.noise, 1, self.noise_size)[0]
        self.weights = np.full(len(self.tasks), 1.0 / len(self.tasks))
        if self.rule.kind == "elementwise":
            return self._choose(noise)
        rows = torch.stack(self.rows).numpy()
        status = self.rule.kernel(rows @ rows.T, self.excess, self.hp, noise, self.state, self.weights)
        self.update = sum(w * G for w, G in zip(self.weights, self.G, strict=True))
        return status

    def _choose(self, noise: np.ndarray) -> int:
        """Asks an element-wise rule; away from the features it chooses among the parameters."""
        at_features = self.level == "features"
        rows = torch.stack(self.G).numpy() if at_features else torch.stack(self.rows)[:, None].numpy()
        features = self.z.detach().numpy() if at_features else np.ones_like(rows[0])
        chosen = np.empty_like(rows[0])
        status = self.rule.kernel(rows, features, self.hp, noise, chosen)
        mean = sum(G for G in self.G) / len(self.tasks)
        shows = at_features or not self.problem.backbone  # without a backbone the parameters are the feature
        self.update = torch.tensor(chosen).reshape(self.z.shape) if shows else mean
        self.chosen = chosen.ravel()
        return status

    def step(self, t: int) -> None:
        """Moves backbone and views once, both from gradients taken with the old ones (lines 11-17)."""
        self.optimiser.zero_grad()
        self.z.backward(self.update, retain_graph=True)  # line 11: the backbone follows sum_k w_k G_k
        if self.rule.kind == "elementwise" and self.level != "features" and self.problem.backbone:
            self._follow_choice()
        if self.transform_optimiser is not None:
            self._turn(t)
        self.optimiser.step()

    def _follow_choice(self) -> None:
        """Replaces the mean gradient by the chosen one, where an element-wise rule chose among parameters."""
        pieces = torch.tensor(self.chosen).split([weight.numel() for weight in self.where])
        for weight, piece in zip(self.where, pieces, strict=True):
            weight.grad = piece.reshape(weight.shape)

    def _turn(self, t: int) -> None:
        """Takes one step of the transforms' own optimiser (lines 12-15)."""
        assert self.transform_optimiser is not None
        losses = []
        for k, view in enumerate(self.views):
            A, b = view.affine()
            if self.method.transform == "rotation":
                losses.append(alignment_loss(A, self.local[k], self.G, self.params["alignment"] == "library"))
            else:
                losses.append(task_loss(self.config, A, b, self.z, k))
        self.transform_optimiser.zero_grad()
        torch.stack(losses).sum().backward()
        for group in self.transform_optimiser.param_groups:
            group["lr"] = self.params["lr_rot"] * self.params["rot_decay"] ** t
        self.transform_optimiser.step()

    def record(self, records: Records, at: int, status: int) -> None:
        """Writes everything at the current position to record `at`."""
        records.z[at] = self.z.detach().numpy()
        records.losses[at], records.excess[at], records.weights[at] = self.losses, self.excess, self.weights
        records.gradients[at] = np.stack([G.numpy() for G in self.G])
        records.update[at] = self.update.numpy()
        for k, view in enumerate(self.views):
            A, b = view.affine()
            records.matrices[at, k], records.offsets[at, k] = A.detach().numpy(), b.detach().numpy()
        records.rule_status[at] = status
        diagnose_pair(records.gradients[at], records.diagnostics[at])


def run_path(config: ToyConfig, initial: Initial) -> tuple[Records, np.ndarray]:
    """Returns one path's records, and how it ended: outcome, steps taken, records written."""
    path = Reference(config, initial)
    kept = record_steps(config.steps, config.record_every)
    records = empty_records(kept.size, len(path.tasks), *path.backbone().shape)
    written = 0
    for t in range(config.steps + 1):
        if not path.evaluate():
            return records, np.array([Outcome.DIVERGED, t, written])
        status = path.balance()
        if status == NOT_CONVERGED:
            return records, np.array([Outcome.SOLVER_FAILED, t, written])
        if not bool((path.update.abs() <= ABSURD).all()):
            return records, np.array([Outcome.DIVERGED, t, written])
        if t == kept[written]:
            path.record(records, written, status)
            written += 1
        if t < config.steps:
            path.step(t)
    return records, np.array([Outcome.OK, config.steps, written])


def run_reference(config: ToyConfig, given: Mapping[str, Any] | None = None) -> Trajectory:
    """Returns the trajectory of a configuration. Raises ValueError where `given` does not fit."""
    paths = [run_path(config, initial) for initial in draw(config, config.world, given)]
    steps = record_steps(config.steps, config.record_every)
    return assemble(config, steps, [records for records, _ in paths], [ending for _, ending in paths])
