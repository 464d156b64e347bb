"""One run's configuration: frozen, checked at birth, the same keys as the URL and the command line."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from mtlcore.preferences import check_count, normalised
from mtlcore.registry import Method, method, method_spec
from mtlcore.spec import FieldError, Param
from toy_problems.problem import Problem
from toy_problems.problems import PROBLEMS

# The numbers every problem and method share; the sliders derive from these too.
LR = Param(
    "lr",
    "Learning rate",
    "float",
    0.003,
    1e-6,
    10.0,
    1e-4,
    scale="log",
    help="Step size of the network's optimiser.",
)
STEPS = Param("steps", "Steps", "int", 400, 1, 200_000, 1, help="How many optimiser steps the run takes.")
SEED = Param(
    "seed", "Seed", "int", 0, 0, 2**31 - 1, 1, help="Draws the network, the input and every random choice."
)
DIM = Param("d", "Feature dimension d", "int", 2, 2, 16, 2, help="Dimension of the shared feature z; even.")
TASKS = Param("tasks", "Tasks K", "int", 2, 2, 5, 1, help="How many tasks there are.")
BALANCE = Param(
    "s", "Task balance s", "float", 0.5, 0.02, 0.98, 0.01, help="The first task counts s, the second 1 - s."
)
BALANCES = Param(
    "balance", "Task balance", "vector", (), 0.0, math.inf,
    help="What each task's loss is multiplied by, one number a task, of mean 1; of two tasks s says it too.",
)  # fmt: skip
RECORD_EVERY = Param(
    "record_every", "Record every", "int", 1, 1, 200_000, 1, help="Keep one step in this many."
)
NOISE = Param(
    "noise", "Gradient noise", "float", 0.0, 0.0, 10.0, 0.0, scale="log",
    help="What a mini-batch would add to every task's gradient, as a multiple of the first gradient's length.",
)  # fmt: skip
OPTIMIZER = Param("optimizer", "Optimiser", "choice", "sgd", choices=("sgd", "adam"))
PREFERENCES = Param(
    "preferences", "Preferences", "vector", (), 0.0, math.inf,
    help="How much each task counts, one number a task; rules that find their own weights leave them out.",
)  # fmt: skip
SHARED = (LR, STEPS, SEED, DIM, TASKS, BALANCE, NOISE, RECORD_EVERY, OPTIMIZER)

OWNER = "ToyConfig"  # what its refusals say that a field belongs to
MOST_STARTS = 64
OLD_STARTS_NAME = "paper"  # what every problem's list was once called: links and scripts still say it
REACH = 3.0  # a start may lie this many widths of the plotted square from its centre


@dataclass(frozen=True)
class ToyConfig:
    """What one run computes. Raises FieldError, naming the field, what it got and what it takes.

    starts: the problem's own list by its name ("spread", or "paper" where it is published; "paper" is understood
    on every problem), "random" (one, drawn from the seed) or points ((z_1, ..., z_d), ...), all of them run at once.
    params: the method's parameters, transform's and rule's together. noise: sigma; to task k's gradient at r_k every
    step adds sigma n_k(0) / sqrt(N d) times standard normals, n_k(0) the norm of its first active gradient. Rule,
    transform and backbone see the noisy gradients; losses and diagnostics are exact.
    d, tasks: the dimension of z and the number of tasks K; None takes the problem's own.
    balance: what each task's loss is multiplied by, one positive number a task, normalised to mean 1; None: even. Of
    two tasks s says the same, as (2s, 2 - 2s).
    preferences: how much each task counts, one number a task, normalised to sum 1; None counts all the same. A method
    whose rule takes none runs without them.
    """

    problem: str = "avocado"
    method: str = "rotograd"
    params: Mapping[str, Any] = field(default_factory=dict)
    optimizer: str = "sgd"
    lr: float = 0.003
    steps: int = 400
    starts: str | tuple[tuple[float, ...], ...] = "random"
    seed: int = 0
    d: int = None  # type: ignore[assignment]  # until it is born
    s: float = 0.5
    noise: float = 0.0
    record_every: int = 1
    preferences: tuple[float, ...] | None = None
    tasks: int = None  # type: ignore[assignment]  # until it is born
    balance: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.problem, str) or self.problem not in PROBLEMS:
            raise FieldError(
                OWNER, "problem", self.problem, f"one of {', '.join(PROBLEMS)}", repr(self.problem)
            )
        counts = {"d": self.problem_spec.dims, "tasks": self.problem_spec.task_counts}
        for param in SHARED:
            value = getattr(self, param.name)
            own = counts[param.name][0] if param.name in counts and value is None else value
            object.__setattr__(self, param.name, param.check(own, OWNER))
        for name, takes in counts.items():
            if getattr(self, name) not in takes:
                told = f"{', '.join(map(str, takes))} on {self.problem}"
                raise FieldError(OWNER, name, getattr(self, name), told)
        object.__setattr__(self, "balance", self._checked_balance())
        object.__setattr__(self, "preferences", self._checked_preferences())
        object.__setattr__(self, "params", MappingProxyType(self._checked_params()))
        object.__setattr__(self, "starts", self._checked_starts())

    @property
    def problem_spec(self) -> Problem:
        """Returns the problem."""
        return PROBLEMS[self.problem]

    @cached_property
    def resolved(self) -> Method:
        """Returns the method with every parameter decided."""
        return method(self.method, self.followed_preferences, **self.params)

    @property
    def followed_preferences(self) -> tuple[float, ...] | None:
        """Returns the preferences that the method's rule follows: None for a rule that takes none."""
        return None if method_spec(self.method).rule_spec.preferences == "none" else self.preferences

    @property
    def shares(self) -> np.ndarray:
        """Returns p [K]: the preferences, or 1/K for each of the K tasks."""
        return np.array(self.preferences or [1.0 / self.tasks] * self.tasks)

    @property
    def scales(self) -> tuple[float, ...]:
        """Returns b, what each task's loss is multiplied by: K numbers with mean 1."""
        even = (2.0 * self.s, 2.0 * (1.0 - self.s)) if self.tasks == 2 else (1.0,) * self.tasks
        return self.balance or even

    @property
    def task_names(self) -> tuple[str, ...]:
        """Returns what the K tasks are called."""
        return self.problem_spec.task_names(self.tasks)

    def _checked_balance(self) -> tuple[float, ...] | None:
        """Returns the balance, normalised to mean 1; None where none was given."""
        if self.s != BALANCE.default and (self.balance is not None or self.tasks != 2):
            takes = f"{BALANCE.default} where balance is given, and with more than two tasks"
            raise FieldError(OWNER, "s", self.s, takes)
        if self.balance is None:
            return None
        numbers = normalised(self.balance, OWNER, zeros=False, name="balance", total=self.tasks)
        check_count(numbers, self.tasks, OWNER, "balance")
        return numbers

    def _checked_preferences(self) -> tuple[float, ...] | None:
        """Returns the preferences, normalised; None where none were given."""
        if self.preferences is None:
            return None
        takes = method_spec(self.method).rule_spec.preferences
        numbers = normalised(self.preferences, OWNER, zeros=takes != "positive")
        check_count(numbers, self.tasks, OWNER)
        return numbers

    def _checked_params(self) -> dict[str, Any]:
        """Returns every adjustable parameter of the method, checked also against d and the number of tasks."""
        if not isinstance(self.params, Mapping) or not all(isinstance(name, str) for name in self.params):
            takes = "a mapping of names to values"
            raise FieldError(OWNER, "params", self.params, takes, repr(self.params))
        resolved = method(self.method, self.followed_preferences, **dict(self.params))
        resolved.spec.rule_spec.check_tasks(resolved.rule_params, self.tasks)
        resolved.spec.transform_spec.check_width(resolved.transform_params, self.d, OWNER)
        return {p.name: resolved.params[p.name] for p in resolved.spec.params}

    def _checked_starts(self) -> str | tuple[tuple[float, ...], ...]:
        """Returns the starts as they are named or as tuples of floats."""
        own = self.problem_spec.starts_name
        takes = f'"{own}", "random" or up to {MOST_STARTS} points of {self.d} finite numbers'
        if isinstance(self.starts, str):
            if self.starts not in (own, OLD_STARTS_NAME, "random"):
                raise FieldError(OWNER, "starts", self.starts, takes, repr(self.starts))
            return own if self.starts == OLD_STARTS_NAME else self.starts
        try:
            points = np.array(self.starts, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise FieldError(OWNER, "starts", self.starts, takes, repr(self.starts)) from error
        good = points.ndim == 2 and points.shape[1] == self.d and 1 <= len(points) <= MOST_STARTS
        if not good or not np.isfinite(points).all():
            raise FieldError(OWNER, "starts", self.starts, takes, repr(self.starts))
        self._check_reach(points)
        return tuple(tuple(map(float, point)) for point in points)

    def _check_reach(self, points: np.ndarray) -> None:
        """Raises FieldError for a start far outside the picture."""
        low, high = np.tile(np.array(self.problem_spec.bounds), (self.d // 2, 1)).T
        middle, reach = 0.5 * (low + high), REACH * (high - low)
        for point in points:
            for i in np.flatnonzero(np.abs(point - middle) > reach):
                floor, ceiling = middle[i] - reach[i], middle[i] + reach[i]
                takes = f"z_{i + 1} from {floor:.15g} to {ceiling:.15g} on {self.problem}"
                raise FieldError(OWNER, "starts", float(point[i]), takes, f"{point[i]:.15g}")
