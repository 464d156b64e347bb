"""The ordered registries: RULES, TRANSFORMS and METHODS, and how a method's name becomes its parts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from types import MappingProxyType
from typing import Any, TypeVar

from mtlcore.preferences import preferences_of
from mtlcore.spec import Param, RuleSpec, TransformSpec, check_params

_RULES = (
    "uniform", "single_task", "rlw", "dwa", "uncertainty", "mgda", "gradnorm", "graddrop", "pcgrad",
    "gradvac", "cagrad", "imtl_g", "imtl_l", "imtl", "nash_mtl", "aligned_mtl", "rotograd_scale", "famo",
    "fairgrad", "upgrad", "dualproj", "stch",
)  # fmt: skip
_TRANSFORMS = ("none", "rotation", "rotation_task", "rigid", "rigid_sgd", "affine", "adversarial")

Spec = TypeVar("Spec")


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
LEVELS = ("parameters", "features", "last_shared")


@dataclass(frozen=True)
class MethodSpec:
    """A named method: a transform, a rule, the level the rule looks at, and what the name fixes of them.

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

    @cached_property
    def params(self) -> tuple[Param, ...]:
        """Returns the adjustable parameters, transform's first, carrying this method's own defaults."""
        free = (p for p in (*self.transform_spec.params, *self.rule_spec.params) if p.name not in self.fixed)
        return tuple(replace(p, default=self.defaults.get(p.name, p.default)) for p in free)


