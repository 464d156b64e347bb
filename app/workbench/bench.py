"""What is on the workbench: gradients, losses and preferences of two to four tasks, methods, and what is looked at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from mtlcore.param import FieldError, Param, number_in, number_text, sentence_of
from mtlcore.registry import RULES

TASKS = (2, 4)
MAX_METHODS = 10
NUMBER = Param("gradients", "Gradient", "float", 0.0, -10.0, 10.0)
LOSS = Param("losses", "Loss", "float", 1.0, 0.01, 100.0)
SHARE = Param("preferences", "Preference", "float", 1.0, 0.01, 100.0)
STEP = Param("step", "Step", "int", 1, 1, 99)
Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Bench:
    """One state of the workbench, checked: what a link says.

    gradients: [K, 2]; losses, preferences: [K], of preferences only the ratios matter; methods: keys of rules; how: the
    rule whose construction is shown, "" for none; step: of the construction, from 1. Raises FieldError for what a field
    does not take.
    """

    gradients: Rows = ((1.2, 0.5), (-0.9, 0.9))
    losses: tuple[float, ...] = (1.0, 1.0)
    preferences: tuple[float, ...] = (1.0, 1.0)
    methods: tuple[str, ...] = ("uniform", "mgda", "pcgrad", "cagrad")
    how: str = ""
    step: int = 1

    def __post_init__(self) -> None:
        for name, check in CHECKS.items():
            object.__setattr__(self, name, check(getattr(self, name)))
        tasks = len(self.gradients)
        for name in ("losses", "preferences"):
            if len(getattr(self, name)) != tasks:
                got = getattr(self, name)
                raise FieldError("", name, got, f"{tasks} numbers, one a task", f"{len(got)}")

    def having(self, values: Mapping[str, Any]) -> "Bench":
        """Returns the state with these fields changed. Raises FieldError for what a field does not take."""
        known = {key: value for key, value in values.items() if key in CHECKS}
        return replace(self, **known)

    @property
    def plain(self) -> dict[str, Any]:
        """Returns the state as plain JSON values."""
        return {field.name: _listed(getattr(self, field.name)) for field in fields(self)}


def _listed(value: Any) -> Any:
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


def _sequence(name: str, value: Any, takes: str) -> Sequence[Any]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise FieldError("", name, value, takes)
    return value


def _gradients(value: Any) -> Rows:
    takes = f"{TASKS[0]} to {TASKS[1]} points like 1,0.5;-0.5,1"
    rows = [_sequence("gradients", row, takes) for row in _sequence("gradients", value, takes)]
    if not TASKS[0] <= len(rows) <= TASKS[1] or any(len(row) != 2 for row in rows):
        raise FieldError("", "gradients", value, takes)
    return tuple(tuple(NUMBER.check(x, "") for x in row) for row in rows)


def _numbers(param: Param) -> Callable[[Any], tuple[float, ...]]:
    def check(value: Any) -> tuple[float, ...]:
        return tuple(param.check(x, "") for x in _sequence(param.name, value, "one number a task"))

    return check


def _methods(value: Any) -> tuple[str, ...]:
    takes = f"1 to {MAX_METHODS} different ones of {', '.join(RULES)}"
    keys = tuple(_sequence("methods", value, takes))
    known = all(isinstance(key, str) and key in RULES for key in keys)
    if not known or not 1 <= len(keys) <= MAX_METHODS or len(set(keys)) != len(keys):
        raise FieldError("", "methods", keys, takes, repr(",".join(map(str, keys))))
    return keys


def _how(value: Any) -> str:
    if value != "" and value not in RULES:
        raise FieldError("", "how", value, f"one of {', '.join(RULES)}")
    return str(value)


CHECKS: Mapping[str, Callable[[Any], Any]] = MappingProxyType({
    "gradients": _gradients, "losses": _numbers(LOSS), "preferences": _numbers(SHARE), "methods": _methods,
    "how": _how, "step": lambda value: STEP.check(value, ""),
})  # fmt: skip
DEFAULT = Bench()


def encode(bench: Bench) -> dict[str, str]:
    """Returns the query of a state: only what differs from the first screen."""
    plain = {field.name: getattr(bench, field.name) for field in fields(bench)}
    return {key: _written(key, value) for key, value in plain.items() if value != getattr(DEFAULT, key)}


def _written(key: str, value: Any) -> str:
    if key == "gradients":
        return ";".join(",".join(map(number_text, row)) for row in value)
    if key in ("losses", "preferences"):
        return ",".join(map(number_text, value))
    return ",".join(value) if key == "methods" else str(value)


def _read(key: str, text: str) -> Any:
    if key == "gradients":
        return [[number_in(part) for part in row.split(",")] for row in text.split(";") if row.strip()]
    if key in ("losses", "preferences"):
        return [number_in(part) for part in text.split(",")]
    if key == "methods":
        return [part.strip() for part in text.split(",")]
    return number_in(text) if key == "step" else text.strip()


def decode(query: Mapping[str, Sequence[str]]) -> tuple[Bench, tuple[str, ...]]:
    """Returns the state that a query stands for, and one sentence for each thing in it that could not be used."""
    notices: list[str] = []
    given: dict[str, Any] = {}
    for key, values in query.items():
        if key not in CHECKS:
            notices.append(f"{key} is not a field of this page. It takes {', '.join(CHECKS)}.")
        elif len(values) != 1:
            notices.append(f"{key} is given {len(values)} times and takes one value. Using the default.")
        else:
            try:
                given[key] = CHECKS[key](_read(key, values[0]))
            except ValueError as error:
                notices.append(f"{sentence_of(error)} Using the default.")
    return _fitting(given, notices), tuple(notices)


def _fitting(given: dict[str, Any], notices: list[str]) -> Bench:
    """Returns the state of these fields; losses and preferences of another number of tasks give way to ones."""
    tasks = len(given.get("gradients", DEFAULT.gradients))
    for name in ("losses", "preferences"):
        if len(given.setdefault(name, (1.0,) * tasks)) != tasks:
            notices.append(
                f"{name} takes {tasks} numbers, one a task, got {len(given[name])}. Using 1 for each."
            )
            given[name] = (1.0,) * tasks
    return Bench(**given)
