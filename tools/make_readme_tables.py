"""Writes the README's tables of methods and problems from the registries; a test holds the two equal.

A table stands between `<!-- table: methods -->` and `<!-- end -->`; what is between them is replaced.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
sys.path.insert(0, str(ROOT))

import mtlcore  # noqa: E402
from toy_problems import PROBLEMS  # noqa: E402

PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def row(cells: Iterable[str]) -> str:
    """Returns one line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def methods() -> list[str]:
    """Returns the table of named methods: each a transform, a rule and the level the rule looks at."""
    head = ["Method", "`method=`", "Transform", "Rule", "Level", "Source"]
    body = []
    for spec in mtlcore.METHODS.values():
        transform = f"`{spec.transform}`" if spec.has_transform else ""
        level = spec.level if spec.has_level else ""
        body.append([spec.title, f"`{spec.key}`", transform, f"`{spec.rule}`", level, spec.cite])
    return [row(head), row(["---"] * len(head)), *map(row, body)]


def span(numbers: Sequence[int]) -> str:
    """Returns whole numbers in words: "2 to 16", or the only one."""
    return str(numbers[0]) if len(numbers) == 1 else f"{min(numbers)} to {max(numbers)}"


def problems() -> list[str]:
    """Returns the table of toy problems."""
    head = ["Problem", "`problem=`", "Tasks", "Dimensions", "`starts=`", "What it shows", "Source"]
    body = []
    for problem in PROBLEMS.values():
        sizes = (span(problem.task_counts), span(problem.dims))
        starts = f'`"{problem.starts_name}"`'
        body.append([problem.title, f"`{problem.key}`", *sizes, starts, problem.idea, problem.cite])
    return [row(head), row(["---"] * len(head)), *map(row, body)]


def modifiers() -> list[str]:
    """Returns the table of modifiers."""
    head = ["Modifier", "before a rule's name", "What it does", "Parameters", "Source"]
    body = []
    for spec in mtlcore.MODIFIERS.values():
        params = ", ".join(f"`{p.name}` ({p.default:g})" for p in spec.params)
        body.append([spec.title, f"`{spec.key}-`", spec.idea, params, spec.cite])
    return [row(head), row(["---"] * len(head)), *map(row, body)]


TABLES = {"methods": methods, "modifiers": modifiers, "problems": problems}


def with_tables(text: str) -> str:
    """Returns the text with every table written anew. Raises KeyError for a table that nothing makes."""
    return PLACE.sub(lambda place: place[1] + "\n".join(TABLES[place[2]]()) + "\n" + place[3], text)


def main() -> int:
    """Rewrites the README where a table changed; returns 0."""
    before = README.read_text(encoding="utf-8")
    after = with_tables(before)
    README.write_text(after, encoding="utf-8")
    print("README.md: tables written" if after != before else "README.md: tables were current")
    return 0


if __name__ == "__main__":
    sys.exit(main())
