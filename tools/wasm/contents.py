"""What is in the file: the kernels that a page calls, and those that they find by their addresses.

Named as the registries name them, so that a rule, a transform or a problem that is added is in the next build.
"""

from typing import Any

from mtlcore.registry import MODIFIERS, RULES, TRANSFORMS
from toy_problems.compiled.bare import follow_bare
from toy_problems.compiled.path import follow
from toy_problems.problems import PROBLEMS


def entries() -> dict[str, Any]:
    """Returns the kernels that a page calls, by the name it calls them by."""
    return {"follow": follow, "follow_bare": follow_bare}


def table() -> dict[str, Any]:
    """Returns the kernels that are handed on by address: rules, modifiers, transforms' steps and problems' losses."""
    found = {f"rule:{key}": spec.kernel for key, spec in RULES.items()}
    found |= {f"modifier:{key}": spec.kernel for key, spec in MODIFIERS.items()}
    for key, transform in TRANSFORMS.items():
        if transform.compiled is not None and transform.in_playground:
            found[f"transform:{key}:learn"] = transform.compiled.learn
    return found | {f"problem:{key}:loss": problem.kernel for key, problem in PROBLEMS.items()}
