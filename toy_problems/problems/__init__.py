"""The ordered registry of toy problems."""

from collections.abc import Mapping
from types import MappingProxyType

from toy_problems.problem import Problem
from toy_problems.problems.avocado import AVOCADO
from toy_problems.problems.landscape import LANDSCAPE
from toy_problems.problems.nonconvex import NONCONVEX
from toy_problems.problems.opposite import OPPOSITE
from toy_problems.problems.three import THREE

PROBLEMS: Mapping[str, Problem] = MappingProxyType(
    {p.key: p for p in (AVOCADO, NONCONVEX, LANDSCAPE, OPPOSITE, THREE)}
)
