"""The readable engine: torch and autograd, one step at a time, to be read beside Algorithm 1 of RotoGrad.

Javaloy & Valera 2021, Algorithm 1, line by line in `Reference.evaluate`, `balance` and `step`. It shares with the
compiled engine what is drawn from the seed, the rules' kernels and the diagnostics, and nothing of how gradients
are got.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import geotorch.so
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from mtlcore.compiled.signatures import NOT_CONVERGED
from toy_problems.compiled.arrays import ABSURD, LIMIT, Records, empty_records
from toy_problems.compiled.diagnose import diagnose
from toy_problems.config import ToyConfig
from toy_problems.initial import Initial, draw, draw_rows, noise_size, rotated_blocks
from toy_problems.trajectory import Outcome, Trajectory, assemble, record_steps

FLOAT = torch.float64
EPS = torch.finfo(FLOAT).eps
GUESSERS = 32  # hidden units of the discriminator


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


class View(nn.Module):
    """What one task sees of the feature: r = A z + b, the identity without a transform."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.d = d
        self.b: Tensor = torch.zeros(d, dtype=FLOAT)

    def affine(self) -> tuple[Tensor, Tensor]:
        """Returns A [d, d] and b [d], differentiable with respect to the view's parameters."""
        return torch.eye(self.d, dtype=FLOAT), self.b

    def forward(self, z: Tensor) -> Tensor:
        """Returns r [N, d] for z [N, d]; the view itself counts as a constant."""
        A, b = self.affine()
        return z @ A.detach().T + b.detach()


class Rotation(View):
    """r = [R z_{1:m}, z_{m+1:d}], R = R0 expm(L - L^T): geotorch's SO(m) around the base R0."""

    def __init__(self, d: int, R0: np.ndarray) -> None:
        super().__init__(d)
        self.m = len(R0)
        self.R = nn.Parameter(torch.tensor(R0))
        with torch.random.fork_rng():  # geotorch draws a base by itself; the line after replaces it
            parametrize.register_parametrization(self, "R", geotorch.so.SO((self.m, self.m)).double())
        setattr(self, "R", torch.tensor(R0))  # noqa: B010 - the parametrization takes any rotation here

    def affine(self) -> tuple[Tensor, Tensor]:
        """Returns A [d, d], R in its first m rows and columns, and no offset."""
        return torch.block_diag(self.R, torch.eye(self.d - self.m, dtype=FLOAT)), self.b


class Affine(View):
    """r = A z + b with A and b free."""

    def __init__(self, d: int) -> None:
        super().__init__(d)
        self.A = nn.Parameter(torch.eye(d, dtype=FLOAT))
        self.offset = nn.Parameter(torch.zeros(d, dtype=FLOAT))

    def affine(self) -> tuple[Tensor, Tensor]:
        """Returns A [d, d] and b [d]."""
        return self.A, self.offset


class Rigid(View):
    """r = R z + t, both drawn towards closed-form targets (first version of the paper, Algorithm 1)."""

    def __init__(self, d: int, R0: np.ndarray) -> None:
        super().__init__(d)
        self.R = torch.tensor(R0)

    def affine(self) -> tuple[Tensor, Tensor]:
        """Returns R [d, d] and t [d]."""
        return self.R, self.b

    def move(self, share: float, local: Tensor, update: Tensor, z: Tensor, r: Tensor) -> None:
        """Goes `share` of the way to the rotation of `update` onto `local`, and to its offset."""
        best = nearest_rotation(local.T @ update, self.R)
        offset = r.mean(0) - best @ z.mean(0)
        self.b = (1.0 - share) * self.b + share * offset
        self.R = nearest_rotation((1.0 - share) * self.R + share * best, self.R)


def nearest_orthogonal(target: Tensor, sign: float) -> Tensor:
    """Returns the orthogonal matrix of determinant `sign` that maximises tr(R^T target)."""
    U, _, Vh = torch.linalg.svd(target)
    if torch.det(U @ Vh) * sign < 0:
        U = torch.cat([U[:, :-1], -U[:, -1:]], 1)
    return U @ Vh


def nearest_rotation(target: Tensor, current: Tensor) -> Tensor:
    """Returns the maximiser of tr(R^T target) in SO(d); of several, the one nearest to `current`."""
    U, S, Vh = torch.linalg.svd(target)
    rank = int((len(S) * EPS * S[0] < S).sum())
    if rank in (0, len(S)):
        return current if rank == 0 else nearest_orthogonal(target, 1.0)
    sign = float(torch.sign(torch.det(U) * torch.det(Vh)))
    Q = nearest_orthogonal(U[:, rank:].T @ current @ Vh[rank:].T, sign)
    return U[:, :rank] @ Vh[:rank] + U[:, rank:] @ Q @ Vh[rank:]


