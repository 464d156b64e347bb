"""The 2-D problems in which balancing methods are watched, and the two engines that compute them."""

from pathlib import Path

from mtlcore.compiled.cache import keep_kernels

keep_kernels(Path(__file__).parent)

from toy_problems.config import ToyConfig  # noqa: E402
from toy_problems.engine import run  # noqa: E402
from toy_problems.initial import DRAWS  # noqa: E402
from toy_problems.problem import SOLVED, Problem, thresholds  # noqa: E402
from toy_problems.problems import PROBLEMS  # noqa: E402
from toy_problems.readings import condition_cap  # noqa: E402
from toy_problems.sweep import SweepResult, sweep  # noqa: E402
from toy_problems.trajectory import (  # noqa: E402
    DIAGNOSTICS,
    RULE_DIAGNOSTICS,
    Outcome,
    PathStatus,
    Trajectory,
    pairs_solved,
)

__all__ = [
    "DIAGNOSTICS", "DRAWS", "PROBLEMS", "RULE_DIAGNOSTICS", "SOLVED", "Outcome", "PathStatus", "Problem", "SweepResult",
    "ToyConfig", "Trajectory", "condition_cap", "pairs_solved", "run", "sweep", "thresholds",
]  # fmt: skip
