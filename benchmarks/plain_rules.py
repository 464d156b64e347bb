"""Balancing rules that torchjd does not have, as anybody would write them in torch: what the toys are timed beside."""

from collections.abc import Callable

import torch
from torch import Tensor

Rule = Callable[[Tensor, Tensor], Tensor]  # losses [K], gradients [K, D] -> update [D]


def single_task() -> Rule:
    """Returns the gradient of the first task."""
    return lambda losses, gradients: gradients[0]


def dwa(temperature: float = 2.0) -> Rule:
    """Returns Dynamic Weight Average (Liu et al. 2019), every step taken as an epoch."""
    seen: list[Tensor] = []

    def rule(losses: Tensor, gradients: Tensor) -> Tensor:
        ratio = seen[-1] / seen[-2] if len(seen) > 1 else torch.ones_like(losses)
        seen[:] = [*seen[-1:], losses]
        return (len(losses) * torch.softmax(ratio / temperature, 0)) @ gradients

    return rule


def uncertainty(tasks: int = 2, lr: float = 1e-3) -> Rule:
    """Returns uncertainty weighting (Kendall et al. 2018) with its log-variances learnt by SGD."""
    s = torch.zeros(tasks, dtype=torch.float64)

    def rule(losses: Tensor, gradients: Tensor) -> Tensor:
        weights = torch.exp(-s)
        s.sub_(lr * (1.0 - weights * losses))
        return weights @ gradients

    return rule


def gradnorm(tasks: int = 2, alpha: float = 1.5, lr: float = 1e-3) -> Rule:
    """Returns GradNorm (Chen et al. 2018)."""
    weights = torch.ones(tasks, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=lr)
    first: list[Tensor] = []

    def rule(losses: Tensor, gradients: Tensor) -> Tensor:
        first[:] = first or [losses]
        norms = weights * gradients.norm(dim=1)
        rate = losses / first[0]
        target = (norms.mean() * (rate / rate.mean()).abs() ** alpha).detach()
        optimizer.zero_grad()
        (norms - target).abs().sum().backward()
        optimizer.step()
        with torch.no_grad():
            weights.mul_(len(losses) / weights.sum())
        return weights.detach() @ gradients

    return rule


def rotograd_scale() -> Rule:
    """Returns RotoGrad's rescaling alone (Javaloy & Valera 2021, eq. 3 and 4)."""
    first: list[Tensor] = []

    def rule(losses: Tensor, gradients: Tensor) -> Tensor:
        norms = gradients.norm(dim=1)
        first[:] = first or [norms]
        ratio = norms / first[0]
        size = (ratio / ratio.sum()) @ norms
        return (size * gradients / norms[:, None]).sum(0)

    return rule


def imtl(lr: float = 1e-3) -> Rule:
    """Returns IMTL (Liu et al. 2021): equal projections of the gradients of learnt loss scales."""
    scales = torch.zeros(2, dtype=torch.float64)

    def rule(losses: Tensor, gradients: Tensor) -> Tensor:
        scaled = torch.exp(scales)[:, None] * gradients
        units = scaled / scaled.norm(dim=1, keepdim=True)
        between, of = scaled[0] - scaled[1:], units[0] - units[1:]
        rest = torch.linalg.solve(between @ of.T, scaled[0] @ of.T)
        scales.sub_(lr * (torch.exp(scales) * losses - 1.0))
        return torch.cat([1.0 - rest.sum().reshape(1), rest]) @ scaled

    return rule


def famo(tasks: int = 2, lr: float = 0.025, decay: float = 0.001) -> Rule:
    """Returns FAMO (Liu et al. 2023)."""
    logits = torch.zeros(tasks, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=lr, weight_decay=decay)
    before: list[Tensor] = []

    def rule(losses: Tensor, gradients: Tensor) -> Tensor:
        logs = torch.log(losses - losses.min() + 1.0)
        if before:
            chances = torch.softmax(logits, 0)
            optimizer.zero_grad()
            (direction,) = torch.autograd.grad(chances, logits, before[0] - logs)
            logits.grad = direction
            optimizer.step()
        before[:] = [logs]
        weights = torch.softmax(logits.detach(), 0)
        return weights @ gradients

    return rule


def stch(mu: float = 0.1) -> Rule:
    """Returns smooth Tchebycheff scalarisation (Lin et al. 2024)."""
    return lambda losses, gradients: torch.softmax(losses / mu, 0) @ gradients


PLAIN: dict[str, Callable[[], Rule]] = {
    "single_task": single_task, "dwa": dwa, "uncertainty": uncertainty, "gradnorm": gradnorm,
    "rotograd_scale": rotograd_scale, "imtl": imtl, "famo": famo, "stch": stch,
}  # fmt: skip