def alignment_loss(A: Tensor, local: Tensor, seen: Sequence[Tensor], library: bool) -> Tensor:
    """Returns -sum_n <A^T gtil_n, v_n> (eq. 3), v the mean of the unit gradients, all gradients constant.

    library: the squared form of the authors' public package, v scaled to the length of the mean gradient.
    """
    v = torch.stack([G / G.norm() if G.norm() > 0 else G for G in seen]).mean(0)
    if library:
        return ((local @ A - v * torch.stack(list(seen)).mean(0).norm()) ** 2).sum()
    return -((local @ A) * v).sum()


class Discriminator(nn.Module):
    """Guesses the task from the unit feature gradient: two layers, 32 hidden units."""

    def __init__(self, d: int, tasks: int, lr: float, seed: tuple[int, int]) -> None:
        super().__init__()
        rng, sizes = np.random.default_rng(seed), ((GUESSERS, d), (tasks, GUESSERS))
        drawn = [
            rng.uniform(-1.0, 1.0, shape) / inputs**0.5 for n, inputs in sizes for shape in ((n, inputs), n)
        ]
        self.weights = nn.ParameterList([torch.tensor(array) for array in drawn])
        self.optimiser = torch.optim.Adam(self.parameters(), lr=lr)

    def cross_entropy(self, G: Tensor) -> Tensor:
        """Returns the mean cross-entropy of the guesses for gradients [K, N, d], each point's made a unit vector."""
        W1, b1, W2, b2 = self.weights
        length = G.norm(dim=-1, keepdim=True)
        guesses = torch.relu(G / torch.where(length > 0, length, 1.0) @ W1.T + b1) @ W2.T + b2
        truth = torch.arange(len(G)).repeat_interleave(G.shape[1])
        return nn.functional.cross_entropy(guesses.flatten(0, 1), truth)


