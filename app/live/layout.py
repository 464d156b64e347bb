"""Which controls of the page stand where; what each looks like follows from its field."""

from collections.abc import Iterable
from typing import Any

from app.live.sizes import sizes
from app.live.specs import Spec, shares_spec, shown, spec_of
from app.preferences import LEAST, asked, zeros
from app.view import View
from mtlcore.registry import method_spec
from toy_problems import PROBLEMS

DRAWN = 1000  # another seed is drawn below it
LEAST_SCALE = 0.04  # of a balance with mean 1, as the ends of s are for two tasks
SUBSPACE = "m"
VECTORS = ("preferences", "balance")


def groups(view: View) -> list[Spec]:
    """Returns the groups of controls that act on the chosen problem and methods.

    title, controls: what each is told (see `specs`); folded: true where the group is closed at first.
    """
    told = [
        *_transform(view),
        _group("Preferences", _named(view, ["preferences"] if asked(view) else [])),
        _group("Training", _named(view, ("lr", "steps", "optimizer", "noise", "seed"))),
        _group("Space", _named(view, _space(view))),
        _group("Task balance", _named(view, [name for name in ("balance",) if name in view.fields])),
        *(_group(method_spec(key).title, _named(view, _own(view, key)), True) for key in view.methods),
    ]
    return [group for group in told if group["controls"]]


def _transform(view: View) -> list[Spec]:
    """Returns how fast and how many dimensions the transforms turn; the rest of their parameters are folded."""
    acting = list(dict.fromkeys(
        param.name
        for spec in view.specs
        if not spec.transform_spec.idle(spec.fixed)  # a rotation of no dimensions has nothing to adjust
        for param in spec.params
        if param.name in {p.name for p in spec.transform_spec.params}
    ))  # fmt: skip
    nouns = {spec.transform_spec.noun for spec in view.specs if spec.has_transform}
    noun = nouns.pop() if len(nouns) == 1 else "transform"
    rates = {spec.transform_spec.learning_rate for spec in view.specs}
    first = sorted((name for name in acting if name in (*rates, SUBSPACE)), key=SUBSPACE.__eq__)
    rest = [name for name in acting if name not in first]
    return [
        _group(noun.capitalize(), _named(view, first)),
        _group(f"More about the {noun}", _named(view, rest), folded=True),
    ]


def _space(view: View) -> list[str]:
    shown = {"d": len(PROBLEMS[view.problem].dims) > 1, "s": "s" in view.fields, "pair": view["d"] > 2}
    return [name for name, shows in shown.items() if shows]


def _own(view: View, key: str) -> list[str]:
    """Returns a method's own fields."""
    alias = f"{key}.{method_spec(key).rule_spec.preferences_alias}"  # an older word for the preferences
    return [
        name for name in view.fields if name.startswith(f"{key}.") and (name != alias or name in view.chosen)
    ]


def values(view: View, told: Iterable[Spec]) -> dict[str, Any]:
    """Returns what the controls of these groups show and what decides their ranges, by field."""
    controls = [control for group in told for control in group["controls"]]
    deciding = [key for control in controls for key in control.get("by", ())]
    return {key: _value(view, key) for key in [*(control["key"] for control in controls), *deciding]}


def _value(view: View, key: str) -> Any:
    if key in VECTORS:
        return list(view[key])
    return shown(view.fields[key].param, view[key])


def _group(title: str, controls: list[Spec], folded: bool = False) -> Spec:
    return {"title": title, "controls": controls, **({"folded": True} if folded else {})}


def _named(view: View, names: Iterable[str]) -> list[Spec]:
    sized = sizes(view.problem, view.methods, view["tasks"])
    return [_sized(_control(view, name), sized.get(name)) for name in names]


def _sized(control: Spec, sizes: Spec | None) -> Spec:
    """Returns a control with the sizes that it takes, where these depend on others, in the place of a range."""
    if sizes is None:
        return control
    return {name: value for name, value in control.items() if name not in ("low", "high", "step")} | sizes


def _control(view: View, name: str) -> Spec:
    entry, tasks = view.fields[name], PROBLEMS[view.problem].task_names(view["tasks"])
    match name:
        case "preferences":
            return shares_spec(entry, tasks, 1.0, 0.0 if zeros(view) else LEAST)
        case "balance":
            return shares_spec(entry, tasks, float(len(tasks)), LEAST_SCALE)
        case "seed":
            return spec_of(entry, drawn=DRAWN)
    return spec_of(entry)
