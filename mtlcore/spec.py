"""What rules, transforms and methods say of themselves, once: parameters, specifications, statuses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import Any, Literal

import numpy as np

from mtlcore.draws import NOISE_SIZE, Noise, draw_noise
from mtlcore.param import FieldError, Param, check_params
from mtlcore.properties import LOSSES_DECIDE, PROPERTIES
from mtlcore.transform_spec import WIDEST, TransformSpec

__all__ = [
    "LOSSES_DECIDE", "PROPERTIES", "WIDEST", "FieldError", "MethodSpec", "ModifierSpec", "Noise", "Param", "RuleSpec",
    "Status", "TransformSpec", "check_params", "draw_noise",
]  # fmt: skip


class Status(IntEnum):
    """What a rule says of its own answer; the integer is what the kernel returns."""

    OK = 0
    STATIONARY = 1
    NOT_CONVERGED = 2


def _no_losses(values: Mapping[str, Any]) -> bool:
    """Needs no losses whatever its parameters."""
    return False


def _one(values: Mapping[str, Any]) -> float:
    """Is of degree one whatever its parameters."""
    return 1.0


def _any_tasks(values: Mapping[str, Any], tasks: int) -> None:
    """Accepts every number of tasks."""


def _weighted(rows: np.ndarray, w: np.ndarray, p: np.ndarray, values: Mapping[str, Any]) -> np.ndarray:
    """Returns every gradient times its weight over its preference: what a rule that only weighs does to them."""
    ratio = np.divide(w, p, out=np.ones_like(w), where=p > 0.0)  # who has no preference has no weight either
    return rows * ratio[..., None]


@dataclass(frozen=True)
class RuleSpec:
    """Everything there is to know about a rule, stated once.

    kind: gram (a map from the Gram matrix), loss (published as a weighted loss) or elementwise.
    needs: subset of {"gram", "losses", "losses_after", "gradients"}; losses_after means that it uses them
        when given: the kernel then gets losses [2K], this batch's before and after the step.
    properties: names from PROPERTIES that hold; exemptions: property -> reason why it does not.
    losses_when: parameter values -> whether they make it need losses, for a rule whose `needs` has none.
    check_tasks: (parameter values, K) -> None, raises ValueError where they do not suit K tasks.
    state_size: number of float64 of state for K tasks; all zero is the state before the first step. Its layout:
         numbers that belong to no task, then blocks [K], then matrices [K, K], so that absent tasks' state can wait.
    idle_state: why what it keeps changes no weight at its defaults, for a rule of which that is so.
    after: (gradients as rows, weights, preferences, parameter values) -> the gradients after the rule, whose mean is
        its update; see `rules._after`. None, here or from it: not known.
    given_weights: whether each weight is given beforehand and depends on no other task: an absent task is then
         left out and the others keep theirs; every other rule is applied to the tasks present.
    head_state: where a rule that gives the heads other weights than p or w leaves them: state[K head_state:][:K].
    head_rule: the rule of the losses alone whose weights those are.
    preferences: whether it takes preferences p, and then whether a task may have none (`nonnegative`).
    no_preferences: why it takes none, as the end of the sentence "MGDA takes no preferences: ...".
    preferences_alias: its own parameter that says the same, kept for old calls and links.
    degree: parameter values -> the degree of the update in the gradients: c G at fixed losses gives c^degree d.
    stands_still: why its update can be 0 where some step would still help every task, as the end of the sentence
        "IMTL-G stands still: ...".
    unbounded: why its update can be far longer than the gradients, as the end of "... : it divides by the losses".
    notation: the symbols of its equation that mean something here alone: as written -> (shown, meaning).
    methods: the methods that are this rule alone, at one level or another, by the names people know them by.
    """

    key: str
    title: str
    equation: str
    idea: str
    cite: str
    kind: Literal["gram", "loss", "elementwise"]
    needs: frozenset[str]
    kernel: Any = field(repr=False, compare=False)
    params: tuple[Param, ...] = ()
    state_size: Callable[[int], int] = field(default=lambda tasks: 0, repr=False, compare=False)
    after: Callable[..., np.ndarray | None] | None = field(default=_weighted, repr=False, compare=False)
    head_state: int | None = None
    head_rule: str = ""
    idle_state: str = ""
    preferences: Literal["none", "positive", "nonnegative"] = "none"
    no_preferences: str = ""
    preferences_alias: str = ""
    given_weights: bool = False
    noise: Noise = "none"
    properties: frozenset[str] = frozenset()
    exemptions: Mapping[str, str] = field(default_factory=dict)
    degree: Callable[[Mapping[str, Any]], float] = field(default=_one, repr=False, compare=False)
    stands_still: str = ""
    unbounded: str = ""
    notation: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False, compare=False)
    methods: "tuple[MethodSpec, ...]" = field(default=(), repr=False, compare=False)
    losses_when: Callable[[Mapping[str, Any]], bool] = field(default=_no_losses, repr=False, compare=False)
    check_tasks: Callable[[Mapping[str, Any], int], None] = field(
        default=_any_tasks, repr=False, compare=False
    )

    @property
    def needs_gradients(self) -> bool:
        """Whether the rule looks at task gradients: without, it has no level and needs one backward."""
        return bool(self.needs & {"gram", "gradients"})

    def takes_losses(self, values: Mapping[str, Any]) -> bool:
        """Returns whether the rule reads losses with these parameter values."""
        return "losses" in self.needs or self.losses_when(values)

    def noise_size(self, tasks: int, dim: int) -> int:
        """Returns how many random numbers one step takes, for `tasks` tasks and `dim` feature coordinates."""
        return NOISE_SIZE[self.noise](tasks, dim)

    def encode(self, values: Mapping[str, Any], preferences: Sequence[float] | None = None) -> np.ndarray:
        """Returns hp, the kernel's parameter vector: scalars in the order of `params`, vectors, preferences [K].

        Without preferences nothing stands in their place: they are equal.
        """
        scalars = [p for p in self.params if p.kind != "vector"]
        vectors = [p for p in self.params if p.kind == "vector"]
        numbers = [x for p in (*scalars, *vectors) for x in p.encode(values[p.name])]
        return np.array([*numbers, *(() if preferences is None else preferences)], dtype=np.float64)


def _same(degree: float) -> float:
    """Leaves a rule's degree as it is."""
    return degree


