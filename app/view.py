"""What is chosen on the Playground: one immutable value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from app.field_kinds import Field
from app.fields import default_dim, default_tasks, fields
from mtlcore.registry import method_spec
from mtlcore.spec import FieldError, MethodSpec
from toy_problems import ToyConfig
from toy_problems.config import BALANCE

MAX_METHODS = 8
RECORDS = 400  # a run keeps about this many steps
_OF_THE_PROBLEM = (
    "optimizer",
    "lr",
    "steps",
    "starts",
    "d",
    "tasks",
    "m",
    "pair",
    "record_every",
    "step",
    "swept",
)
# What a sweep does not depend on.
LOOKING_ON = ("look", "curve", "start", "step", "speed", "pair", "present", "swept")
LOOKING = (*LOOKING_ON, "of", "across", "up", "seeds")


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
        dim = self.chosen.get("d", default_dim(self.problem))
        return fields(self.problem, self.methods, dim, self.chosen.get("tasks", default_tasks(self.problem)))

    @property
    def specs(self) -> tuple[MethodSpec, ...]:
        """Returns the chosen methods' specifications."""
        return tuple(map(method_spec, self.methods))

    @property
    def picture(self) -> "View":
        """Returns this view without what is only a matter of where one looks: equal pictures run the same."""
        return replace(self, chosen={k: v for k, v in self.chosen.items() if k not in LOOKING})

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
        kept = {k: v for k, v in self.chosen.items() if k != "swept" or key in LOOKING_ON}
        return View(self.problem, self.methods, MappingProxyType({**kept, key: value}))._fitting()

    def opening(self, other: "View") -> "View":
        """Returns another view, shown in front of a class where this one is."""
        return other.having("present", self["present"])

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
        fitting = View(self.problem, self.methods, MappingProxyType(kept))
        for spec in fitting.specs:
            try:
                spec.transform_spec.check_width(fitting.transform_values(spec), fitting["d"], spec.key)
            except FieldError as refused:
                if refused.field in kept:
                    del kept[refused.field]
                    return View(self.problem, self.methods, MappingProxyType(kept))._fitting()
        return fitting

    def refusal(self, key: str, value: Any) -> FieldError | None:
        """Returns why a chosen transform does not take a value beside its others in so many dimensions, or None."""
        for spec in self.specs:
            values = self.transform_values(spec)
            if key in values:
                try:
                    spec.transform_spec.check_width({**values, key: value}, self["d"], spec.key)
                except FieldError as refused:
                    return refused
        return None

    def transform_values(self, spec: MethodSpec) -> dict[str, Any]:
        """Returns the values that a chosen method's transform runs with."""
        names = {p.name for p in spec.transform_spec.params}
        free = {p.name: self.chosen.get(p.name, p.default) for p in spec.params if p.name in names}
        return {**free, **{name: value for name, value in spec.fixed.items() if name in names}}

    def config(self, key: str) -> ToyConfig:
        """Returns the run of one of the chosen methods. Raises ValueError where it cannot run."""
        spec = method_spec(key)
        names = {p.name: f"{key}.{p.name}" for p in spec.rule_spec.params}
        names |= {p.name: p.name for p in spec.transform_spec.params}
        given = {p.name: self.chosen[names[p.name]] for p in spec.params if names[p.name] in self.chosen}
        return ToyConfig(
            problem=self.problem, method=key, params=given, optimizer=self["optimizer"], lr=self["lr"],
            steps=self["steps"], starts=self["starts"], seed=self["seed"], d=self["d"], tasks=self["tasks"],
            s=self["s"] if "s" in self.fields else BALANCE.default, balance=self.chosen.get("balance"),
            noise=self["noise"], record_every=self["record_every"] or max(1, self["steps"] // RECORDS),
            preferences=None if spec.rule_spec.preferences_alias in given else self.chosen.get("preferences"),
        )  # fmt: skip
