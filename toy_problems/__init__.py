"""The 2-D worlds in which balancing methods are watched, and the two engines that compute them."""

from pathlib import Path

import mtlcore
from mtlcore._kernel_cache import use_cache_for

_CORE = Path(mtlcore.__file__).parent
use_cache_for(_CORE, Path(__file__).parent)

from toy_problems.config import ToyConfig  # noqa: E402

from toy_problems.engine import run  # noqa: E402
from toy_problems.problem import Problem  # noqa: E402
from toy_problems.problems import PROBLEMS  # noqa: E402
from toy_problems.trajectory import DIAGNOSTICS, Outcome, PathStatus, Trajectory  # noqa: E402

use_cache_for(_CORE)  # what mtlcore loads later goes where it goes without this package

__all__ = ["DIAGNOSTICS", "PROBLEMS", "Outcome", "PathStatus", "Problem", "ToyConfig", "Trajectory", "run"]
