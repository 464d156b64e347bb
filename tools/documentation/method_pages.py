"""The page of every named method and their index, from their specifications."""

import mtlcore
from app.cards import LEVEL_WORDS
from mtlcore import MethodSpec
from tools.documentation import parts, rule_pages
from tools.documentation.running import as_network, as_toy
from tools.documentation.transform_pages import on_networks
from tools.make_readme_tables import row


def pages() -> dict[str, str]:
    """Returns the Markdown of every method's page and of their index, by their place in the site."""
    own = {f"methods/{key}.md": method(spec) for key, spec in mtlcore.METHODS.items()}
    return {"methods/index.md": index(), **own}


def index() -> str:
    """Returns the page that lists all methods with a name."""
    listed = [
        row([
            f"[{s.title}]({s.key}.md)", f"`{s.key}`", transform(s), rule(s), level(s), parts.plain(s.cite),
        ])
        for s in mtlcore.METHODS.values()
    ]  # fmt: skip
    return parts.WIDE + parts.page(
        "Methods",
        "A method is a [transform](../transforms/index.md), a [rule](../rules/index.md) and a "
        "[level](../concepts.md#levels). These have a name; any other is written "
        "`transform+[modifier-]rule@level`, such as `rotation+cagrad@features`.",
        "\n".join([
            row(["Method", "key", "transform", "rule", "level", "source"]), row(["---"] * 6), *listed,
        ]),
    )  # fmt: skip


def method(spec: MethodSpec) -> str:
    """Returns the page of one method."""
    looks = f"{level(spec)}, {LEVEL_WORDS[spec.level]}" if level(spec) else ""
    return parts.page(
        spec.title,
        f"The [method](index.md) `{spec.key}`. {spec.note}",
        parts.section(
            "What it is made of",
            "\n".join(filter(None, [made_of("Transform", transform(spec)), made_of("Rule", rule(spec)),
                                    made_of("Level", looks)])),
        ),
        *explained(spec),
        parts.section("Parameters", parts.parameters(spec.params), on_networks(spec.key)),
        parts.section("Preferences", rule_pages.preferences(spec.rule_spec)),
        parts.section("How to call it", as_toy(spec.key), as_network(spec.key), parts.watch(spec.key)),
        parts.section("Source", parts.sources(spec.cite or spec.rule_spec.cite)),
    )  # fmt: skip


def made_of(name: str, part: str) -> str:
    """Returns one part of a method as an item of a list; nothing where it does not have that part."""
    return f"- {name}: {part}" if part else ""


def explained(spec: MethodSpec) -> list[str]:
    """Returns the equations and ideas of a method's transform and rule; their pages have the rest."""
    of_transform = spec.transform_spec
    own = [parts.shown(of_transform.equation), of_transform.idea, parts.shown(of_transform.objective)]
    return [
        parts.section("What the tasks see", *own) if transform(spec) else "",
        parts.section("The update", parts.shown(spec.rule_spec.equation), spec.rule_spec.idea),
    ]


def transform(spec: MethodSpec) -> str:
    """Returns a link to a method's transform; nothing where the tasks see the feature as it is."""
    if not spec.has_transform:
        return ""
    return f"[{spec.transform_spec.title}](../transforms/{spec.transform}.md)"


def rule(spec: MethodSpec) -> str:
    """Returns a link to a method's rule."""
    return f"[{spec.rule_spec.title}](../rules/{spec.rule}.md)"


def level(spec: MethodSpec) -> str:
    """Returns a method's level; nothing where neither its rule nor its transform looks at gradients."""
    return f"`{spec.level}`" if spec.has_level else ""