def _only_weighed(
    rule_after: Callable[..., np.ndarray | None], rows: np.ndarray, w: np.ndarray, p: np.ndarray, values: Any
) -> np.ndarray:
    """Returns every gradient times its weight over its preference, whatever the rule does to them."""
    return _weighted(rows, w, p, values)


@dataclass(frozen=True)
class ModifierSpec:
    """What is done around a rule of the Gram matrix: its equation, its idea, its source and its parameters.

    kernel: of a rule's signature; it asks the rule by `solvers.inner_rule.ask` and keeps its own state in `blocks`
    blocks [K] behind the rule's. degree: a rule's degree in the gradients -> that of the rule with this around it.
    after: (the rule's `after`, gradients, weights, preferences, the rule's parameter values) -> the gradients after
    both, as for RuleSpec. keeps_given: whether weights that are given beforehand are so with this around them, too.
    notation: as for RuleSpec.
    """

    key: str
    title: str
    equation: str
    idea: str
    kernel: Any = field(repr=False, compare=False)
    cite: str = ""
    params: tuple[Param, ...] = ()
    blocks: int = 0
    keeps_given: bool = False
    degree: Callable[[float], float] = field(default=_same, repr=False, compare=False)
    after: Callable[..., np.ndarray | None] = field(default=_only_weighed, repr=False, compare=False)
    notation: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class MethodSpec:
    """A named method: a transform, a rule, the level the rule looks at, and what the name fixes of them.

    `modifier` is what is done around the rule, "" for nothing. `defaults` replace the parameters' own defaults and stay
    adjustable; `fixed` are part of the name. `rules` and `transforms` are where rule, with its modifier, and transform
    are looked up, when they are asked for: the registry's mappings.
    """

    key: str
    title: str
    rule: str
    transform: str = "none"
    level: str = "parameters"
    cite: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    modifier: str = ""
    rules: Mapping[str, RuleSpec] = field(default_factory=dict, repr=False, compare=False)
    transforms: Mapping[str, TransformSpec] = field(default_factory=dict, repr=False, compare=False)

    @property
    def rule_spec(self) -> RuleSpec:
        """The specification of the rule, with its modifier around it."""
        return self.rules[self.rule_key]

    @property
    def rule_key(self) -> str:
        """The rule's key, with its modifier's before it: what `mtlcore.rule` takes."""
        return f"{self.modifier}-{self.rule}" if self.modifier else self.rule

    @property
    def transform_spec(self) -> TransformSpec:
        """The transform's specification."""
        return self.transforms[self.transform]

    @property
    def has_level(self) -> bool:
        """Whether the level says something: the rule looks at gradients, or the transform learns from them."""
        return self.rule_spec.needs_gradients or self.has_transform

    @property
    def has_transform(self) -> bool:
        """Whether its transform does anything, whatever values it takes."""
        return not self.transform_spec.idle({})

    def backward_passes(self, tasks: int) -> int:
        """Returns how many backward passes through the shared network a step takes: one a task where the rule looks
        at the gradients of all shared parameters, else one.
        """
        return tasks if self.level == "parameters" and self.rule_spec.needs_gradients else 1

    @cached_property
    def params(self) -> tuple[Param, ...]:
        """The adjustable parameters, the transform's first, with this method's own defaults."""
        free = (p for p in (*self.transform_spec.params, *self.rule_spec.params) if p.name not in self.fixed)
        return tuple(replace(p, default=self.defaults.get(p.name, p.default)) for p in free)
