"""How a path of a toy run can end."""

from enum import IntEnum


class Outcome(IntEnum):
    """How a path ended; the integers are what the kernels write."""

    OK = 0
    DIVERGED = 1
    SOLVER_FAILED = 2
