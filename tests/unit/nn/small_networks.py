"""Small networks and losses that the tests of mtlcore.nn share."""

import torch
from torch import nn

import mtlcore
from mtlcore.nn import MultiTask

TASKS = 3


def backbone(d: int = 4) -> nn.Module:
    return nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, d))


def image_backbone(d: int = 4) -> nn.Module:
    return nn.Sequential(nn.Conv2d(2, 6, 3, padding=1), nn.Tanh(), nn.Conv2d(6, d, 3, padding=1))


class Pooled(nn.Module):
    """A head on [N, d, H, W] features."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(d, 3, 1)
        self.out = nn.Linear(3, 1)

    def forward(self, r: torch.Tensor) -> torch.Tensor:
        return self.out(torch.tanh(self.conv(r)).mean((2, 3)))


def model(
    method: object = "uniform", d: int = 4, seed: int = 0, images: bool = False, **options: object
) -> MultiTask:
    """Returns a float64 model with TASKS heads, the same for the same seed."""
    torch.manual_seed(seed)
    body = image_backbone(d) if images else backbone(d)
    heads = [
        Pooled(d) if images else nn.Sequential(nn.Linear(d, 3), nn.Tanh(), nn.Linear(3, 1))
        for _ in range(TASKS)
    ]
    if isinstance(method, str):
        method = mtlcore.method(method)
    return MultiTask(body.double(), [head.double() for head in heads], method, **options)


def batch(seed: int = 1, n: int = 7, images: bool = False) -> tuple[torch.Tensor, list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    shape = (n, 2, 3, 4) if images else (n, 5)
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    return x, [torch.randn(n, 1, generator=generator, dtype=torch.float64) * (k + 1) for k in range(TASKS)]


def losses_of(predictions: list[torch.Tensor], targets: list[torch.Tensor]) -> list[torch.Tensor]:
    return [(p - y).square().mean() for p, y in zip(predictions, targets, strict=True)]


def step(net: MultiTask, seed: int = 1, images: bool = False, **options: object) -> list[torch.Tensor]:
    """One forward and backward; returns the losses."""
    x, targets = batch(seed, images=images)
    losses = losses_of(net(x), targets)
    net.backward(losses, **options)
    return losses


def grads(net: nn.Module) -> dict[str, torch.Tensor | None]:
    return {name: None if p.grad is None else p.grad.clone() for name, p in net.named_parameters()}


def assert_same(
    left: dict, right: dict, exact: bool = False, rtol: float = 1e-10, atol: float = 1e-13
) -> None:
    """Compares two dictionaries of tensors; `exact` is for what was copied, saved or loaded."""
    assert left.keys() == right.keys()
    for name in left:
        assert (left[name] is None) == (right[name] is None), name
        if left[name] is not None:
            tolerance = {"rtol": 0, "atol": 0} if exact else {"rtol": rtol, "atol": atol}
            torch.testing.assert_close(
                left[name], right[name], **tolerance, msg=lambda m, name=name: f"{name}: {m}"
            )


def task_gradients(
    net: MultiTask, seed: int = 1, images: bool = False
) -> tuple[list[list], torch.Tensor, list[list]]:
    """Returns, by plain autograd, each task's gradients at the backbone, at z and at its head."""
    x, targets = batch(seed, images=images)
    z = net.backbone(x)
    views = net.transform.views(z)
    at_backbone, at_z, at_heads = [], [], []
    for k, (view, target) in enumerate(zip(views, targets, strict=True)):
        loss = (net.heads[k](view) - target).square().mean()
        shared, head = list(net.backbone.parameters()), list(net.heads[k].parameters())
        found = torch.autograd.grad(loss, [z, *shared, *head], retain_graph=True)
        at_z.append(found[0])
        at_backbone.append(list(found[1 : 1 + len(shared)]))
        at_heads.append(list(found[1 + len(shared) :]))
    return at_backbone, torch.stack(at_z), at_heads
