"""What can be chosen on the Playground, a field each: its type and range, its default here, and how it is checked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from mtlcore.spec import FieldError, Param
from toy_problems import PROBLEMS, ToyConfig
from toy_problems.config import OLD_STARTS_NAME
from toy_problems.starts_text import format_starts, parse_starts

MAX_STARTS = 8

T = TypeVar("T")


@dataclass(frozen=True)
class Field:
    """One thing that can be chosen, with its type and range in `param` and its default here and now."""

    key: str
    param: Param
    default: Any

    def check(self, value: Any) -> Any:
        """Returns the value as this field's type. Raises FieldError for a value that it does not take."""
        return self._named.check(value, "")

    def parse(self, text: str) -> Any:
        """Returns the value that a text stands for, checked. Raises FieldError for a text that is no such value."""
        return self.check(self._named.parse(text))

    def format(self, value: Any) -> str:
        """Returns the text that `parse` reads as this value again: short, and exact."""
        return self.param.format(value)

    @property
    def _named(self) -> Param:
        """The parameter under the field's name, which has its method's before it."""
        return replace(self.param, name=self.key)

    def _checked(self, make: Callable[[], T]) -> T:
        """Returns what `make` returns; what it refuses, it refuses under this field's name."""
        try:
            return make()
        except FieldError as error:
            raise error.renamed(self.key) from error


@dataclass(frozen=True)
class CountField(Field):
    """A whole number of which the problem `takes` some: the dimension of z, the number of tasks."""

    problem: str = ""
    takes: tuple[int, ...] = ()

    def check(self, value: Any) -> Any:
        """Returns the number. Raises FieldError."""
        fields: dict[str, Any] = {self.key: super().check(value)}
        return getattr(self._checked(lambda: ToyConfig(problem=self.problem, **fields)), self.key)


@dataclass(frozen=True)
class BalanceField(Field):
    """What each task's loss is multiplied by: K positive numbers with mean 1."""

    problem: str = ""
    tasks: int = 2

    def check(self, value: Any) -> Any:
        """Returns the balance, normalised. Raises FieldError."""
        if value is None:  # which a configuration takes for "not given"
            return super().check(value)
        make = partial(ToyConfig, problem=self.problem, tasks=self.tasks, balance=value)
        taken = self._checked(make).scales
        return self.default if len(set(taken)) == 1 else taken


@dataclass(frozen=True)
class RuleField(Field):
    """A parameter of one method's rule, checked against the problem's tasks too."""

    problem: str = ""
    method: str = ""
    tasks: int = 2

    def check(self, value: Any) -> Any:
        """Returns the parameter's value. Raises FieldError."""
        value = super().check(value)
        given: dict[str, Any] = {"params": {self.param.name: value}, "tasks": self.tasks}
        self._checked(lambda: ToyConfig(problem=self.problem, method=self.method, **given))
        return value


@dataclass(frozen=True)
class PreferencesField(Field):
    """How much each task counts: K numbers that sum to 1, positive where a chosen method needs that."""

    problem: str = ""
    methods: tuple[str, ...] = ()
    tasks: int = 2

    def check(self, value: Any) -> Any:
        """Returns the preferences, normalised. Raises FieldError."""
        if value is None:  # which a configuration takes for "not given"
            return super().check(value)
        taken = self.default
        for method in self.methods:
            given: dict[str, Any] = {"method": method, "preferences": value, "tasks": self.tasks}
            taken = self._checked(partial(ToyConfig, problem=self.problem, **given)).preferences
        return self.default if len(set(taken)) == 1 else taken


@dataclass(frozen=True)
class StartsField(Field):
    """Where the paths begin: a word ("random", or what the problem calls its list) or points with d coordinates."""

    problem: str = ""
    dim: int = 2

    def check(self, value: Any) -> Any:
        """Returns the starts; a point of two coordinates is repeated over the pairs. Raises FieldError."""
        words = self.param.choices
        if value == OLD_STARTS_NAME:
            value = PROBLEMS[self.problem].starts_name
        takes = f"{', '.join(words)}, or 1 to {MAX_STARTS} points like -3,2;1,0.5"
        refused = FieldError("", self.key, value, takes, repr(value))
        if isinstance(value, str) or len(value) > MAX_STARTS:
            if value not in words:
                raise refused
            return value
        try:
            points = tuple(
                tuple(float(x) for x in point) * (self.dim // 2 if len(point) == 2 else 1) for point in value
            )
        except (TypeError, ValueError) as error:
            raise refused from error
        return self._checked(
            lambda: ToyConfig(problem=self.problem, d=self.dim, method="uniform", starts=points)
        ).starts

    def parse(self, text: str) -> Any:
        """Returns the starts that a text stands for, checked. Raises FieldError."""
        return self.check(parse_starts(text))

    def format(self, value: Any) -> str:
        """Returns the text that `parse` reads as these starts again."""
        return format_starts(value)
