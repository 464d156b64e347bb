"""What checkpoints, pickles and copies of a `MultiTask` hold, and how it is restored from them."""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from mtlcore.registry import Method
from mtlcore.registry import method as method_of
from mtlcore.rule_object import Rule
from mtlcore.rule_object import rule as rule_of

if TYPE_CHECKING:
    from mtlcore.nn.transform import Transform

START = "start"  # where the rotations began, beside the rule's own entries


def extra_state(rule: Rule, transform: "Transform") -> dict[str, Any]:
    """Returns the state of the rule, as tensors and numbers, and the initial rotations, for `state_dict`."""
    tensors = {
        name: torch.from_numpy(value) if hasattr(value, "dtype") else value
        for name, value in rule.state_dict().items()
    }
    return {**tensors, START: transform.start}


def load_extra_state(rule: Rule, transform: "Transform", state: dict[str, Any]) -> None:
    """Restores what `extra_state` returned. Raises ValueError where it is the state of another rule."""
    if START in state:  # version 0.1 saved none: it is then what this model was made with
        transform.begin_at(state[START])
    plain = {
        name: value.numpy() if isinstance(value, Tensor) else value
        for name, value in state.items()
        if name != START
    }
    rule.load_state_dict(plain)


def recipe(method: Method, rule: Rule) -> dict[str, Any]:
    """Returns names, values and state from which method and rule can be made again; kernels cannot be pickled."""
    free = {name: value for name, value in method.params.items() if name not in method.spec.fixed}
    return {
        "method": (method.spec.key, free),
        "rule": (rule.seed, rule.state_dict(), rule.given_preferences),
    }


def from_recipe(kept: dict[str, Any]) -> tuple[Method, Rule]:
    """Returns the method and the rule that `recipe` described."""
    (key, free), (seed, state, *preferences) = kept["method"], kept["rule"]
    method = method_of(key, *preferences, **free)
    rule = rule_of(method.spec.rule_key, seed, *preferences, **method.rule_params)
    rule.load_state_dict(state)
    return method, rule
