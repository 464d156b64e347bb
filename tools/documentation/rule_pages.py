"""The page of every rule, and the two tables that compare them, from their specifications."""

from collections.abc import Mapping
from typing import Any

import mtlcore
from app.notation import entries
from mtlcore.preferences import refusal
from mtlcore.spec import PROPERTIES, RuleSpec
from tools.documentation import parts
from tools.make_readme_tables import row

# What a rule may need, in a table and in a sentence.
IN_SHORT = {
    "gram": "Gram matrix",
    "gradients": "elements",
    "losses": "losses",
    "losses_after": "losses after the step",
}
READS = {
    "gram": "the Gram matrix of the task gradients",
    "gradients": "the single elements of the task gradients",
    "losses": "the losses",
    "losses_after": "the same batch's losses after the step, where they are given",
}
HEADS = {
    "gram": "Its weights act on what the tasks share; each head gets its own task's share of the mean loss.",
    "loss": "It was published as a weighted loss: a task's weight acts on its head, too.",
    "elementwise": "It works on single elements, so it gives an update but no weights of the tasks; each head gets its "
    "own task's share of the mean loss.",
}
PREFERENCES = {"none": "no", "positive": "yes", "nonnegative": "yes, 0 too"}


def pages() -> dict[str, str]:
    """Returns the Markdown of every rule's page and of their index, by their place in the site."""
    return {
        "rules/index.md": index(),
        **{f"rules/{key}.md": rule(spec) for key, spec in mtlcore.RULES.items()},
    }


def index() -> str:
    """Returns the page that lists all rules, and which property each has."""
    listed = [
        row(
            [
                link(s),
                f"`{s.key}`",
                ", ".join(IN_SHORT[need] for need in IN_SHORT if need in s.needs),
                PREFERENCES[s.preferences],
                parts.plain(s.cite),
            ]
        )
        for s in mtlcore.RULES.values()
    ]
    held = [
        row([link(s), *("yes" if name in s.properties else "" for name in PROPERTIES)])
        for s in mtlcore.RULES.values()
    ]
    return parts.WIDE + parts.page(
        "Rules",
        "A rule turns the task gradients into one update. Each has a page with its equation, its parameters and what "
        "holds for it; any of them goes with any [transform](../transforms/index.md).",
        "\n".join([row(["Rule", "key", "reads", "preferences", "source"]), row(["---"] * 5), *listed]),
        parts.section(
            "What holds for which",
            "Tests check every yes on random gradients; a rule's page says why a property does not hold for it.",
            "\n".join([row(["Rule", *map(words, PROPERTIES)]), row(["---"] * (len(PROPERTIES) + 1)), *held]),
            "\n".join(
                f"- **{words(name)}**: {parts.plain(meaning)}." for name, meaning in PROPERTIES.items()
            ),
        ),
    )


def rule(spec: RuleSpec) -> str:
    """Returns the page of one rule."""
    return parts.page(
        spec.title,
        f"The [rule](index.md) `{spec.key}`.",
        parts.shown(spec.equation),
        parts.symbols(entries(spec.equation, spec.notation)),
        parts.section("Idea", spec.idea),
        parts.section("Parameters", parts.parameters(spec.params)),
        parts.section("What it needs", needs(spec)),
        parts.section("What holds for it", properties(spec)),
        parts.section("Preferences", preferences(spec)),
        parts.section("How to call it", call(spec), *methods(spec)),
        parts.section("Source", parts.sources(spec.cite)),
    )


def link(spec: RuleSpec) -> str:
    """Returns a link to a rule's page from another one in its folder."""
    return f"[{spec.title}]({spec.key}.md)"


def words(name: str) -> str:
    """Returns a property's name as words."""
    return name.replace("_", " ")


def reads(spec: RuleSpec) -> str:
    """Returns what a rule reads, as the end of a sentence."""
    return (
        parts.sentence(text for need, text in READS.items() if need in spec.needs)
        if spec.needs
        else "nothing"
    )


