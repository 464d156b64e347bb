"""The page of every toy problem and their index, from their specifications."""

from dataclasses import fields

from app.notation import entries
from mtlcore import METHODS
from tools.documentation import parts
from tools.make_readme_tables import problems
from toy_problems import PROBLEMS, Problem, ToyConfig


def pages() -> dict[str, str]:
    """Returns the Markdown of every problem's page and of their index, by their place in the site."""
    return {
        "problems/index.md": index(),
        **{f"problems/{key}.md": problem(spec) for key, spec in PROBLEMS.items()},
    }


def index() -> str:
    """Returns the page that lists all problems: the README's table, linked."""
    text = "\n".join(problems())
    for spec in PROBLEMS.values():
        text = text.replace(f"| {spec.title} |", f"| [{spec.title}]({spec.key}.md) |", 1)
    return parts.WIDE + parts.page(
        "Toy problems",
        "Small problems in which every step can be watched, and whose optima are known.",
        text,
    )


def problem(spec: Problem) -> str:
    """Returns the page of one problem."""
    method = next(iter(METHODS))
    return parts.page(
        spec.title,
        f"The [toy problem](index.md) `{spec.key}`.",
        parts.shown(spec.equation),
        parts.symbols(entries(spec.equation, spec.notation)),
        parts.section("Idea", spec.idea),
        parts.section(
            "How to call it",
            "With the fields of `ToyConfig` that suit it, for any [method](../methods/index.md):",
            call(spec, method),
            f"[In the playground]({parts.address(spec.key, method)}) that `make app` opens.",
        ),
        parts.section("Source", f"{parts.plain(spec.cite)}; see the [bibliography](../bibliography.md)."),
    )


def call(spec: Problem, method: str) -> str:
    """Returns code that runs a method on a problem, with the fields that the problem suggests."""
    known = {entry.name for entry in fields(ToyConfig)}
    suited = [f"{name}={value!r}".replace("'", '"') for name, value in spec.defaults.items() if name in known]
    return parts.python(
        "from toy_problems import ToyConfig, run",
        "",
        "config = ToyConfig(",
        f'    problem="{spec.key}", method="{method}",',
        f"    {', '.join(suited)},",
        ")",
        "trajectory = run(config)",
        "print(trajectory.losses[0, -1], trajectory.status[0])",
    )
