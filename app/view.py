"""What is chosen on the Playground: one immutable value, and the typed list of fields it is made of."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from mtlcore.registry import METHODS, TRANSFORMS, method_spec
from mtlcore.spec import MethodSpec, Param
from toy_problems import PROBLEMS, ToyConfig
from toy_problems.compiled.engine import TRANSFORMS as COMPILED
from toy_problems.config import (
    BALANCE,
    DIM,
    LR,
    NOISE,
    OLD_STARTS_NAME,
    OPTIMIZER,
    PREFERENCES,
    RECORD_EVERY,
    SEED,
    STEPS,
)
from toy_problems.problem import Problem

MAX_METHODS = 8
MAX_STARTS = 8
SWEPT = 9  # values of a linear setting in a sweep
RECORDS = 400  # a run keeps about this many steps
LOOKS = ("idea", "curves", "surface", "sweep", "share")
SEEDS = (1, 10, 30, 100)  # a sweep's
SPEEDS = ("0.25", "0.5", "1", "2", "4")  # of the stage, 1: a run in eight seconds
CURVES = (
    "excess", "losses", "cosine", "mean_cosine", "norms", "similarity", "condition", "weights", "rotation", "rates",
)  # fmt: skip
# The papers take 35,000 there; CAGrad ends near the best weighted loss from every start only with more.
MOST_STEPS = {"landscape": 150_000}
MOST_STEPS_BACKBONE = 5_000


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
class DimField(Field):
    """The dimension of z: one of those the problem has."""

    problem: str = ""

    def check(self, value: Any) -> Any:
        """Returns the dimension. Raises ValueError."""
        value = super().check(value)
        return _named(lambda: ToyConfig(problem=self.problem, d=value)).d


@dataclass(frozen=True)
class RuleField(Field):
    """A parameter of one method's rule, checked against the problem's tasks too."""

    problem: str = ""
    method: str = ""

    def check(self, value: Any) -> Any:
        """Returns the parameter's value. Raises ValueError."""
        value = super().check(value)
        _named(lambda: ToyConfig(problem=self.problem, method=self.method, params={self.param.name: value}))
        return value


@dataclass(frozen=True)
class PreferencesField(Field):
    """How much each task counts: K numbers that sum to 1, positive where a chosen method needs that."""

    problem: str = ""
    methods: tuple[str, ...] = ()

    def check(self, value: Any) -> Any:
        """Returns the preferences, normalised. Raises ValueError."""
        taken = self.default
        for method in self.methods:
            config = _named(partial(ToyConfig, problem=self.problem, method=method, preferences=value))
            taken = config.preferences
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


