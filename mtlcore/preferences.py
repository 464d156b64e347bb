"""Preferences: how much each task counts, K numbers that sum to 1; checked here for every door they come in by."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mtlcore.spec import FieldError, RuleSpec

ROUNDING = 1e-15  # a task: numbers that sum to 1 up to this are left as they are


def normalised(
    given: Any, owner: str, zeros: bool = True, name: str = "preferences", total: float = 1.0
) -> tuple[float, ...]:
    """Returns the given numbers scaled so that they sum to `total`; numbers that do already come back as they are.

    zeros: whether a task may have none. name: what the numbers are called. Raises FieldError naming owner and name,
    what it got and what it takes.
    """
    wanted = "numbers from 0, not all of them 0" if zeros else "positive numbers"
    refused = FieldError(owner, name, given, f"one number a task, {wanted}", repr(given))
    if isinstance(given, (str, bytes)) or not np.iterable(given):
        raise refused
    try:
        given = list(given)
        numbers = [float(x) for x in given if not isinstance(x, (str, bytes, bool))]
    except (TypeError, ValueError) as error:
        raise refused from error
    top = max(numbers, default=0.0)
    allowed = all(math.isfinite(x) and (x > 0.0 or zeros and x == 0.0) for x in numbers)
    if len(numbers) != len(given) or not allowed or top <= 0.0:
        raise refused
    if abs(math.fsum(x / top for x in numbers) * top - total) <= ROUNDING * len(numbers) * total:
        return tuple(numbers)
    shares = [x / top for x in numbers]
    return tuple(x / math.fsum(shares) * total for x in shares)


def preferences_of(spec: RuleSpec, given: Any, values: Mapping[str, Any]) -> tuple[float, ...] | None:
    """Returns a rule's preferences, normalised, for what was given; None where nothing was.

    values: the rule's parameters. Raises ValueError for a rule that takes none, saying why, for numbers that are no
    preferences, and where the rule's own older parameter for them is given too.
    """
    if given is None:
        return None
    if spec.preferences == "none":
        raise ValueError(f"{refusal(spec)} Leave preferences out.")
    if spec.preferences_alias and values[spec.preferences_alias]:
        raise ValueError(
            f"{spec.key}: {spec.preferences_alias} says the same as preferences: give one of the two."
        )
    return normalised(given, spec.key, spec.preferences == "nonnegative")


def refusal(spec: RuleSpec) -> str:
    """Returns the sentence that says why a rule takes no preferences."""
    return f"{spec.title} takes no preferences: {spec.no_preferences}."


def check_count(numbers: tuple[float, ...] | None, tasks: int, owner: str, name: str = "preferences") -> None:
    """Raises FieldError unless there are as many numbers as tasks, or none."""
    if numbers is not None and len(numbers) != tasks:
        shown = f"{len(numbers)}: {list(numbers)}"
        raise FieldError(owner, name, numbers, f"{tasks} numbers, one a task", shown)


def alike(preferences: tuple[float, ...] | None) -> bool:
    """Returns whether every task counts the same."""
    return preferences is None or len(set(preferences)) == 1
