"""The page of every transform and their index, from their specifications."""

import mtlcore
from app.notation import entries
from mtlcore.spec import TransformSpec
from tools.documentation import parts
from tools.documentation.running import as_network, as_toy
from tools.make_readme_tables import row


def pages() -> dict[str, str]:
    """Returns the Markdown of every transform's page and of their index, by their place in the site."""
    own = {f"transforms/{key}.md": transform(spec) for key, spec in mtlcore.TRANSFORMS.items()}
    return {"transforms/index.md": index(), **own}


def index() -> str:
    """Returns the page that lists all transforms."""
    listed = [
        row([f"[{s.title}]({s.key}.md)", f"`{s.key}`", parts.plain(s.idea), parts.plain(s.cite)])
        for s in mtlcore.TRANSFORMS.values()
    ]
    return parts.WIDE + parts.page(
        "Transforms",
        "A transform says what task k sees of the shared feature z. Any of them goes with any "
        "[rule](../rules/index.md).",
        "\n".join([row(["Transform", "key", "idea", "source"]), row(["---"] * 4), *listed]),
    )


def transform(spec: TransformSpec) -> str:
    """Returns the page of one transform."""
    composed = f"{spec.key}+uniform@features"
    formulas = " ".join((spec.equation, spec.objective, spec.step))
    return parts.page(
        spec.title,
        f"The [transform](index.md) `{spec.key}`.",
        parts.shown(spec.equation),
        parts.symbols(entries(formulas, spec.notation)),
        parts.section("Idea", spec.idea),
        parts.section("What it learns from", parts.shown(spec.objective), *step(spec), spec.explained),
        parts.section("Parameters", parts.parameters(spec.params), on_networks(composed)),
        parts.section(
            "How to call it", as_toy(composed), as_network(composed), parts.watch(composed), *methods(spec)
        ),
        parts.section("Source", parts.sources(spec.cite)),
    )


def step(spec: TransformSpec) -> list[str]:
    """Returns a transform's own update, where it has one."""
    if not spec.step:
        return []
    return [
        "At every step, at the same time as the network, here by a plain gradient step:",
        parts.shown(spec.step),
    ]


def on_networks(method: str) -> str:
    """Returns which defaults are others on networks; nothing where none are."""
    toy = mtlcore.method(method)
    network = toy.on_networks().transform_params
    other = [f"`{name}` {value}" for name, value in network.items() if value != toy.transform_params[name]]
    return f"On networks the default is another: {parts.sentence(other)}." if other else ""


def methods(spec: TransformSpec) -> list[str]:
    """Returns the named methods that have this transform, linked; nothing where none has, or nearly all."""
    named = [method for method in mtlcore.METHODS.values() if method.transform == spec.key]
    if not named or spec.key == mtlcore.MethodSpec.transform:
        return []
    listed = parts.sentence(f"[{method.title}](../methods/{method.key}.md)" for method in named)
    return [f"Methods with this transform: {listed}."]
