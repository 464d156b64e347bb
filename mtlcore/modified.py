"""A rule with a modifier around it: a rule like any other, for whoever asks it.

Its kernel is the modifier's, with a rule's signature, and what it gets as hp begins with the address of the rule's own
kernel (`mtlcore.solvers.inner_rule`): the engines, networks and `Rule` need to know nothing of modifiers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mtlcore.compiled.pointers import RULE_POINTER, address
from mtlcore.presence import state_layout
from mtlcore.spec import ModifierSpec, RuleSpec

_NOISE_POWER = {"none": 0, "normal": 1, "order": 2}


@dataclass(frozen=True, kw_only=True)
class ModifiedRule(RuleSpec):
    """The specification of a rule with a modifier around it; `encode` writes what the modifier's kernel reads."""

    rule: RuleSpec
    modifier: ModifierSpec

    def encode(self, values: Mapping[str, Any], preferences: Sequence[float] | None = None) -> np.ndarray:
        """Returns the kernel's hp: the rule's address and layout, the modifier's numbers, the rule's numbers.

        It holds for this process alone, where the rule's machine code is.
        """
        inner, modifier = with_defaults(self.rule, values), self.modifier
        own = [x for p in modifier.params for x in p.encode(values[p.name])]
        common, blocks, matrices = state_layout(self.rule.state_size)
        header = (
            address(self.rule.kernel, RULE_POINTER),
            len(own),
            self.rule.encode(inner).size,
            *(common, blocks, modifier.blocks, matrices),
            _NOISE_POWER[self.rule.noise],
        )
        return np.array([*header, *own, *self.rule.encode(inner, preferences)], dtype=np.float64)


def with_defaults(rule: RuleSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of the rule's own parameters; one that is not offered around a modifier has its default."""
    return {p.name: values.get(p.name, p.default) for p in rule.params}


def modified(modifier: ModifierSpec, rule: RuleSpec) -> ModifiedRule:
    """Returns the rule with the modifier around it.

    Raises ValueError for a rule that does not weigh gradients by their Gram matrix.
    """
    key = f"{modifier.key}-{rule.key}"
    if rule.kind != "gram":
        is_what = "weighs losses" if rule.kind == "loss" else "works element by element"
        raise ValueError(
            f"{key}: {modifier.key} goes around rules that weigh gradients by their Gram matrix, and {rule.title} "
            f"{is_what}."
        )

    def degree(values: Mapping[str, Any]) -> float:
        return modifier.degree(rule.degree(with_defaults(rule, values)))

    of_degree_one = degree({p.name: p.default for p in rule.params}) == 1.0
    return ModifiedRule(
        rule=rule,
        modifier=modifier,
        key=key,
        title=f"{rule.title}, {modifier.title[0].lower()}{modifier.title[1:]}",
        equation=rf"{modifier.equation} \qquad {rule.equation}",
        idea=f"{rule.idea} Around it: {modifier.idea[0].lower()}{modifier.idea[1:]}",
        cite=rule.cite,
        kind="gram",
        needs=rule.needs.union(("gram",)),  # lengths, or who is active, whatever the rule reads
        kernel=modifier.kernel,
        params=(*modifier.params, *(p for p in rule.params if p.name != rule.preferences_alias)),
        state_size=lambda tasks: rule.state_size(tasks) + modifier.blocks * tasks,
        after=lambda rows, w, p, values: modifier.after(rule.after, rows, w, p, with_defaults(rule, values)),
        head_state=rule.head_state,
        head_rule=rule.head_rule,
        preferences=rule.preferences,
        no_preferences=rule.no_preferences,
        given_weights=rule.given_weights and modifier.keeps_given,
        noise=rule.noise,
        properties=frozenset({"scale"} if of_degree_one else ()),
        degree=degree,
        unbounded=rule.unbounded,
        notation={**rule.notation, **modifier.notation},
        losses_when=lambda values: rule.losses_when(with_defaults(rule, values)),
        check_tasks=lambda values, tasks: rule.check_tasks(with_defaults(rule, values), tasks),
    )
