"""ResNet-18 for 32 x 32 images (He et al. 2016, stem as for CIFAR) and the ten linear heads."""

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, relu


class Block(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outside)
        self.shortcut = nn.Sequential()
        if stride != 1 or inside != outside:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Returns [N, outside, H / stride, W / stride]."""
        inner = self.norm2(self.conv2(relu(self.norm1(self.conv1(x)))))
        return relu(inner + self.shortcut(x))


class ResNet18(nn.Module):
    """Maps images [N, 3, 32, 32] to features z [N, 8 width]; width 64 is ResNet-18 without its classifier."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        channels = [width, width, 2 * width, 4 * width, 8 * width]
        self.stages = nn.Sequential(
            *(
                nn.Sequential(Block(a, b, stride), Block(b, b, 1))
                for a, b, stride in zip(channels, channels[1:], (1, 2, 2, 2), strict=False)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Returns the shared features z [N, 8 width]."""
        return adaptive_avg_pool2d(self.stages(self.stem(x)), 1).flatten(1)


class Head(nn.Linear):
    """A linear layer whose output is one logit for each image, [N]; the sigmoid is in the loss."""

    def __init__(self, features: int) -> None:
        super().__init__(features, 1)

    def forward(self, r: Tensor) -> Tensor:
        """Returns logits [N] of task features r_k [N, d]."""
        return super().forward(r).squeeze(-1)


def build(width: int, tasks: int, seed: int) -> tuple[ResNet18, list[Head]]:
    """Returns a backbone and the heads, drawn from the seed alone whatever was drawn before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        backbone = ResNet18(width)
        return backbone, [Head(8 * width) for _ in range(tasks)]
