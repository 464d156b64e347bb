"""Where a run computes: device, precision, and which part of each batch where several processes train
together.
"""

import resource
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from experiments.launch.devices import cores, processor

_NARROW = 24  # channels below which a second thread costs more than it brings


@dataclass(frozen=True)
class Place:
    """One process's place. title: for people. rank, world: which of how many processes."""

    device: torch.device
    title: str
    precision: str
    rank: int = 0
    world: int = 1

    def autocast(self) -> AbstractContextManager[object]:
        """Returns the context the network runs in."""
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def share(self, size: int) -> slice:
        """Returns which images of a batch are this process's."""
        return slice(self.rank * size // self.world, (self.rank + 1) * size // self.world)

    def targets(self, classes: np.ndarray, tasks: tuple[int, ...]) -> Tensor:
        """Returns 1 where an image is of the task's class, else 0: float32 [N, K] on the device."""
        wanted = torch.tensor(tasks, dtype=torch.int16)
        return (torch.from_numpy(classes).short()[:, None] == wanted).float().to(self.device)

    def peak_memory(self) -> int:
        """Returns the most bytes that were in use: of the GPU, or of the whole process on the CPU."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def find_place(device: str, precision: str, width: int) -> Place:
    """Returns the place for a device by torch's name. Raises ValueError for one that torch has not here.

    Sets torch up for it: deterministic algorithms and threads that suit the network's width on the CPU, the
    fastest convolutions for a fixed shape on CUDA.
    """
    found = torch.device(device)
    if (
        found.type == "cuda"
        and not torch.cuda.is_available()
        or found.type == "mps"
        and not torch.backends.mps.is_available()
    ):
        raise ValueError(f"This torch ({torch.__version__}) cannot use {device} on this machine.")
    if precision == "auto":
        precision = "bfloat16" if found.type == "cuda" else "float32"
    if found.type == "cuda":
        torch.cuda.set_device(found)
        torch.backends.cudnn.benchmark = True
        title = torch.cuda.get_device_name(found)
    else:
        if found.type == "cpu":
            torch.set_deterministic_debug_mode("error")  # its namesake loads the whole compiler, two seconds
            torch.set_num_threads(1 if width < _NARROW else cores())
        title = "Apple GPU" if found.type == "mps" else f"{processor()}, {cores()} cores"
    rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    return Place(found, title, precision, rank, world)