@dataclass(frozen=True)
class View:
    """Everything chosen on the page. `chosen` holds only what differs from the defaults."""

    problem: str = "avocado"
    methods: tuple[str, ...] = ("uniform", "rotograd")
    chosen: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, key: str) -> Any:
        return self.chosen[key] if key in self.chosen else self.fields[key].default

    @property
    def fields(self) -> Mapping[str, Field]:
        """Returns the typed list of fields, by key, that a view of this problem and these methods has."""
        return fields(self.problem, self.methods, self.chosen.get("d", default_dim(self.problem)))

    @property
    def specs(self) -> tuple[MethodSpec, ...]:
        """Returns the chosen methods' specifications."""
        return tuple(map(method_spec, self.methods))

    @property
    def picture(self) -> "View":
        """Returns this view without what is only a matter of where one looks: equal pictures run the same."""
        return replace(self, chosen={k: v for k, v in self.chosen.items() if k not in _LOOKING})

    @property
    def pair(self) -> tuple[int, int]:
        """Returns the two coordinates of z that are drawn."""
        first = 2 * (min(self["pair"], self["d"] // 2) - 1)
        return first, first + 1

    def having(self, key: str, value: Any) -> "View":
        """Returns this view with one field changed; whatever no longer fits falls back to its default."""
        if key == "problem":
            kept = {k: v for k, v in self.chosen.items() if k not in _OF_THE_PROBLEM}
            return View(value, self.methods, MappingProxyType(kept))._fitting()
        if key == "methods":
            kept = {k: v for k, v in self.chosen.items() if k != "swept"}
            return View(self.problem, tuple(value), MappingProxyType(kept))._fitting()
        kept = {k: v for k, v in self.chosen.items() if k != "swept" or key in _LOOKING_ON}
        return View(self.problem, self.methods, MappingProxyType({**kept, key: value}))._fitting()

    def _fitting(self) -> "View":
        kept = {}
        known = self.fields
        for key, value in self.chosen.items():
            try:
                value = known[key].check(value)
            except (KeyError, ValueError):
                continue
            if value != known[key].default:
                kept[key] = value
        if kept.get("step", -1) > self["steps"]:
            del kept["step"]
        if kept.get("m", -1) > self["d"]:
            del kept["m"]
        return View(self.problem, self.methods, MappingProxyType(kept))

    def config(self, key: str) -> ToyConfig:
        """Returns the run of one of the chosen methods. Raises ValueError where it cannot run."""
        spec = method_spec(key)
        names = {p.name: f"{key}.{p.name}" for p in spec.rule_spec.params}
        names |= {p.name: p.name for p in spec.transform_spec.params}
        given = {p.name: self.chosen[names[p.name]] for p in spec.params if names[p.name] in self.chosen}
        return ToyConfig(
            problem=self.problem, method=key, params=given, optimizer=self["optimizer"], lr=self["lr"],
            steps=self["steps"], starts=self["starts"], seed=self["seed"], d=self["d"], s=self["s"],
            noise=self["noise"], record_every=self["record_every"] or max(1, self["steps"] // RECORDS),
            preferences=None if spec.rule_spec.preferences_alias in given else self.chosen.get("preferences"),
        )  # fmt: skip


_OF_THE_PROBLEM = ("optimizer", "lr", "steps", "starts", "d", "m", "pair", "record_every", "step", "swept")
_LOOKING_ON = ("look", "curve", "start", "step", "speed", "pair", "swept")  # what a sweep does not depend on
_LOOKING = (*_LOOKING_ON, "of", "across", "up", "seeds")


def default_dim(problem: str) -> int:
    """Returns the dimension of z a problem starts with."""
    return int(PROBLEMS[problem].defaults.get("d", 2))


def offered(problem: str) -> tuple[str, ...]:
    """Returns the named methods that run on a problem, in the registry's order."""
    return tuple(key for key in METHODS if runs_on(problem, key))


def runs_on(problem: str, method: str) -> bool:
    """Returns whether a method, named or composed, can run on a problem, in the engine that the page uses."""
    return refusal(problem, method) is None


@lru_cache(maxsize=1024)
def refusal(problem: str, method: str) -> str | None:
    """Returns the sentence that says why the page cannot run a method on a problem; None where it can."""
    spec = method_spec(method)
    if spec.transform not in COMPILED:
        return (
            f"{spec.title} needs second derivatives, which only the slower reference engine has: from Python, "
            f'run(ToyConfig(problem="{problem}", method="{method}"), engine="reference").'
        )
    try:
        ToyConfig(problem=problem, method=method, **_problem_defaults(PROBLEMS[problem]))
    except ValueError as error:
        return str(error)
    return None


def _problem_defaults(problem: Problem) -> dict[str, Any]:
    return {k: v for k, v in problem.defaults.items() if k in ToyConfig.__dataclass_fields__}


def _number(param: Param, problem: Problem, **changes: Any) -> Field:
    return Field(param.name, replace(param, **changes), problem.defaults.get(param.name, param.default))


@lru_cache(maxsize=512)
def fields(problem_key: str, methods: tuple[str, ...], dim: int) -> Mapping[str, Field]:
    """Returns every field of a view by its query key, in the order the query is written."""
    problem = PROBLEMS[problem_key]
    most = MOST_STEPS.get(problem_key, MOST_STEPS_BACKBONE)
    listed = [
        _number(LR, problem),
        _number(OPTIMIZER, problem),
        _number(STEPS, problem, high=most, help=f"{STEPS.help} {problem.steps_help}".strip()),
        _number(SEED, problem),
        _dimension(problem),
        _number(BALANCE, problem),
        _number(NOISE, problem),
        _preferences(problem, methods),
        _starts(problem, dim),
        *_transform_fields(methods, dim),
        *_rule_fields(methods, problem_key),
        Field("pair", Param("pair", "Pair of dimensions shown", "int", 1, 1, max(1, dim // 2), 1), 1),
        Field("record_every", replace(RECORD_EVERY, low=0), 0),  # 0: as many as fit RECORDS
        Field("look", Param("look", "A closer look", "choice", LOOKS[0], choices=LOOKS), LOOKS[0]),
        Field("curve", Param("curve", "Curve", "choice", CURVES[0], choices=CURVES), CURVES[0]),
        Field("of", Param("of", "Method looked at", "int", 1, 1, max(1, len(methods)), 1), len(methods)),
        *_sweep_fields(methods, problem),
        Field("swept", Param("swept", "Sweep shown", "bool", False), False),
        Field("start", Param("start", "Start looked at", "int", 1, 1, MAX_STARTS, 1), 1),
        Field("step", Param("step", "Step paused at", "int", -1, -1, most, 1), -1),  # -1: it plays
        Field("speed", Param("speed", "Speed", "choice", "1", choices=SPEEDS), "1"),
    ]
    return MappingProxyType({item.key: item for item in listed})


def _dimension(problem: Problem) -> Field:
    param = replace(DIM, low=min(problem.dims), high=max(problem.dims))
    return DimField("d", param, default_dim(problem.key), problem.key)


def sweepable(methods: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the keys of the numbers that a sweep of these methods can go over."""
    acting = {p.name for spec in map(method_spec, methods) for p in spec.params}
    transform = [p for spec in TRANSFORMS.values() for p in spec.params if p.name in acting]
    own = [
        (f"{key}.{p.name}", p)
        for key in methods
        for p in method_spec(key).rule_spec.params
        if p.name in acting
    ]
    listed = [(p.name, p) for p in (*transform, LR, BALANCE, NOISE)] + own
    return tuple(dict.fromkeys(key for key, p in listed if p.kind in ("float", "int")))


def sweep_values(view: View, key: str) -> tuple[float, ...]:
    """Returns the values a sweep tries: half decades about the chosen value, or the field's range evenly."""
    param, value = view.fields[key].param, view[key]
    if key == "m":
        return tuple(range(view["d"] + 1))
    if param.scale == "log" and value > 0:
        middle = round(2 * math.log10(value))
        values = (float(f"{10 ** (half % 2 / 2):.0f}e{half // 2}") for half in range(middle - 3, middle + 4))
        return tuple(x for x in values if param.low <= x <= param.high)
    values = np.linspace(param.low, param.high, SWEPT)
    return (
        tuple(dict.fromkeys(int(x) for x in values))
        if param.kind == "int"
        else tuple(map(float, values.round(6)))
    )


def _sweep_fields(methods: tuple[str, ...], problem: Problem) -> list[Field]:
    keys = sweepable(methods)
    up = "s" if keys[0] == "lr" else "lr"
    seeds = 30 if problem.backbone else 1  # without a network there is nothing to draw but a rule's noise
    return [
        Field("across", Param("across", "Across", "choice", keys[0], choices=keys), keys[0]),
        Field("up", Param("up", "Up", "choice", up, choices=("none", *keys)), up),
        Field("seeds", Param("seeds", "Seeds", "int", seeds, 1, 100, 1), seeds),
    ]


def _preferences(problem: Problem, methods: tuple[str, ...]) -> Field:
    equal = (1.0 / len(problem.tasks),) * len(problem.tasks)
    return PreferencesField("preferences", replace(PREFERENCES, default=equal), equal, problem.key, methods)


def _starts(problem: Problem, dim: int) -> Field:
    words = ("random", problem.starts_name) if problem.starts else ("random",)
    param = Param("starts", "Starts", "choice", words[0], choices=words)
    return StartsField("starts", param, problem.defaults.get("starts", words[0]), problem.key, dim)


def _transform_fields(methods: tuple[str, ...], dim: int) -> list[Field]:
    """One field a transform parameter, whichever transforms have it; the chosen methods' version first."""
    params: dict[str, Param] = {}
    for spec in map(method_spec, methods):
        names = {p.name for p in spec.transform_spec.params}
        params = {p.name: p for p in spec.params if p.name in names} | params
    for transform in TRANSFORMS.values():
        params = {p.name: p for p in transform.params} | params
    if "m" in params:
        params["m"] = replace(params["m"], high=dim)
    return [Field(name, param, param.default) for name, param in params.items()]


def _rule_fields(methods: tuple[str, ...], problem: str) -> list[Field]:
    """A rule's own parameters, prefixed by the method they belong to."""
    listed = []
    for key in methods:
        spec = method_spec(key)
        names = {p.name for p in spec.rule_spec.params}
        listed += [
            RuleField(f"{key}.{p.name}", p, p.default, problem, key) for p in spec.params if p.name in names
        ]
    return listed
