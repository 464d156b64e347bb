"""How far a run's rotations have turned, from what it wrote. Loads no torch."""

from collections.abc import Mapping
from typing import Any

from experiments.cifar10 import CLASSES
from mtlcore.turning import stillness


def turned(config: Mapping[str, Any], last: Mapping[str, float]) -> tuple[float, ...]:
    """Returns each task's rotation since the run began, in rad; nothing for a run that does not rotate.

    config: the run's. last: the last value of each of its metrics. A run of version 0.1 wrote the mean over the
    planes of rotation, from the identity: no plane has turned by more than sqrt(m / 2) times that.
    """
    found = tuple(last[f"turned/{name}"] for name in CLASSES if f"turned/{name}" in last)
    if found or config["params"].get("rot_init", "identity") != "identity":
        return found
    m = config["params"].get("m", -1)
    planes = (8 * config["width"] if m < 0 else m) / 2
    return tuple(last[f"angle/{name}"] * planes**0.5 for name in CLASSES if f"angle/{name}" in last)


def in_effect(config: Mapping[str, Any], last: Mapping[str, float]) -> str:
    """Returns in words that a run's rotations did nothing, "" where they turned and where it has none."""
    return stillness(config["method"], turned(config, last))
