"""The typed list of every field that a view of a problem and its methods has."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from app.field_kinds import (
    MAX_STARTS,
    BalanceField,
    CountField,
    Field,
    PreferencesField,
    RuleField,
    StartsField,
)
from mtlcore.registry import TRANSFORMS, method_spec
from mtlcore.spec import WIDEST, Param
from toy_problems import PROBLEMS
from toy_problems.config import (
    BALANCE,
    BALANCES,
    DIM,
    LR,
    NOISE,
    OPTIMIZER,
    PREFERENCES,
    RECORD_EVERY,
    SEED,
    STEPS,
    TASKS,
)
from toy_problems.problem import Problem

LOOKS = ("idea", "race", "curves", "surface", "sweep", "share")
SPEEDS = ("0.25", "0.5", "1", "2", "4")  # of the stage, 1: a run in eight seconds
CURVES = (
    "excess", "losses", "cosine", "mean_cosine", "norms", "similarity", "condition", "weights", "rotation", "lag",
    "rates",
)  # fmt: skip
# The papers take 35,000 there; CAGrad ends near the best weighted loss from every start only with more.
MOST_STEPS = {"landscape": 150_000}
MOST_STEPS_BACKBONE = 5_000


def default_dim(problem: str) -> int:
    """Returns the dimension of z a problem starts with."""
    return int(PROBLEMS[problem].defaults.get("d", PROBLEMS[problem].dims[0]))


def default_tasks(problem: str) -> int:
    """Returns how many tasks a problem starts with."""
    return int(PROBLEMS[problem].defaults.get("tasks", PROBLEMS[problem].task_counts[0]))


def _number(param: Param, problem: Problem, **changes: Any) -> Field:
    return Field(param.name, replace(param, **changes), problem.defaults.get(param.name, param.default))


@lru_cache(maxsize=512)
def fields(problem_key: str, methods: tuple[str, ...], dim: int, tasks: int) -> Mapping[str, Field]:
    """Returns every field of a view by its query key, in the order the query is written."""
    problem = PROBLEMS[problem_key]
    most = MOST_STEPS.get(problem_key, MOST_STEPS_BACKBONE)
    listed = [
        _number(LR, problem),
        _number(OPTIMIZER, problem),
        _number(STEPS, problem, high=most, help=f"{STEPS.help} {problem.steps_help}".strip()),
        _number(SEED, problem),
        _count(DIM, problem, problem.dims, default_dim(problem.key)),
        _count(TASKS, problem, problem.task_counts, default_tasks(problem.key)),
        _number(BALANCE, problem) if tasks == 2 else _balance(problem, tasks),
        _number(NOISE, problem),
        _preferences(problem, methods, tasks),
        _starts(problem, dim),
        *_transform_fields(methods, dim),
        *_rule_fields(methods, problem_key, tasks),
        Field("pair", Param("pair", "Pair of dimensions shown", "int", 1, 1, max(1, dim // 2), 1), 1),
        Field("record_every", replace(RECORD_EVERY, low=0), 0),  # 0: as many as fit RECORDS
        Field("look", Param("look", "A closer look", "choice", LOOKS[0], choices=LOOKS), LOOKS[0]),
        Field("curve", Param("curve", "Curve", "choice", CURVES[0], choices=CURVES), CURVES[0]),
        Field("of", Param("of", "Method looked at", "int", 1, 1, max(1, len(methods)), 1), len(methods)),
        *_sweep_fields(methods, problem, tasks),
        Field("swept", Param("swept", "Sweep shown", "bool", False), False),
        Field("start", Param("start", "Start looked at", "int", 1, 1, MAX_STARTS, 1), 1),
        Field("step", Param("step", "Step paused at", "int", -1, -1, most, 1), -1),  # -1: it plays
        Field("speed", Param("speed", "Speed", "choice", "1", choices=SPEEDS), "1"),
        Field("present", Param("present", "In front of a class", "int", 0, 0, 1, 1), 0),
    ]
    return MappingProxyType({item.key: item for item in listed})


def _count(param: Param, problem: Problem, takes: tuple[int, ...], default: int) -> Field:
    """A whole number of which the problem takes some: the dimension, the number of tasks."""
    return CountField(
        param.name, replace(param, low=min(takes), high=max(takes)), default, problem.key, takes
    )


def _balance(problem: Problem, tasks: int) -> Field:
    """The balance of more than two tasks; of two it is one number, s."""
    even = (1.0,) * tasks
    return BalanceField("balance", replace(BALANCES, default=even), even, problem.key, tasks)


def sweepable(methods: tuple[str, ...], tasks: int = 2) -> tuple[str, ...]:
    """Returns the keys of the numbers that a sweep of these methods can go over."""
    acting = {p.name for spec in map(method_spec, methods) for p in spec.params}
    transform = [p for spec in TRANSFORMS.values() for p in spec.params if p.name in acting]
    own = [
        (f"{key}.{p.name}", p)
        for key in methods
        for p in method_spec(key).rule_spec.params
        if p.name in acting
    ]
    even = (BALANCE,) if tasks == 2 else ()  # of more tasks the balance is not one number
    listed = [(p.name, p) for p in (*transform, LR, *even, NOISE)] + own
    return tuple(dict.fromkeys(key for key, p in listed if p.kind in ("float", "int")))


def _sweep_fields(methods: tuple[str, ...], problem: Problem, tasks: int) -> list[Field]:
    keys = sweepable(methods, tasks)
    up = keys[1] if keys[0] == "lr" else "lr"
    seeds = 30 if problem.backbone else 1  # without a network there is nothing to draw but a rule's noise
    return [
        Field("across", Param("across", "Across", "choice", keys[0], choices=keys), keys[0]),
        Field("up", Param("up", "Up", "choice", up, choices=("none", *keys)), up),
        Field("seeds", Param("seeds", "Seeds", "int", seeds, 1, 100, 1), seeds),
    ]


def _preferences(problem: Problem, methods: tuple[str, ...], tasks: int) -> Field:
    equal = (1.0 / tasks,) * tasks
    param = replace(PREFERENCES, default=equal)
    return PreferencesField("preferences", param, equal, problem.key, methods, tasks)


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
    fitting = {name: replace(p, high=dim) if p.high == WIDEST else p for name, p in params.items()}
    return [Field(name, param, param.default) for name, param in fitting.items()]


def _rule_fields(methods: tuple[str, ...], problem: str, tasks: int) -> list[Field]:
    """A rule's own parameters, prefixed by the method they belong to."""
    listed: list[Field] = []
    for key in methods:
        spec = method_spec(key)
        names = {p.name for p in spec.rule_spec.params}
        listed += [
            RuleField(f"{key}.{p.name}", p, p.default, problem, key, tasks)
            for p in spec.params
            if p.name in names
        ]
    return listed
