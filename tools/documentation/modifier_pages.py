"""The page of every modifier and their index, from their specifications."""

import mtlcore
from app.notation import entries
from mtlcore.spec import ModifierSpec
from tools.documentation import parts
from tools.documentation.running import as_network, as_toy
from tools.make_readme_tables import row

AROUND = "cagrad"  # the rule that a page shows its modifier around


def pages() -> dict[str, str]:
    """Returns the Markdown of every modifier's page and of their index, by their place in the site."""
    own = {f"modifiers/{key}.md": modifier(spec) for key, spec in mtlcore.MODIFIERS.items()}
    return {"modifiers/index.md": index(), **own}


def index() -> str:
    """Returns the page that lists all modifiers."""
    listed = [
        row([f"[{s.title}]({s.key}.md)", f"`{s.key}`", parts.plain(s.idea), parts.plain(s.cite)])
        for s in mtlcore.MODIFIERS.values()
    ]
    return parts.WIDE + parts.page(
        "Modifiers",
        "A modifier is done around a [rule](../rules/index.md) that weighs gradients by their Gram matrix. Its key "
        "stands before the rule's, `transform+modifier-rule@level`; a rule takes one, or none.",
        "\n".join([row(["Modifier", "key", "idea", "source"]), row(["---"] * 4), *listed]),
    )


def modifier(spec: ModifierSpec) -> str:
    """Returns the page of one modifier."""
    key = f"{spec.key}-{AROUND}"
    composed = f"none+{key}@features"
    return parts.page(
        spec.title,
        f"The [modifier](index.md) `{spec.key}`.",
        parts.shown(spec.equation),
        parts.symbols(entries(spec.equation, spec.notation)),
        parts.section("Idea", spec.idea),
        parts.section("Parameters", parts.parameters(spec.params)),
        parts.section(
            "How to call it",
            parts.python(
                "import numpy as np",
                "import mtlcore",
                "",
                f'rule = mtlcore.rule("{key}")',
                "print(rule.combine(np.array([[1.0, 0.0], [-0.5, 2.0]])))",
            ),
            as_toy(composed), as_network(composed), parts.watch(composed),
        ),
        parts.section("Source", parts.sources(spec.cite) if spec.cite else ""),
    )  # fmt: skip
