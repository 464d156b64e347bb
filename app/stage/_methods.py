"""One method's part of a recipe: its kernels' names, and what stands in their parameters, in order."""

from collections.abc import Iterator
from typing import Any

from app.view import View
from mtlcore.draws import NOISE_SIZE
from mtlcore.modified import ModifiedRule
from mtlcore.presence import state_layout
from mtlcore.registry import method_spec
from mtlcore.spec import MethodSpec, Param, RuleSpec
from toy_problems.compiled.arrays import LEVELS

TRANSFORM_PARTS = ("learn", "extent", "begin")


def method_recipe(view: View, key: str) -> dict[str, Any]:
    """Returns what the page needs to know of one of the view's methods, but for its title and its words.

    `hp` and `transform_hp` list the parts of the kernels' parameters: a number stands for itself, {"at": name} for
    where a kernel is, {"field": key, "own": numbers} for what is chosen under that key, the method's own where nothing
    is. `follows`: whether the preferences stand behind them, where some are chosen; `alias`: the field of the rule's
    own older word for them, which takes their place where it is chosen.
    """
    spec, config = method_spec(key), view.config(key)
    rule = spec.rule_spec
    level = config.resolved.level if rule.needs_gradients else "features"
    return {
        "key": key,
        "rule": rule_name(spec),
        "elementwise": rule.kind == "elementwise",
        "level": LEVELS[level],
        "noise": list(NOISE_SIZE).index(rule.noise),
        "state": list(state_layout(rule.state_size)),
        "hp": list(_rule_parts(spec, f"{key}.", rule)),
        "follows": rule.preferences != "none",
        "alias": f"{key}.{rule.preferences_alias}" if rule.preferences_alias else None,
        "transform": None if spec.transform_spec.compiled is None else f"transform:{spec.transform}",
        "transform_hp": [part for p in spec.transform_spec.params for part in _part(spec, p, p.name)],
    }


def names_of(view: View, key: str) -> frozenset[str]:
    """Returns the names of the kernels of one method, as the engine's manifest has them."""
    told = method_recipe(view, key)
    handed = {part["at"] for part in told["hp"] if isinstance(part, dict) and "at" in part}
    transform = {f"{told['transform']}:{part}" for part in TRANSFORM_PARTS} if told["transform"] else set()
    return frozenset({told["rule"], *handed, *transform})


def rule_name(spec: MethodSpec) -> str:
    """Returns the manifest's name of the kernel that an engine calls for a method's rule."""
    return f"modifier:{spec.modifier}" if spec.modifier else f"rule:{spec.rule}"


def _rule_parts(spec: MethodSpec, prefix: str, rule: RuleSpec) -> Iterator[Any]:
    """Yields the parts of hp in the order of `RuleSpec.encode`, but for the preferences."""
    if not isinstance(rule, ModifiedRule):
        yield from _parts(spec, prefix, rule.params)
        return
    own = list(_parts(spec, prefix, rule.modifier.params))
    inner = list(_parts(spec, prefix, rule.rule.params))
    numbers = rule.encode({p.name: p.default for p in rule.params})
    before = numbers[
        1 : numbers.size - len(own) - len(inner)
    ]  # of the header: the rule's address stands first
    yield {"at": f"rule:{spec.rule}"}
    yield from [*map(float, before), *own, *inner]


def _parts(spec: MethodSpec, prefix: str, params: tuple[Param, ...]) -> Iterator[Any]:
    vectors = [p for p in params if p.kind == "vector"]
    for p in (*(p for p in params if p.kind != "vector"), *vectors):
        yield from _part(spec, p, f"{prefix}{p.name}")


def _part(spec: MethodSpec, param: Param, field: str) -> Iterator[Any]:
    """Yields one part where the parameter can be chosen, its numbers where the method's name fixes it."""
    free = {p.name: p for p in spec.params}
    if param.name in free:
        yield {"field": field, "own": param.encode(free[param.name].default)}
    else:
        yield from param.encode(spec.fixed.get(param.name, param.default))
