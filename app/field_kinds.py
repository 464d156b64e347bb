"""What can be chosen on the Playground, a field each: its type and range, its default here, and how it is checked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from mtlcore.spec import Param
from toy_problems import PROBLEMS, ToyConfig
from toy_problems.config import OLD_STARTS_NAME

MAX_STARTS = 8


@dataclass(frozen=True)
class Field:
    """One thing that can be chosen, with its type and range in `param` and its default here and now."""

    key: str
    param: Param
    default: Any

    def check(self, value: Any) -> Any:
        """Returns the value as this field's type. Raises ValueError: the field, what it got and takes."""
        return _named(lambda: replace(self.param, name=self.key).check(value, ""))


@dataclass(frozen=True)
class CountField(Field):
    """A whole number of which the problem takes some: the dimension of z, the number of tasks."""

    problem: str = ""

    def check(self, value: Any) -> Any:
        """Returns the number. Raises ValueError."""
        fields: dict[str, Any] = {self.key: super().check(value)}
        return getattr(_named(lambda: ToyConfig(problem=self.problem, **fields)), self.key)


@dataclass(frozen=True)
class BalanceField(Field):
    """What each task's loss is multiplied by: K positive numbers with mean 1."""

    problem: str = ""
    tasks: int = 2

    def check(self, value: Any) -> Any:
        """Returns the balance, normalised. Raises ValueError."""
        taken = _named(lambda: ToyConfig(problem=self.problem, tasks=self.tasks, balance=value)).scales
        return self.default if len(set(taken)) == 1 else taken


@dataclass(frozen=True)
class RuleField(Field):
    """A parameter of one method's rule, checked against the problem's tasks too."""

    problem: str = ""
    method: str = ""
    tasks: int = 2

    def check(self, value: Any) -> Any:
        """Returns the parameter's value. Raises ValueError."""
        value = super().check(value)
        params = {self.param.name: value}
        _named(lambda: ToyConfig(problem=self.problem, method=self.method, params=params, tasks=self.tasks))
        return value


@dataclass(frozen=True)
class PreferencesField(Field):
    """How much each task counts: K numbers that sum to 1, positive where a chosen method needs that."""

    problem: str = ""
    methods: tuple[str, ...] = ()
    tasks: int = 2

    def check(self, value: Any) -> Any:
        """Returns the preferences, normalised. Raises ValueError."""
        taken = self.default
        for method in self.methods:
            given: dict[str, Any] = {"method": method, "preferences": value, "tasks": self.tasks}
            taken = _named(partial(ToyConfig, problem=self.problem, **given)).preferences
        return self.default if len(set(taken)) == 1 else taken


@dataclass(frozen=True)
class StartsField(Field):
    """Where the paths begin: a word ("random", or what the problem calls its list) or points with d coordinates."""

    problem: str = ""
    dim: int = 2

    def check(self, value: Any) -> Any:
        """Returns the starts; a point of two coordinates is repeated over the pairs. Raises ValueError."""
        words = self.param.choices
        if value == OLD_STARTS_NAME:
            value = PROBLEMS[self.problem].starts_name
        takes = (
            f"starts takes {', '.join(words)}, or 1 to {MAX_STARTS} points like -3,2;1,0.5, got {value!r}."
        )
        if isinstance(value, str) or len(value) > MAX_STARTS:
            if value not in words:
                raise ValueError(takes)
            return value
        try:
            points = tuple(
                tuple(float(x) for x in point) * (self.dim // 2 if len(point) == 2 else 1) for point in value
            )
        except (TypeError, ValueError) as error:
            raise ValueError(takes) from error
        return _named(
            lambda: ToyConfig(problem=self.problem, d=self.dim, method="uniform", starts=points)
        ).starts


T = TypeVar("T")


def _named(check: Callable[[], T]) -> T:
    """Returns what `check` returns; its complaint keeps only the sentence after the colon."""
    try:
        return check()
    except ValueError as error:
        raise ValueError(str(error).partition(": ")[2] or str(error)) from error