_ROTOGRAD = "Javaloy & Valera 2021"
_ROTOGRAD_V1 = "Javaloy & Valera, first version"
_ALL = (
    MethodSpec(
        "uniform", "Uniform (vanilla)", "uniform", cite="Linear scalarization",
        note="The gradient of the mean loss: what training does when nothing is balanced.",
    ),
    MethodSpec(
        "single_task", "Single task", "single_task", cite="The single-task baseline of " + _ROTOGRAD,
        note="Trains one task only; the yardstick of relative task improvement.",
    ),
    MethodSpec("rlw", "RLW", "rlw", cite="Lin et al. 2022", note="Random weights, new at every step."),
    MethodSpec(
        "dwa", "DWA", "dwa", cite="Liu et al. 2019",
        note="More weight for the tasks whose loss fell least of late; losses only, one backward.",
    ),
    MethodSpec(
        "uncertainty", "Uncertainty", "uncertainty", cite="Kendall et al. 2018",
        note="Learns one log variance a task; in the long run the weight is one over the loss.",
    ),
    MethodSpec(
        "mgda", "MGDA", "mgda", cite="Désidéri 2012; Sener & Koltun 2018",
        note="The shortest vector in the hull of the gradients, found exactly; it stops at any Pareto stationary "
        "point. With a normalisation the update is not always a descent direction.",
    ),
    MethodSpec(
        "mgda_ub", "MGDA-UB", "mgda", level="features", cite="Sener & Koltun 2018",
        note="MGDA on the gradients at the shared feature: one backward through the backbone whatever K.",
    ),
    MethodSpec(
        "gradnorm_w", "GradNorm-W", "gradnorm", level="last_shared", cite="Chen et al. 2018",
        note="Gradient norms are measured at the last shared module, as published.",
    ),
    MethodSpec(
        "gradnorm_z", "GradNorm-Z", "gradnorm", level="features", cite="Chen et al. 2018; " + _ROTOGRAD,
        note="Gradient norms are measured at the shared feature.",
    ),
    MethodSpec(
        "graddrop", "GradDrop", "graddrop", level="features", cite="Chen et al. 2020",
        note="Draws one sign for each feature and drops the gradients of the other sign.",
    ),
    MethodSpec(
        "pcgrad", "PCGrad", "pcgrad", cite="Yu et al. 2020",
        note="Takes out of each gradient what opposes another one, pair by pair in a random order.",
    ),
    MethodSpec(
        "gradvac", "GradVac", "gradvac", cite="Wang et al. 2021",
        note="Turns each pair towards the cosine it had on average, also where there is no conflict.",
    ),
    MethodSpec(
        "cagrad", "CAGrad", "cagrad", cite="Liu et al. 2021 (CAGrad)",
        note="Helps the worst task within a ball around the mean gradient, so it still lowers the mean loss.",
    ),
    MethodSpec(
        "imtl_g", "IMTL-G", "imtl_g", cite="Liu et al. 2021 (IMTL)",
        note="The update has the same projection on every gradient; weights may be negative.",
    ),
    MethodSpec(
        "imtl_g_ub", "IMTL-G (features)", "imtl_g", level="features", cite="Liu et al. 2021 (IMTL)",
        note="IMTL-G on the gradients at the shared feature: what IMTL-G + R_k is without its rotations.",
    ),
    MethodSpec(
        "imtl", "IMTL", "imtl", cite="Liu et al. 2021 (IMTL)",
        note="IMTL-G on gradients whose losses were first brought to one size by learned scales.",
    ),
    MethodSpec(
        "imtl_g_rk", "IMTL-G + R_k", "imtl_g", "rotation_task", "features", _ROTOGRAD + ", section 6",
        note="Equal projections, and rotations trained on the task losses: what rotations alone bring.",
    ),
    MethodSpec(
        "nash_mtl", "Nash-MTL", "nash_mtl", cite="Navon et al. 2022",
        note="The bargaining solution. With max_norm 1 nearly every step has unit length, so plain SGD "
        "never settles: use Adam, a decaying rate or another max_norm.",
    ),
    MethodSpec(
        "aligned_mtl", "Aligned-MTL", "aligned_mtl", cite="Senushkin et al. 2023, Algorithm 1",
        note="Replaces the gradients by the nearest orthogonal ones of equal length; ends where the given "
        "preferences say.",
    ),
    MethodSpec(
        "aligned_mtl_ub", "Aligned-MTL-UB", "aligned_mtl", level="features", cite="Senushkin et al. 2023",
        note="Aligned-MTL on the gradients at the shared feature: one backward through the backbone "
        "whatever K.",
    ),
    MethodSpec(
        "rotate_only", "RotateOnly", "uniform", "rotation", "features", _ROTOGRAD,
        note="RotoGrad without its scale: the directions are aligned, the lengths are left as they are. Where the "
        "tasks are equally loud it solves as many seeds of the toy problems as RotoGrad, where one is much louder "
        "fewer.",
    ),
    MethodSpec(
        "rotograd", "RotoGrad", "rotograd_scale", "rotation", "features", _ROTOGRAD,
        note="Equal lengths and aligned directions; the rotations must learn quickly enough to align, and "
        "slowly enough for the network to follow.",
    ),
    MethodSpec(
        "rotograd_scale", "RotoGrad scale only (m = 0)", "rotograd_scale", level="features", cite=_ROTOGRAD,
        note="RotoGrad without its rotations: only the lengths are made equal.",
    ),
    MethodSpec(
        "rotograd_v1", "RotoGrad v1", "gradnorm", "rigid", "features", _ROTOGRAD_V1,
        note="The first version of RotoGrad: rigid motions towards closed-form targets, lengths by GradNorm. It solves "
        "most seeds of the convex toy problem and hardly any of the non-convex one.",
    ),
    MethodSpec(
        "rotograd_v1_sgd", "RotoGrad v1 sgd", "gradnorm", "rigid_sgd", "features", _ROTOGRAD_V1,
        note="The first version with its least-squares problem followed down the gradient instead of solved.",
    ),
    MethodSpec(
        "d_grad", "d-grad", "uniform", "affine", "features", _ROTOGRAD_V1,
        note="A free linear map for each task, trained on its loss: the capacity that rotations are compared with.",
    ),
    MethodSpec(
        "adversarial", "Adversarial", "uniform", "adversarial", cite="After Maninis et al. 2019",
        note="The shared parameters hide from a discriminator which task a gradient belongs to; reference engine "
        "only.",
    ),
    MethodSpec(
        "famo", "FAMO", "famo", cite="Liu et al. 2023",
        note="Lets all log losses fall at one pace; losses only, one backward.",
    ),
    MethodSpec(
        "fairgrad", "FairGrad", "fairgrad", cite="Ban & Ji 2024",
        note="Alpha-fair sharing of the improvement; alpha 1 is the bargaining solution, larger favours the "
        "worst off.",
    ),
    MethodSpec(
        "upgrad", "UPGrad", "upgrad", cite="Quinton & Rey 2024",
        note="Every gradient is projected to where it opposes no task, then the mean is taken.",
    ),
    MethodSpec(
        "dualproj", "DualProj", "dualproj", cite="Lopez-Paz & Ranzato 2017 (GEM)",
        note="The mean gradient is projected to where it opposes no task.",
    ),
    MethodSpec(
        "stch", "STCH", "stch", cite="Lin et al. 2024",
        note="A smooth maximum of the log losses: the worst task counts most; losses only, one backward.",
    ),
)  # fmt: skip
METHODS: Mapping[str, MethodSpec] = MappingProxyType({spec.key: spec for spec in _ALL})


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

    Raises ValueError naming the unknown part and listing the choices.
    """
    if isinstance(key, str) and key in METHODS:
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


def method(key: str, preferences: Sequence[float] | None = None, **params: Any) -> Method:
    """Returns the named method with its parameters checked and filled in.

    preferences: how much each task counts, as `mtlcore.rule` takes them. Raises ValueError naming the method, the
    parameter, its range or choices, and, with the reason, for preferences its rule does not take.
    """
    spec = method_spec(key)
    values = check_params(spec.params, params, spec.key) | dict(spec.fixed)

    def pick(of: tuple[Param, ...]) -> Mapping[str, Any]:
        return MappingProxyType({p.name: values.get(p.name, p.default) for p in of})

    transform, rule = pick(spec.transform_spec.params), pick(spec.rule_spec.params)
    counted = preferences_of(spec.rule_spec, preferences, rule)
    return Method(spec, transform, rule, counted, frozenset(params))
