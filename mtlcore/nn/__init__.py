"""The torch side: gradient balancing for any backbone and any heads."""

from mtlcore.nn.multi_task import MultiTask
from mtlcore.nn.report import BackwardReport
from mtlcore.nn.rotation import ExpmRotation, Rotation

__all__ = ["ExpmRotation", "BackwardReport", "MultiTask", "Rotation"]
