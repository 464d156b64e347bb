"""The ordered registries: RULES, TRANSFORMS and METHODS, and how a method's name becomes its parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mtlcore.rules import rotograd_scale, uniform
from mtlcore.rules._types import Param, RuleSpec, check_params
from mtlcore.transforms import TRANSFORMS, TransformSpec

# In the order of a person's first meeting with them.
_RULES = (
    uniform, rotograd_scale,
)  # fmt: skip
RULES: Mapping[str, RuleSpec] = MappingProxyType({module.SPEC.key: module.SPEC for module in _RULES})
LEVELS = ("parameters", "features", "last_shared")


@dataclass(frozen=True)
class MethodSpec:
    """A named method: a transform, a rule, the level the rule looks at, and what the name fixes of their parameters.

    `defaults` replace the parameters' own defaults and stay adjustable; `fixed` are part of the name.
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

    @property
    def rule_spec(self) -> RuleSpec:
        """Returns the rule's specification."""
        return RULES[self.rule]

    @property
    def transform_spec(self) -> TransformSpec:
        """Returns the transform's specification."""
        return TRANSFORMS[self.transform]

    @property
    def params(self) -> tuple[Param, ...]:
        """Returns the adjustable parameters, transform's first, carrying this method's own defaults."""
        from dataclasses import replace

        free = (p for p in (*self.transform_spec.params, *self.rule_spec.params) if p.name not in self.fixed)
        return tuple(replace(p, default=self.defaults.get(p.name, p.default)) for p in free)


_ALL = (
    MethodSpec("uniform", "Uniform (vanilla)", "uniform", cite="Linear scalarization"),
    MethodSpec(
        "rotate_only",
        "RotateOnly",
        "uniform",
        "rotation",
        "features",
        "Javaloy & Valera 2021",
        note="RotoGrad without its scale: the directions are aligned, the lengths are left as they are.",
    ),
    MethodSpec(
        "rotograd",
        "RotoGrad",
        "rotograd_scale",
        "rotation",
        "features",
        "Javaloy & Valera 2021",
        note="Equal lengths and aligned directions; the rotations must learn quickly enough to align and slowly "
        "enough for the network to follow.",
    ),
    MethodSpec(
        "rotograd_scale",
        "RotoGrad scale only (m = 0)",
        "rotograd_scale",
        "none",
        "features",
        "Javaloy & Valera 2021, eq. 1-2",
        note="RotoGrad without its rotations: only the lengths are made equal.",
    ),
)
METHODS: Mapping[str, MethodSpec] = MappingProxyType({spec.key: spec for spec in _ALL})


@dataclass(frozen=True)
class Method:
    """A method with every parameter decided: what the engines and `MultiTask` take."""

    spec: MethodSpec
    transform_params: Mapping[str, Any]
    rule_params: Mapping[str, Any]

    @property
    def transform(self) -> str:
        """Returns the transform's key."""
        return self.spec.transform

    @property
    def level(self) -> str:
        """Returns where the Gram matrix is measured."""
        return self.spec.level

    @property
    def params(self) -> dict[str, Any]:
        """Returns transform and rule parameters in one dictionary."""
        return {**self.transform_params, **self.rule_params}


def method_spec(key: str) -> MethodSpec:
    """Returns the specification for a method's name or for a composition "transform+rule@level".

    Raises ValueError naming the unknown part and listing the choices.
    """
    if key in METHODS:
        return METHODS[key]
    if not isinstance(key, str) or "+" not in key:
        raise ValueError(f"method takes one of {', '.join(METHODS)}, or transform+rule@level; got {key!r}.")
    transform, _, rest = key.partition("+")
    rule, _, level = rest.partition("@")
    level = level or "parameters"
    for name, part, known in (
        ("transform", transform, TRANSFORMS), ("rule", rule, RULES), ("level", level, LEVELS),
    ):  # fmt: skip
        if part not in known:
            raise ValueError(f"method {key!r}: {name} takes one of {', '.join(known)}, got {part!r}.")
    title = f"{TRANSFORMS[transform].title} + {RULES[rule].title} ({level})"
    return MethodSpec(key, title, rule, transform, level, RULES[rule].cite)


def method(key: str, **params: Any) -> Method:
    """Returns the named method with its parameters checked and filled in.

    Raises ValueError naming the method, the parameter, its range or choices.
    """
    spec = method_spec(key)
    values = check_params(spec.params, params, spec.key) | dict(spec.fixed)

    def pick(of: tuple[Param, ...]) -> Mapping[str, Any]:
        return MappingProxyType({p.name: values.get(p.name, p.default) for p in of})

    return Method(spec, pick(spec.transform_spec.params), pick(spec.rule_spec.params))
