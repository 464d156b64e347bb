"""Whether a method's rotations turned, in words: below a thousandth of a radian they are there in name only."""

import math
from collections.abc import Sequence

from mtlcore.registry import METHODS, method_spec
from mtlcore.spec import MethodSpec

STILL = 1e-3  # rad; what has turned by less has done nothing that a loss could show


def stillness(key: str, angles: Sequence[float]) -> str:
    """Returns what to say of a method whose rotations turned by less than 1e-3 rad, "" of any other.

    angles: how far each task's view has turned, in rad; none for a method that does not rotate.
    """
    if not len(angles) or not max(angles) < STILL:
        return ""
    most = math.ceil(max(angles) * 1e5) / 1e5  # rounded up: what is said is true
    return f"its rotations turned by at most {most:.5f} rad: in effect {without_rotations(method_spec(key))}"


def without_rotations(spec: MethodSpec) -> str:
    """Returns the title of the method that has this one's rule and level and no transform."""
    looks = spec.rule_spec.needs_gradients
    alike = (
        other.title
        for other in METHODS.values()
        if not other.has_transform
        and other.rule_key == spec.rule_key
        and (other.level == spec.level or not looks)
    )
    return next(alike, f"{spec.rule_spec.title} at the {spec.level.replace('_', ' ')}")
