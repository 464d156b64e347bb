"""ResNet-18 for 32 x 32 images: 11.2 million parameters, d = 512 features, no pre-training."""

import torch
from torch import Tensor, nn


def _conv(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """relu(x + norm(conv(relu(norm(conv(x)))))), the sum with a projection where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = _conv(inputs, outputs, stride)
        self.second = _conv(outputs, outputs, 1)
        same = stride == 1 and inputs == outputs
        self.skip: nn.Module = (
            nn.Identity()
            if same
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Returns the block's output [N, outputs, H / stride, W / stride]."""
        return torch.relu(self.skip(x) + self.second(torch.relu(self.first(x))))


def resnet18(width: int = 64) -> nn.Sequential:
    """Returns a backbone from [N, 3, 32, 32] to [N, 8 width]; width 64 is the usual one."""
    layers: list[nn.Module] = [_conv(3, width, 1), nn.ReLU()]
    inputs = width
    for stage in range(4):
        outputs = width << stage
        layers += [Block(inputs, outputs, 1 if stage == 0 else 2), Block(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
