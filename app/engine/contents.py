"""What is in the file: the kernels that a page calls, and those that they find by their addresses.

Named as the registries name them, so that a rule, a transform or a problem that is added is in the next build.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from mtlcore.registry import CONSTRUCTIONS, MODIFIERS, RULES, TRANSFORMS
from toy_problems.compiled.given import even_scales, normalise
from toy_problems.compiled.once import balance_once, construct_once
from toy_problems.compiled.run import run_records
from toy_problems.compiled.stage.columns import cloud_frames, columns
from toy_problems.compiled.stage.extent import compose
from toy_problems.compiled.stage.landmarks import level_curves, losses_of, lowest_point
from toy_problems.compiled.stage.run import frame_count, run_path
from toy_problems.problems import PROBLEMS

OF_A_PROBLEM: Mapping[str, str] = MappingProxyType({  # the name here of each part -> what a Problem calls it
    "loss": "kernel", "constants": "constants", "solved": "solved", "pair_excess": "pair_excess",
    "weighted_optimum": "weighted_optimum",
})  # fmt: skip
OF_A_TRANSFORM = ("extent", "begin", "learn")
CALLED = (
    run_path, frame_count, cloud_frames, columns, compose, level_curves, losses_of, lowest_point, normalise,
    even_scales, run_records, balance_once, construct_once,
)  # fmt: skip


def entries() -> dict[str, Any]:
    """Returns the kernels that a page calls, by the name it calls them by."""
    return {kernel.py_func.__name__: kernel for kernel in CALLED}


def table() -> dict[str, Any]:
    """Returns the kernels that are handed on by address, by their names in the table."""
    names = [f"rule:{key}" for key in RULES] + [f"modifier:{key}" for key in MODIFIERS]
    names += [f"construction:{key}" for key in CONSTRUCTIONS]
    names += [f"transform:{key}:{part}" for key in TRANSFORMS for part in OF_A_TRANSFORM]
    names += [f"problem:{key}:{part}" for key in PROBLEMS for part in OF_A_PROBLEM]
    found = {name: named(name) for name in names}
    return {name: kernel for name, kernel in found.items() if kernel is not None}


def named(name: str) -> Any:
    """Returns the kernel of a name in the table; None where there is none, as for a transform that does nothing."""
    kind, key, *part = name.split(":")
    if kind == "rule":
        return RULES[key].kernel
    if kind == "modifier":
        return MODIFIERS[key].kernel
    if kind == "construction":
        return CONSTRUCTIONS[key].kernel
    if kind == "problem":
        return getattr(PROBLEMS[key], OF_A_PROBLEM[part[0]])
    transform = TRANSFORMS[key]
    return getattr(transform.compiled, part[0]) if transform.compiled and transform.in_playground else None