class Reference:
    """One path of the reference engine."""

    def __init__(self, config: ToyConfig, initial: Initial) -> None:
        self.config, self.problem, self.method = config, config.problem_spec, config.resolved
        self.rule, self.params = self.method.spec.rule_spec, self.method.transform_params
        self.transform, self.tasks = self.method.transform, range(config.tasks)
        self.backbone = Backbone(initial, not self.problem.backbone)
        self.views = [self._view(initial, k) for k in self.tasks]
        kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
        self.optimiser = kinds[config.optimizer](self.backbone.parameters(), lr=config.lr)
        turned, name = [p for view in self.views for p in view.parameters()], self.params.get("rot_optimizer")
        self.turner = kinds[str(name)](turned, lr=self.params["lr_rot"]) if turned else None
        self.discriminator = None
        if self.transform == "adversarial":
            seed = (config.seed, 0)
            self.discriminator = Discriminator(config.d, len(self.tasks), self.params["lr_disc"], seed)
        self.hp = self.rule.encode(self.method.rule_params, config.heeded)
        self.state = np.zeros(self.rule.state_size(len(self.tasks)))
        self.minima = self.problem.minima(config.d, config.scales)
        self.noise, self.noise_size = initial.noise(), noise_size(config, initial)
        self.gradient_noise, self.first_norms = initial.gradient_noise(), np.zeros(len(self.tasks))
        self.level = (
            self.method.level if self.rule.needs_gradients else "features"
        )  # a rule of the losses alone has no level
        self.where = self._where()

    def _view(self, initial: Initial, task: int) -> View:
        """Returns the task's view at its start."""
        d, R0 = self.config.d, initial.R[task]
        if self.transform == "affine":
            return Affine(d)
        if sum(rotated_blocks(self.config)) < 2:
            return View(d)
        return Rigid(d, R0) if self.transform == "rigid" else Rotation(d, R0)

    def _where(self) -> list[Tensor]:
        """Returns the parameters whose gradients the rule looks at; none where it looks at the features."""
        if self.level == "features" or not self.problem.backbone:
            return []
        return list(self.backbone.weights)[-2 if self.level == "last_shared" else 0 :]

    def evaluate(self) -> bool:
        """Computes features, losses and gradients (lines 1-5); returns whether all of them are sane numbers."""
        self.z = self.backbone()  # line 1
        self.L, self.r, self.local, self.G, self.rows = [], [], [], [], []
        for k, view in enumerate(self.views):
            r = view(self.z)
            L = self.problem.formula(torch, r, k, self.config.scales)  # line 3
            wanted, twice = [r, self.z, *self.where], self.discriminator is not None
            local, G, *rest = torch.autograd.grad(
                L, wanted, retain_graph=True, create_graph=twice
            )  # lines 4, 5
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
        for k, view in enumerate(self.views):
            scale = self.config.noise * self.first_norms[k] / self.z.numel() ** 0.5
            added = scale * torch.tensor(draws[k])
            at_z = added @ view.affine()[0].detach()
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
        if self.discriminator is not None:
            self._guess(self.discriminator)
        self.G = [G.detach() for G in self.G]
        rows = torch.stack(self.rows).numpy()
        self.gram = rows @ rows.T
        if self.rule.kind == "elementwise":
            status = self._choose(noise)
        else:
            status = self.rule.kernel(self.gram, self.excess, self.hp, noise, self.state, self.weights)
            self.ruled = sum(w * G for w, G in zip(self.weights, self.G, strict=True))
        self.update = self.ruled if self.discriminator is None else self.ruled + self.hiding
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

    def _guess(self, discriminator: Discriminator) -> None:
        """Differentiates the discriminator's cross-entropy: for itself, and, to be hidden from, at the feature."""
        loss = discriminator.cross_entropy(torch.stack(self.G))
        *own, at_z = torch.autograd.grad(
            loss, [*discriminator.weights, self.z], retain_graph=True, allow_unused=True
        )
        for weight, gradient in zip(discriminator.weights, own, strict=True):
            weight.grad = gradient
        self.hiding = -self.params["lam"] * (torch.zeros_like(self.z) if at_z is None else at_z)

    def step(self, t: int) -> None:
        """Moves backbone and views once, both from gradients taken with the old ones (lines 11-17)."""
        self.optimiser.zero_grad()
        self.z.backward(self.ruled, retain_graph=True)  # line 11: the backbone follows sum_k w_k G_k
        if self.rule.kind == "elementwise" and self.where:
            pieces = torch.tensor(self.chosen).split([weight.numel() for weight in self.where])
            for weight, piece in zip(self.where, pieces, strict=True):
                weight.grad = piece.reshape(weight.shape)
        if self.discriminator is not None:
            self.z.backward(self.hiding)
            self.discriminator.optimiser.step()
        if self.turner is not None:
            self._turn(self.turner, t)  # lines 12-15
        for k, view in enumerate(self.views):
            if isinstance(view, Rigid):
                share = self.params["a"] * self.params["a_decay"] ** t
                view.move(share, self.local[k], self.update, self.z.detach(), self.r[k])
        self.optimiser.step()

    def _turn(self, turner: torch.optim.Optimizer, t: int) -> None:
        """Takes one step of the transforms' own optimiser."""
        turner.zero_grad()
        torch.stack([self._transform_loss(k) for k in self.tasks]).sum().backward()
        for group in turner.param_groups:
            group["lr"] = self.params["lr_rot"] * self.params["rot_decay"] ** t
        turner.step()

    def _transform_loss(self, k: int) -> Tensor:
        """Returns what task k's transform minimises, every gradient and the feature being constant."""
        (A, b), z = self.views[k].affine(), self.z.detach()
        if self.transform == "rotation":
            return alignment_loss(A, self.local[k], self.G, self.params["alignment"] == "library")
        if self.transform == "rigid_sgd":  # first version of the paper, eq. 8
            turned = ((self.update @ A.T - self.local[k]) ** 2).sum(-1).mean()
            return turned + ((z @ A.T + b - self.r[k]) ** 2).sum(-1).mean()
        r = z @ A.T + b
        loss = self.problem.formula(torch, r, k, self.config.scales)
        return (
            loss + (self.local[k] - self.exact_local[k]).mul(r).sum()
        )  # the gradient at r that the noise adds

    def record(self, records: Records, at: int, status: int) -> None:
        """Writes everything at the current position to record `at`."""
        records.z[at] = self.z.detach().numpy()
        records.losses[at], records.excess[at], records.weights[at] = self.losses, self.excess, self.weights
        records.gradients[at] = torch.stack(self.G).numpy()
        records.exact[at] = torch.stack(self.exact).numpy()
        records.gram[at], records.update[at] = self.gram, self.update.numpy()
        for k, view in enumerate(self.views):
            A, b = view.affine()
            records.matrices[at, k], records.offsets[at, k] = A.detach().numpy(), b.detach().numpy()
        records.rule_status[at] = status
        diagnose(records.exact[at], records.diagnostics[at])


def run_path(config: ToyConfig, initial: Initial) -> tuple[Records, np.ndarray]:
    """Returns one path's records, and how it ended: outcome, steps taken, records written."""
    path = Reference(config, initial)
    kept = record_steps(config.steps, config.record_every)
    batch, dim = path.backbone().shape
    records = empty_records(kept.size, len(path.tasks), batch, dim, config.noise > 0.0)
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
    paths = [run_path(config, initial) for initial in draw(config, config.problem_spec, given)]
    steps = record_steps(config.steps, config.record_every)
    return assemble(config, steps, [records for records, _ in paths], [ending for _, ending in paths])