def needs(spec: RuleSpec) -> str:
    """Returns what a rule reads, where that is measured, what it keeps and draws, and what the heads get."""
    said = [f"It reads {reads(spec)}."] + [
        f"With `{name}` {parts.sentence(choices, 'or')} it reads the losses, too."
        for name, choices in choices_with_losses(spec).items()
    ]
    if spec.needs_gradients:
        said.append("The [level](../concepts.md#levels) says where the gradients are measured.")
    else:
        said.append("It looks at no gradient, so it has no level.")
    said.append(
        "It keeps numbers from one step to the next; `reset()` forgets them."
        if spec.state_size(2)
        else "It keeps nothing from one step to the next."
    )
    if spec.noise != "none":
        said.append("It draws random numbers at every step, from its `seed`.")
    return " ".join([*said, HEADS[spec.kind] if spec.head_state is None else heads(spec)])


def heads(spec: RuleSpec) -> str:
    """Returns whose weights the heads get, for a rule that gives them others than its own."""
    return f"The heads get the weights of [{mtlcore.RULES[spec.head_rule].title}]({spec.head_rule}.md)."


def choices_with_losses(spec: RuleSpec) -> Mapping[str, list[str]]:
    """Returns the choices, by their parameter, that make a rule read losses which it does not read otherwise."""
    values: dict[str, Any] = {p.name: p.default for p in spec.params}
    found = {
        p.name: [choice for choice in p.choices if spec.takes_losses({**values, p.name: choice})]
        for p in spec.params
        if not spec.takes_losses(values)
    }
    return {name: choices for name, choices in found.items() if choices}


def properties(spec: RuleSpec) -> str:
    """Returns the table of what holds for a rule, and the reason for what does not."""
    rows = [
        row([
            f"**{words(name)}**: {parts.plain(meaning)}",
            "yes" if name in spec.properties else "no",
            parts.plain(spec.exemptions.get(name, "")),
        ])
        for name, meaning in PROPERTIES.items()
    ]  # fmt: skip
    return "\n".join([row(["property", "holds", "why not"]), row(["---"] * 3), *rows])


def preferences(spec: RuleSpec) -> str:
    """Returns whether a rule takes preferences, and how or why not."""
    if spec.preferences == "none":
        return refusal(spec)
    numbers = "numbers from 0 on" if spec.preferences == "nonnegative" else "positive numbers"
    said = "It follows them: `preferences=(4, 1)` makes the first of two tasks count four times as much. They are "
    said += f"{numbers}."
    return f"{said} `{spec.preferences_alias}` says the same." if spec.preferences_alias else said


def call(spec: RuleSpec) -> str:
    """Returns code that applies a rule to gradients."""
    given = [repr(spec.key), *(f"{p.name}={p.default!r}" for p in spec.params if p.kind != "vector")]
    values = {p.name: p.default for p in spec.params}
    losses = ", losses=[1.2, 0.4]" if spec.takes_losses(values) else ""
    return parts.python(
        "import numpy as np",
        "import mtlcore",
        "",
        "gradients = np.array([[1.0, 0.0], [-0.5, 2.0]])  # two tasks, two parameters",
        f"rule = mtlcore.rule({', '.join(given)})".replace("'", '"'),
        f"update = rule.combine(gradients{losses})  # parameters move against it",
        "print(update, rule.status.name)",
    )


def methods(spec: RuleSpec) -> list[str]:
    """Returns the named methods that have this rule, linked, or how one without a name is written."""
    named = [method for method in mtlcore.METHODS.values() if method.rule == spec.key]
    if not named:
        key = f"none+{spec.key}"
        return [
            f"No method has a name for it alone: it is written `{key}`, or with a transform.",
            parts.watch(key),
        ]
    listed = parts.sentence(f"[{method.title}](../methods/{method.key}.md)" for method in named)
    return [f"Methods with this rule: {listed}."]
