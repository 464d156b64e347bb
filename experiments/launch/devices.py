"""What this machine can train on, found out without loading torch into the asking process."""

import functools
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from experiments import paths

_HINTS = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/kfd", "/dev/dxg")  # NVIDIA, ROCm, CUDA under Windows' Linux
_ASK = """
import json, torch
found = [(f"cuda:{i}", torch.cuda.get_device_name(i), torch.cuda.get_device_properties(i).total_memory)
         for i in range(torch.cuda.device_count())]
if not found and torch.backends.mps.is_available():
    found = [("mps", "Apple GPU", 0)]
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Device:
    """A device by torch's name, its title for people, and its memory in bytes (0 where it shares the
    machine's).
    """

    name: str
    title: str
    memory: int


@functools.cache
def devices() -> tuple[Device, ...]:
    """Returns the accelerators, or the CPU where there is none; found once per process."""
    if sys.platform != "linux" or any(os.path.exists(path) for path in _HINTS):
        asked = subprocess.run(
            [sys.executable, "-c", _ASK], capture_output=True, text=True, cwd=paths.ROOT, check=True
        )
        found = json.loads(asked.stdout.splitlines()[-1])
        if found:
            return tuple(Device(*one) for one in found)
    return (Device("cpu", f"{processor()}, {cores()} cores", 0),)


def cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """Returns the processor's name, as far as the system tells."""
    import platform

    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def decide(wanted: str, load: dict[str, int]) -> str:
    """Returns the device a run queues for: the one asked for, or for auto the one with the fewest runs
    (`load`).

    Raises ValueError for a device this machine has not.
    """
    names = [device.name for device in devices()]
    if wanted == "auto":
        return min(names, key=lambda name: load.get(name, 0))
    wanted = "cuda:0" if wanted == "cuda" else wanted
    if wanted not in (*names, "cpu"):
        raise ValueError(
            f"device takes one of {', '.join(dict.fromkeys((*names, 'cpu')))} here, got {wanted!r}."
        )
    return wanted
