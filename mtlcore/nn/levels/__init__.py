"""The levels: where the task gradients that a rule looks at are measured. Each is one small strategy."""

from collections.abc import Mapping

from mtlcore.nn.levels.features import FeatureLevel
from mtlcore.nn.levels.last_shared import LastSharedLevel
from mtlcore.nn.levels.level import Level
from mtlcore.nn.levels.parameters import ParameterLevel
from mtlcore.spec import RuleSpec

__all__ = [
    "LEVELS",
    "FeatureLevel",
    "LastSharedLevel",
    "Level",
    "ParameterLevel",
    "checked_level",
    "level_of",
]

LEVELS: Mapping[str, type[Level]] = {
    level.key: level for level in (ParameterLevel, FeatureLevel, LastSharedLevel)
}
_CHEAPEST = (
    FeatureLevel  # for a rule that looks at no gradients: the heads' backward measures them on its way
)


def checked_level(rule: RuleSpec, key: str) -> type[Level]:
    """Returns the level of this key. Raises ValueError where the rule cannot be applied at it."""
    level = LEVELS[key]
    if rule.kind == "elementwise" and not level.takes_elementwise:
        takes = " or ".join(sorted(name for name, one in LEVELS.items() if one.takes_elementwise))
        raise ValueError(f"{rule.key} takes the level {takes}, got {key}.")
    return level


def level_of(rule: RuleSpec, key: str) -> type[Level]:
    """Returns the level at which a step is measured: the one of this key, if the rule looks at gradients at all."""
    return LEVELS[key] if rule.needs_gradients else _CHEAPEST
