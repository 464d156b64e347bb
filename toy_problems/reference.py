"""The readable engine: torch and autograd, one step at a time, to be read beside Algorithm 1 of RotoGrad.

Javaloy & Valera 2021, Algorithm 1, line by line in `Reference.evaluate`, `balance` and `step`. It shares with the
compiled engine what is drawn from the seed, the rules' kernels and the diagnostics, and nothing of how gradients
are got.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mtlcore.compiled.signatures import NOT_CONVERGED
from mtlcore.transforms.readable import Readable, Seen
from toy_problems.compiled.arrays import ABSURD, LIMIT, Records, empty_records
from toy_problems.compiled.diagnose import diagnose
from toy_problems.config import ToyConfig
from toy_problems.initial import Initial, draw, draw_rows, gradient_stream, noise_size, rule_stream
from toy_problems.trajectory import Outcome, Trajectory, assemble, record_steps


class Backbone(nn.Module):
    """z = W2 max(W1 x + b1, 0) + b2; on a problem without backbone z itself is the one parameter."""

    def __init__(self, initial: Initial, point_only: bool) -> None:
        super().__init__()
        drawn = (initial.theta,) if point_only else (initial.W1, initial.b1, initial.W2, initial.b2)
        self.weights = nn.ParameterList([torch.tensor(array) for array in drawn])
        self.x = torch.tensor(initial.x)

    def forward(self) -> Tensor:
        """Returns the shared feature Z, [N, d]."""
        if len(self.weights) == 1:
            return self.weights[0] * 1.0  # a node of the graph, so that it has a gradient like any feature
        W1, b1, W2, b2 = self.weights
        return torch.relu(self.x @ W1.T + b1) @ W2.T + b2


class Reference:
    """One path of the reference engine."""

    def __init__(self, config: ToyConfig, initial: Initial, number: int) -> None:
        self.config, self.problem, self.method = config, config.problem_spec, config.resolved
        self.rule, self.params = self.method.spec.rule_spec, self.method.transform_params
        self.tasks = range(config.tasks)
        self.backbone = Backbone(initial, not self.problem.backbone)
        transform = self.method.spec.transform_spec
        kind = transform.readable if transform.acts(self.params, config.d) else Readable
        self.transform: Readable = kind(initial.R, config.d, self.params, config.seed)
        kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
        self.optimiser = kinds[config.optimizer](self.backbone.parameters(), lr=config.lr)
        self.hp = self.rule.encode(self.method.rule_params, config.followed_preferences)
        self.state = np.zeros(self.rule.state_size(len(self.tasks)))
        self.minima = self.problem.minima(config.d, config.scales)
        self.noise, self.noise_size = rule_stream(config, number), noise_size(config, initial)
        self.gradient_noise, self.first_norms = gradient_stream(config, number), np.zeros(len(self.tasks))
        self.level = self.method.level if self.rule.needs_gradients else "features"  # else there is no level
        self.where = self._where()

    def _where(self) -> list[Tensor]:
        """Returns the parameters whose gradients the rule looks at; none where it looks at the features."""
        if self.level == "features" or not self.problem.backbone:
            return []
        return list(self.backbone.weights)[-2 if self.level == "last_shared" else 0 :]

    def evaluate(self) -> bool:
        """Computes features, losses and gradients (lines 1-5); returns whether all of them are sane numbers."""
        self.z = self.backbone()  # line 1
        self.L, self.r, self.local, self.G, self.rows = [], [], [], [], []
        for k in self.tasks:
            A, b = self.transform.view(k)
            r = self.z @ A.detach().T + b.detach()  # line 2: the view itself counts as a constant
            L = self.problem.formula(torch, r, k, self.config.scales)  # line 3
            local, G, *rest = torch.autograd.grad(  # lines 4, 5
                L,
                [r, self.z, *self.where],
                retain_graph=True,
                create_graph=self.transform.differentiates_gradients,
            )
            self.L.append(L.item())
            self.r.append(r.detach())
            self.local.append(local.detach())
            self.G.append(G)
            self.rows.append(torch.cat([gradient.detach().flatten() for gradient in rest or [G]]))
        self.losses = np.array(self.L)
        self.excess = np.maximum(self.losses - self.minima, 0.0)
        self.exact, self.exact_local = [G.detach() for G in self.G], list(self.local)
        good = (np.abs(self.losses) <= ABSURD).all() and (self.z.abs() <= LIMIT).all()
        good = bool(good) and all(bool((G.abs() <= ABSURD).all()) for G in self.G)
        if good and self.config.noise > 0.0:
            self._disturb()
        return good

    def _disturb(self) -> None:
        """Adds what a mini-batch would to every gradient at r_k, and so to those at z and at the parameters."""
        norms = np.array([local.norm().item() for local in self.local])
        begins = (self.first_norms == 0.0) & (norms > 1e-12 * norms.max())
        self.first_norms[begins] = norms[begins]
        draws = self.gradient_noise.standard_normal((len(norms), *self.z.shape))
        for k in self.tasks:
            scale = self.config.noise * self.first_norms[k] / self.z.numel() ** 0.5
            added = scale * torch.tensor(draws[k])
            at_z = added @ self.transform.view(k)[0].detach()
            self.local[k] = self.local[k] + added
            self.G[k] = self.G[k] + at_z
            further: Sequence[Tensor] = [at_z]
            if self.where:
                further = torch.autograd.grad(self.z, self.where, at_z, retain_graph=True)
            self.rows[k] = self.rows[k] + torch.cat([gradient.flatten() for gradient in further])

    def balance(self) -> int:
        """Computes the weights and the update at the feature level (lines 6-10); returns the rule's status."""
        noise = draw_rows(self.config, self.noise, 1, self.noise_size)[0]
        self.weights = self.config.shares
        self.force = self.transform.force(self.G, self.z)
        self.G = [G.detach() for G in self.G]
        rows = torch.stack(self.rows).numpy()
        self.gram = rows @ rows.T
        if self.rule.kind == "elementwise":
            status = self._choose(noise)
        else:
            status = self.rule.kernel(self.gram, self.excess, self.hp, noise, self.state, self.weights)
            self.ruled = sum(w * G for w, G in zip(self.weights, self.G, strict=True))
        self.update = self.ruled if self.force is None else self.ruled + self.force
        return int(status)

    def _choose(self, noise: np.ndarray) -> int:
        """Asks an element-wise rule; away from the features it chooses among the parameters."""
        at_features = self.level == "features"
        rows = torch.stack(self.G).numpy() if at_features else torch.stack(self.rows)[:, None].numpy()
        features = self.z.detach().numpy() if at_features else np.ones_like(rows[0])
        chosen = np.empty_like(rows[0])
        status = self.rule.kernel(rows, features, self.hp, noise, chosen)
        shows = at_features or not self.problem.backbone  # without a backbone the parameters are the feature
        mean = sum(w * G for w, G in zip(self.weights, self.G, strict=True))
        self.ruled = torch.tensor(chosen).reshape(self.z.shape) if shows else mean
        self.chosen = chosen.ravel()
        return status

    def step(self, t: int) -> None:
        """Moves backbone and views once, both from gradients taken with the old ones (lines 11-17)."""
        self.optimiser.zero_grad()
        self.z.backward(self.ruled, retain_graph=True)  # line 11: the backbone follows sum_k w_k G_k
        if self.rule.kind == "elementwise" and self.where:
            pieces = torch.tensor(self.chosen).split([weight.numel() for weight in self.where])
            for weight, piece in zip(self.where, pieces, strict=True):
                weight.grad = piece.reshape(weight.shape)
        if self.force is not None:
            self.z.backward(self.force)
        self.transform.learn(self._seen(t))  # lines 12-15
        self.optimiser.step()

    def _seen(self, t: int) -> Seen:
        """Returns what the transform learns from."""
        noise = [local - exact for local, exact in zip(self.local, self.exact_local, strict=True)]
        return Seen(
            t=t, z=self.z.detach(), r=self.r, local=self.local, noise=noise, G=self.G, update=self.update,
            loss=lambda r, k: self.problem.formula(torch, r, k, self.config.scales),
        )  # fmt: skip

    def record(self, records: Records, at: int, status: int) -> None:
        """Writes everything at the current position to record `at`."""
        records.z[at] = self.z.detach().numpy()
        records.losses[at], records.excess[at], records.weights[at] = self.losses, self.excess, self.weights
        records.gradients[at] = torch.stack(self.G).numpy()
        records.exact[at] = torch.stack(self.exact).numpy()
        records.gram[at], records.update[at] = self.gram, self.update.numpy()
        for k in self.tasks:
            A, b = self.transform.view(k)
            records.matrices[at, k], records.offsets[at, k] = A.detach().numpy(), b.detach().numpy()
        records.rule_status[at] = status
        diagnose(records.exact[at], records.diagnostics[at])


