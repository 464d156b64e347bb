"""How long a run will take, before it is launched, and why it cannot work where it cannot. Loads no torch."""

import functools
import os
import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments import paths, store
from experiments.cifar10 import cost, data
from experiments.cifar10.config import LabConfig
from experiments.launch import devices

RAY = "ray"
GPU_RATE = 55e12  # operations a second that an H100-class GPU reaches on this network in bfloat16
GPU_STEP = 0.006  # seconds a step takes there at least: launching kernels
_CONVOLUTION = 0.9  # a convolution's rate as a share of a large matrix product's, full width
_CPU_STEP = 0.05  # seconds a step takes on a CPU beside its arithmetic
_BASE = 0.6e9  # bytes that Python, torch and its kernels take


@dataclass(frozen=True)
class Estimate:
    """What to expect. Seconds; bytes. source: where the figure comes from; notes: what else to know, a
    sentence each.
    """

    device: str
    device_title: str
    epoch_seconds: float
    gpu_epoch_seconds: float
    seconds: float
    memory: float
    disk: float
    source: str
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Returns it in words, as "about 4 min per epoch on this CPU, 3 s on an H100-class GPU"."""
        here = "this CPU" if self.device == "cpu" else self.device_title
        text = f"{roughly(self.epoch_seconds)} per epoch on {here}"
        return text + (
            f", {duration(self.gpu_epoch_seconds)} on an H100-class GPU" if self.device == "cpu" else ""
        )


def estimate(config: LabConfig) -> Estimate:
    """Returns what a run will take: as measured in earlier runs of the kind, else from its arithmetic.

    Raises ValueError for a device this machine has not.
    """
    name = RAY if paths.ray_address() else devices.decide(config.device, {})
    title = next(
        (d.title for d in devices.devices() if d.name == name),
        "the Ray cluster" if name == RAY else "this CPU",
    )
    gpu = cost.epoch_operations(config) / GPU_RATE + config.steps_per_epoch * GPU_STEP
    measured = _measured(config, title)
    if measured:
        seconds, source = config.train_images / measured, "measured in earlier runs on this device"
    elif name == "cpu":
        seconds = (
            cost.epoch_operations(config) / (_CONVOLUTION * cpu_rate()) + config.steps_per_epoch * _CPU_STEP
        )
        source = "guessed from this CPU's matrix multiplication"
    else:
        seconds, source = gpu, "those of an H100-class GPU; the first run here will measure it"
    notes = []
    if config.data == "cifar10" and data.find() is None:
        notes.append("The official archive (170 MB) will be fetched first, once.")
    return Estimate(
        name,
        title,
        seconds,
        gpu,
        config.epochs * seconds,
        cost.memory(config),
        2 * cost.checkpoint_size(config),
        source,
        tuple(notes),
    )


def refusal(config: LabConfig) -> str:
    """Returns why a configuration cannot run here, "" where it can: the device, its memory, the disk."""
    if not paths.ray_address():  # a cluster knows its own machines
        try:
            name = devices.decide(config.device, {})
        except ValueError as error:
            return str(error)
        need, have = cost.memory(config) + (0 if name.startswith("cuda") else _BASE), _memory_of(name)
        if have and need > 0.95 * have:
            there = f"{need / 1e9:.1f} GB of memory and {name} has {have / 1e9:.1f} GB"
            return f"it needs about {there}: take a smaller batch or width."
    try:
        folder = paths.made(paths.data_folder())
    except OSError as error:
        return str(error)
    need, free = 2 * cost.checkpoint_size(config), shutil.disk_usage(folder).free
    if need > free:
        there = f"{need / 1e6:.0f} MB and the data folder's disk has {free / 1e6:.0f} MB left"
        return f"its checkpoints need about {there}."
    return ""


@functools.cache
def cpu_rate() -> float:
    """Returns the operations a second of a large float32 matrix product here, the best of a few; a tenth of a
    second once.
    """
    size = 768
    a = np.random.default_rng(0).random((size, size), dtype=np.float32)
    best = float("inf")
    for _ in range(6):
        started = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - started)
    return 2.0 * size**3 / best


def roughly(seconds: float) -> str:
    """Returns a time that is a guess: about 3 s, less than 1 s."""
    return duration(seconds) if seconds < 1 else f"about {duration(seconds)}"


def duration(seconds: float) -> str:
    """Returns a time as people say it: 3 s, 4 min, 2.5 h."""
    if seconds < 1:
        return "less than 1 s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _measured(config: LabConfig, device_title: str) -> float | None:
    """Returns the images per second of earlier runs of the same method, width and batch on this device."""
    alike = [
        run.id
        for run in store.runs()
        if run.tags.get("lab.device") == device_title
        and store.CONFIG_TAG in run.tags
        and _alike(run.config, config)
    ]
    found = [
        last["images_per_second"]
        for last in store.latest(alike).values()
        if last.get("images_per_second", 0) > 0
    ]
    return statistics.median(found) if found else None


def _alike(earlier: dict[str, Any], config: LabConfig) -> bool:
    same = all(earlier.get(name) == getattr(config, name) for name in ("method", "width", "batch"))
    return same and earlier["params"].get("m") == config.params.get("m")


def _memory_of(device: str) -> int:
    """Returns the memory there is in all, in bytes; 0 where it is not known."""
    own = next((d.memory for d in devices.devices() if d.name == device), 0)
    if own:
        return own
    limit = Path("/sys/fs/cgroup/memory.max")  # a container's
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    if limit.is_file() and (text := limit.read_text().strip()).isdecimal():
        found.append(int(text))
    return min(found)
