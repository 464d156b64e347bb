"""What a construction is: a kernel that draws and counts its steps, and the words that its numbers are put into.

A construction stands beside the SPEC of its rule, by the same key. Its kernel takes gradients in the plane and goes the
rule's way by itself: it does not look at the rule's answer, and its last step ends there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numba import types

from mtlcore.compiled.pointers import reader
from mtlcore.compiled.signatures import Floats, Matrix

# gradients [K, 2], p [K] that sum to 1, hp as `RuleSpec.encode` writes it, noise as the rule draws it; marks and told
# are written (see `_drawing.py`) -> the number of steps, 0 where there is nothing to construct.
CONSTRUCTION = types.int64(Matrix, Floats, Floats, Floats, Matrix, Matrix)
construction_at = reader(types.FunctionType(CONSTRUCTION))
MARKS, STEPS, WIDTH = 160, 20, 24  # rows of marks, rows of told, and how long both are


@dataclass(frozen=True)
class Step:
    """The words of one kind of step; in braces stand places for what the kernel wrote of it.

    {0} is the number written first, {0v} the vector of the numbers 0 and 1, {0i} a whole
    number, {0t} a task's number, {0g} the sign of its gradient, {0w} K numbers.
    """

    title: str
    text: str


@dataclass(frozen=True)
class Construction:
    """A rule's construction: the kernel, and the kinds of steps that it tells of, by their number."""

    kernel: Any = field(repr=False, compare=False)
    steps: Mapping[int, Step]
