"""The 2-D worlds in which balancing methods are watched, and the two engines that compute them."""

from pathlib import Path

from mtlcore._kernel_cache import keep_kernels

keep_kernels(Path(__file__).parent)

from toy_problems.config import ToyConfig  # noqa: E402
from toy_problems.engine import run  # noqa: E402
from toy_problems.problem import Problem  # noqa: E402
from toy_problems.problems import PROBLEMS  # noqa: E402
from toy_problems.sweep import SweepResult, sweep  # noqa: E402
from toy_problems.trajectory import DIAGNOSTICS, Outcome, PathStatus, Trajectory  # noqa: E402

__all__ = [
    "DIAGNOSTICS", "PROBLEMS", "Outcome", "PathStatus", "Problem", "SweepResult", "ToyConfig", "Trajectory", "run", "sweep",
]  # fmt: skip
