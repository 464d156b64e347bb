"""The ordered registries, RULES, TRANSFORMS, MODIFIERS, CONSTRUCTIONS and METHODS, and how a name becomes its parts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import import_module
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeVar

from mtlcore.constructions.construction import Construction
from mtlcore.methods import COMPOSED
from mtlcore.modified import modified
from mtlcore.preferences import preferences_of
from mtlcore.spec import FieldError, MethodSpec, ModifierSpec, Param, RuleSpec, TransformSpec, check_params

_RULES = (
    "uniform", "single_task", "rlw", "dwa", "uncertainty", "mgda", "gradnorm", "graddrop", "pcgrad",
    "gradvac", "cagrad", "imtl_g", "imtl_l", "imtl", "nash_mtl", "aligned_mtl", "rotograd_scale", "famo",
    "fairgrad", "upgrad", "dualproj", "config", "gls", "si", "db_mtl", "stch",
)  # fmt: skip
_TRANSFORMS = (
    "none", "rotation", "rotation_task", "rotation_blocks", "rigid", "rigid_sgd", "affine", "adversarial",
)  # fmt: skip

Spec = TypeVar("Spec")


_MODIFIERS = ("unit", "ema")
_CONSTRUCTIONS = (
    "mgda", "graddrop", "pcgrad", "gradvac", "cagrad", "imtl_g", "nash_mtl", "aligned_mtl", "rotograd_scale",
    "fairgrad", "upgrad", "dualproj",
)  # fmt: skip


class _Specs(Mapping[str, Spec]):
    """Specifications by key, in order; a module, with its machine code, is read when it is first asked for."""

    def __init__(self, package: str, keys: tuple[str, ...]) -> None:
        self._package = package
        self._keys = keys

    def __getitem__(self, key: str) -> Spec:
        if key not in self._keys:
            raise KeyError(key)
        spec: Spec = import_module(f"{self._package}.{key}").SPEC
        return spec

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


RULES: Mapping[str, RuleSpec] = _Specs("mtlcore.rules", _RULES)
TRANSFORMS: Mapping[str, TransformSpec] = _Specs("mtlcore.transforms", _TRANSFORMS)
MODIFIERS: Mapping[str, ModifierSpec] = _Specs("mtlcore.modifiers", _MODIFIERS)
CONSTRUCTIONS: Mapping[str, Construction] = _Specs("mtlcore.constructions", _CONSTRUCTIONS)
LEVELS = ("parameters", "features", "last_shared")


class _Around(Mapping[str, RuleSpec]):
    """Every rule, and every rule of the Gram matrix with a modifier around it, by "modifier-rule"."""

    def __getitem__(self, key: str) -> RuleSpec:
        return rule_spec(key) if "-" in key else RULES[key]

    def __iter__(self) -> Iterator[str]:
        gram = [key for key in RULES if RULES[key].kind == "gram"]
        return chain(RULES, (f"{around}-{key}" for around in MODIFIERS for key in gram))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def rule_spec(key: str) -> RuleSpec:
    """Returns the specification of a rule, or of "modifier-rule".

    Raises FieldError naming the unknown part and listing the choices, and ValueError for a rule that takes no modifier.
    """
    around, dash, rule = key.rpartition("-") if isinstance(key, str) else ("", "", key)
    if rule not in RULES:
        raise FieldError("", "rule", rule, f"one of {', '.join(RULES)}")
    if not dash:
        return RULES[rule]
    if around not in MODIFIERS:
        raise FieldError(key, "modifier", around, f"one of {', '.join(MODIFIERS)}, and only one")
    return _modified(around, rule)


@cache
def _modified(around: str, rule: str) -> RuleSpec:
    """Returns the same specification for the same names."""
    return modified(MODIFIERS[around], RULES[rule])


RULES_AROUND: Mapping[str, RuleSpec] = _Around()


class _Methods(Mapping[str, MethodSpec]):
    """The named methods, in the order of their rules: each rule's own, then those composed with a transform.

    One that has its rule's name, or a composed one, is found without reading the other rules.
    """

    @cached_property
    def _found(self) -> dict[str, MethodSpec]:
        return {}

    @cached_property
    def _all(self) -> Mapping[str, MethodSpec]:
        listed = (spec for rule in RULES for spec in (*RULES[rule].methods, *COMPOSED.get(rule, ())))
        return {spec.key: self._complete(spec) for spec in listed}

    def _complete(self, spec: MethodSpec) -> MethodSpec:
        return self._found.setdefault(spec.key, replace(spec, rules=RULES_AROUND, transforms=TRANSFORMS))

    def __getitem__(self, key: str) -> MethodSpec:
        if key not in self._found:
            near = (*chain(*COMPOSED.values()), *(RULES[key].methods if key in RULES else ()))
            for spec in near:
                if spec.key == key:
                    return self._complete(spec)
            return self._all[key]
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


METHODS: Mapping[str, MethodSpec] = _Methods()


@dataclass(frozen=True)
class Method:
    """A method with every parameter decided: what the engines and `MultiTask` take.

    given: the names of the parameters that the caller decided; the others have their defaults.
    """

    spec: MethodSpec
    transform_params: Mapping[str, Any]
    rule_params: Mapping[str, Any]
    preferences: tuple[float, ...] | None = None  # K numbers that sum to 1; None: all tasks count the same
    given: frozenset[str] = field(default=frozenset(), compare=False)

    def on_networks(self) -> "Method":
        """Returns this method as networks take it: what was not given has the networks' default, where there is one."""
        decided = self.given | self.spec.defaults.keys() | self.spec.fixed.keys()
        own = {
            p.name: p.network_default
            for p in self.spec.transform_spec.params
            if p.network_default is not None and p.name not in decided
        }
        return replace(self, transform_params=MappingProxyType({**self.transform_params, **own}))

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

    The rule may have a modifier before it: "transform+modifier-rule@level".

    Raises FieldError naming the unknown part and listing the choices, and for a rule that takes no modifier.
    """
    if isinstance(key, str) and key in METHODS:
        return METHODS[key]
    if not isinstance(key, str) or "+" not in key:
        raise FieldError(
            "", "method", key, f"one of {', '.join(METHODS)}, or transform+[modifier-]rule@level", repr(key)
        )
    transform, _, rest = key.partition("+")
    asked, _, level = rest.partition("@")
    around, _, rule = asked.rpartition("-")
    level = level or "parameters"
    for name, part, known in (
        ("transform", transform, TRANSFORMS), ("rule", rule, RULES), ("level", level, LEVELS),
    ):  # fmt: skip
        if part not in known:
            raise FieldError(f"method {key!r}", name, part, f"one of {', '.join(known)}")
    spec = rule_spec(asked)
    title = f"{TRANSFORMS[transform].title} + {spec.title} ({level})"
    return MethodSpec(
        key, title, rule, transform, level, spec.cite,
        modifier=around, rules=RULES_AROUND, transforms=TRANSFORMS,
    )  # fmt: skip


def method(key: str, preferences: Sequence[float] | None = None, **params: Any) -> Method:
    """Returns the named method with its parameters checked and filled in.

    preferences: how much each task counts, as `mtlcore.rule` takes them. Raises FieldError naming the method, the
    parameter, its range or choices, and ValueError with the reason for preferences its rule does not take.
    """
    spec = method_spec(key)
    values = check_params(spec.params, params, spec.key) | dict(spec.fixed)

    def pick(of: tuple[Param, ...]) -> Mapping[str, Any]:
        return MappingProxyType({p.name: values.get(p.name, p.default) for p in of})

    transform, rule = pick(spec.transform_spec.params), pick(spec.rule_spec.params)
    counted = preferences_of(spec.rule_spec, preferences, rule)
    return Method(spec, transform, rule, counted, frozenset(params))
