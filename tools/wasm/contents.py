"""What is in the file: the kernels that a page calls, and those that they find by their addresses.

Named as the registries name them, so that a rule, a transform or a problem that is added is in the next build.
"""

from typing import Any

from mtlcore.registry import MODIFIERS, RULES, TRANSFORMS
from toy_problems.compiled.given import even_scales, normalise
from toy_problems.compiled.stage.columns import cloud_frames, columns
from toy_problems.compiled.stage.extent import compose
from toy_problems.compiled.stage.landmarks import level_curves, losses_of, lowest_point
from toy_problems.compiled.stage.run import frame_count, run_path
from toy_problems.problems import PROBLEMS

OF_A_PROBLEM = {"loss": "kernel", "constants": "constants", "solved": "solved", "pair_excess": "pair_excess",
                "weighted_optimum": "weighted_optimum"}  # fmt: skip
OF_A_TRANSFORM = ("extent", "begin", "learn")
CALLED = (
    run_path, frame_count, cloud_frames, columns, compose, level_curves, losses_of, lowest_point, normalise,
    even_scales,
)  # fmt: skip


def entries() -> dict[str, Any]:
    """Returns the kernels that a page calls, by the name it calls them by."""
    return {kernel.py_func.__name__: kernel for kernel in CALLED}


def table() -> dict[str, Any]:
    """Returns the kernels that are handed on by address: rules, modifiers, parts of transforms and of problems."""
    found = {f"rule:{key}": spec.kernel for key, spec in RULES.items()}
    found |= {f"modifier:{key}": spec.kernel for key, spec in MODIFIERS.items()}
    for key, transform in TRANSFORMS.items():
        if transform.compiled is not None and transform.in_playground:
            found |= {f"transform:{key}:{part}": getattr(transform.compiled, part) for part in OF_A_TRANSFORM}
    for key, problem in PROBLEMS.items():
        parts = {f"problem:{key}:{part}": getattr(problem, name) for part, name in OF_A_PROBLEM.items()}
        found |= {name: kernel for name, kernel in parts.items() if kernel is not None}
    return found
