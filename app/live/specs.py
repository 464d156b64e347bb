"""What a control in the page is told of a field: plain JSON, made from the field and its parameter alone."""

from collections.abc import Sequence
from typing import Any

from app.field_kinds import CountField, Field
from app.widgets import first_above_zero, logarithmic, step_of
from mtlcore.spec import Param

Spec = dict[str, Any]  # what JSON holds


def spec_of(entry: Field, **more: Any) -> Spec:
    """Returns what a control of this field is told; `more` adds to it or takes the place of some of it.

    key, label, help, default; kind: "float" and "int" (see `number_spec`), "choice" (of `choices`), "bool" and
    "text" (a list of numbers). What goes without saying is left out: the page reads this after every change.
    """
    param = entry.param
    told: Spec = {"key": entry.key, "label": param.label, "kind": param.kind, "default": entry.default}
    if param.help:
        told["help"] = param.help
    match param.kind:
        case "choice":
            told["choices"] = list(param.choices)
        case "vector":
            told |= {"kind": "text", "default": shown(param, entry.default)}
        case "int" | "float":
            told |= number_spec(param)
    if isinstance(entry, CountField):
        told["stops"] = list(entry.takes)
    return told | more


def number_spec(param: Param) -> Spec:
    """Returns a number's range: low, high, and either the step between two stops or where its logarithm begins."""
    ends: Spec = {"low": param.low, "high": param.high}
    if logarithmic(param):
        return ends | {"scale": "log", "first": first_above_zero(param)}
    return ends | {"step": max(1, int(param.step)) if param.kind == "int" else step_of(param)}


def shares_spec(entry: Field, labels: Sequence[str], total: float, least: float) -> Spec:
    """Returns what the sliders of a list of numbers with a constant sum are told, one a label, none below `least`."""
    default = [total / len(labels)] * len(labels)
    return spec_of(
        entry, kind="shares", labels=list(labels), total=total, least=least, step=0.01, default=default
    )


def shown(param: Param, value: Any) -> Any:
    """Returns a field's value as JSON: a list of numbers as one types it; a text as it is."""
    if param.kind != "vector" or isinstance(value, str):
        return value
    return param.format(value).replace(",", ", ")
