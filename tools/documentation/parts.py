"""What the pages of rules, transforms and methods have in common, each part as Markdown."""

import html
from collections.abc import Iterable
from urllib.parse import urlencode

from app.cards import parameter_table, stacked
from app.offered import runs_on
from app.url_state import encode
from app.view import View
from mtlcore.spec import Param
from tools.documentation.bibliography import cited
from toy_problems import PROBLEMS

PLAYGROUND = "http://127.0.0.1:8501/"  # where `make app` opens it


WIDE = "---\nhide: [toc]\n---\n\n"  # before a page whose tables need the room


def page(title: str, *sections: str) -> str:
    """Returns a page: its title and whatever sections are not empty."""
    return "\n\n".join([f"# {title}", *(section for section in sections if section)]) + "\n"


def section(title: str, *paragraphs: str) -> str:
    """Returns a section, or nothing where all of its paragraphs are empty."""
    said = [paragraph for paragraph in paragraphs if paragraph]
    return "\n\n".join([f"## {title}", *said]) if said else ""


def shown(equation: str) -> str:
    """Returns an equation as a paragraph of its own, its parts one below the other."""
    return f"$$\n{stacked(equation)}\n$$" if equation else ""


def symbols(said: Iterable[tuple[str, str]]) -> str:
    """Returns what symbols mean, as a table."""
    rows = [f"| ${no_bars(symbol)}$ | {no_bars(words)} |" for symbol, words in said]
    return "\n".join(["| symbol | meaning |", "|---|---|", *rows]) if rows else ""


def parameters(params: tuple[Param, ...]) -> str:
    """Returns the table of parameters, or the sentence that there are none."""
    return parameter_table(params) if params else "There are none."


def sources(cite: str, up: str = "../") -> str:
    """Returns a citation and the works that it names, each linked to its place in the bibliography."""
    listed = [f"- {work.markdown} [BibTeX]({up}bibliography.md#{work.key})" for work in cited(cite)]
    return "\n".join([f"{plain(cite)}.", "", *listed])


def watch(method: str) -> str:
    """Returns links that open a method on each toy problem that the playground can run it on; nothing for none."""
    links = [
        f"[{problem.title}]({address(key, method)})"
        for key, problem in PROBLEMS.items()
        if runs_on(key, method)
    ]
    return f"In the playground that `make app` opens: {', '.join(links)}." if links else ""


def address(problem: str, method: str) -> str:
    """Returns the address of the playground with one method on one problem."""
    return f"{PLAYGROUND}?{urlencode(encode(View(problem, (method,))), safe=',')}"


def python(*lines: str) -> str:
    """Returns lines of Python as a block of code."""
    return "\n".join(["```python", *lines, "```"])


def sentence(words: Iterable[str], joined: str = "and") -> str:
    """Returns words as a list within a sentence."""
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} {joined} {listed[-1]}"


def plain(text: str) -> str:
    """Returns text that says of itself that it is no HTML: a `<` in it is a sign."""
    return html.escape(text, quote=False)


def no_bars(formula: str) -> str:
    """Returns LaTeX, or Markdown with formulas, without the bars that would end a cell of a table."""
    return formula.replace(r"\|", r"\Vert{}").replace("|", r"\vert{}")
