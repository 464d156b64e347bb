"""How much memory this process uses, in MB."""

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def _field(name: str) -> float:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(f"{_STATUS} has no line {name}.")


def resident() -> float:
    """Returns the memory in use now; the most there was so far where the system does not tell."""
    return _field("VmRSS") if _STATUS.exists() else peak()


def peak() -> float:
    """Returns the most memory that was in use at once."""
    if _STATUS.exists():
        return _field("VmHWM")
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6
