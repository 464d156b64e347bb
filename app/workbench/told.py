"""What the page is told of every rule and of the scenarios, once: names of kernels and numbers. It knows no formula."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from app.workbench.bench import MAX_METHODS, TASKS
from app.workbench.scenarios import SCENARIOS
from mtlcore.constructions.construction import MARKS, STEPS, WIDTH
from mtlcore.draws import NOISE_SIZE
from mtlcore.preferences import refusal
from mtlcore.presence import state_layout
from mtlcore.registry import CONSTRUCTIONS, RULES
from mtlcore.spec import RuleSpec

EVERY_TASK, ONE = "K", "1"


def told() -> dict[str, Any]:
    """Returns the rules and the scenarios as plain JSON values."""
    scenarios = [
        {"title": title, "idea": idea, "gradients": [list(row) for row in rows]}
        for title, (idea, rows) in SCENARIOS.items()
    ]
    return {
        "rules": {key: of_rule(spec) for key, spec in RULES.items()},
        "scenarios": scenarios,
        "room": [MARKS, STEPS, WIDTH],
        "tasks": list(TASKS),
        "most": MAX_METHODS,
    }


def of_rule(spec: RuleSpec) -> dict[str, Any]:
    """Returns what the page needs to ask one rule, with the parameters it has by default, and to speak of it.

    backwards: in how many backward passes its gradients cost, "K" for one a task. notes: what a reader ought to know.
    """
    values = {p.name: p.default for p in spec.params}
    return {
        "title": spec.title,
        "kernel": f"rule:{spec.key}",
        "elementwise": spec.kind == "elementwise",
        "noise": list(NOISE_SIZE).index(spec.noise),
        "state": list(state_layout(spec.state_size)),
        "hp": [float(x) for x in spec.encode(values)],
        "losses": spec.takes_losses(values),
        "follows": spec.preferences != "none",
        "backwards": EVERY_TASK if spec.needs_gradients else ONE,
        "notes": list(notes(spec, values)),
        "construction": construction_of(spec.key),
    }


def construction_of(key: str) -> dict[str, Any] | None:
    """Returns a rule's construction, its kernel's name and the words of its steps; None for a rule that has none."""
    if key not in CONSTRUCTIONS:
        return None
    steps = {number: asdict(step) for number, step in CONSTRUCTIONS[key].steps.items()}
    return {"kernel": f"construction:{key}", "steps": steps}


def notes(spec: RuleSpec, values: dict[str, Any]) -> Iterator[str]:
    """Yields sentences: how it was set, that it remembers, that it draws, that it hears no preferences."""
    if spec.params:
        numbers = (f"{p.label} {p.format(values[p.name])}" for p in spec.params if values[p.name] != ())
        if words := ", ".join(numbers):
            yield f"With {words}."
    if spec.state_size(2) and not spec.idle_state:
        yield "It remembers former steps: this is its first."
    if spec.noise != "none":
        yield "It draws at random: the fan shows 64 draws, the arrow the first."
    if spec.kind == "elementwise":
        yield "It decides for every coordinate by itself, so there are no task weights."
    if spec.preferences == "none":
        yield refusal(spec)
