"""Images on the device: uint8 in, normalised floats out, shifted and mirrored by draws from a generator."""

import torch
from torch import Tensor
from torch.nn.functional import pad

SHIFT = 4  # pixels, as usual for CIFAR-10


def statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the mean and the standard deviation of each channel, float32 [3], of uint8 images [N, 3, 32,
    32].
    """
    histograms = torch.stack([torch.bincount(images[:, c].flatten().int(), minlength=256) for c in range(3)])
    share = histograms.double().cpu() / histograms[0].sum().cpu()
    values = torch.arange(256, dtype=torch.float64)
    mean = share @ values
    spread = (share @ values**2 - mean**2).clamp_min(1.0).sqrt()
    return mean.float().to(images.device), spread.float().to(images.device)


def normalised(images: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
    """Returns float32 images in channels-last layout, each channel of mean 0 and deviation 1 over the
    training set.
    """
    floats = (images.float() - mean[:, None, None]) / spread[:, None, None]
    return floats.contiguous(memory_format=torch.channels_last)


def augmented(images: Tensor, generator: torch.Generator) -> Tensor:
    """Returns each uint8 image [N, 3, 32, 32] shifted by up to 4 pixels, black beyond the edge, half of them
    mirrored.

    The draws come from a CPU generator, so one seed gives the same pictures on every device.
    """
    size, _, height, width = images.shape
    draws = torch.randint(0, 2 * SHIFT + 1, (2, size), generator=generator).to(images.device)
    mirror = torch.randint(0, 2, (size,), generator=generator).bool().to(images.device)
    rows = draws[0][:, None] + torch.arange(height, device=images.device)
    columns = torch.arange(width, device=images.device).expand(size, width)
    columns = draws[1][:, None] + torch.where(mirror[:, None], columns.flip(1), columns)
    which = torch.arange(size, device=images.device)[:, None, None]
    padded = pad(images, (SHIFT,) * 4).permute(0, 2, 3, 1)
    return padded[which, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