def run_path(config: ToyConfig, initial: Initial, number: int) -> tuple[Records, np.ndarray]:
    """Returns the records of the path of this number, and how it ended: outcome, steps taken, records written."""
    path = Reference(config, initial, number)
    kept = record_steps(config.steps, config.record_every)
    batch, dim = path.backbone().shape
    records = empty_records(kept.size, len(path.tasks), batch, dim, int(config.noise > 0.0))
    written = 0
    for t in range(config.steps + 1):
        if not path.evaluate():
            return records, np.array([Outcome.DIVERGED, t, written])
        status = path.balance()
        failed = status == NOT_CONVERGED
        if failed or not bool((path.update.abs() <= ABSURD).all()):
            if written == 0:  # the first position is kept, without weights
                path.weights, path.update = 0.0 * path.minima, torch.zeros_like(path.z)
                path.record(records, 0, status)
            outcome = Outcome.SOLVER_FAILED if failed else Outcome.DIVERGED
            return records, np.array([outcome, t, max(written, 1)])
        if t == kept[written]:
            path.record(records, written, status)
            written += 1
        if t < config.steps:
            path.step(t)
    return records, np.array([Outcome.OK, config.steps, written])


def run_reference(config: ToyConfig, given: Mapping[str, Any] | None = None) -> Trajectory:
    """Returns the trajectory of a configuration. Raises ValueError where `given` does not fit."""
    initials = enumerate(draw(config, config.problem_spec, given))
    paths = [run_path(config, initial, number) for number, initial in initials]
    steps = record_steps(config.steps, config.record_every)
    return assemble(config, steps, [records for records, _ in paths], [ending for _, ending in paths])
