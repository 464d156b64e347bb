"""The pages: every file of app_pages that begins with a line `PAGE = Page(title, icon, place)`.

The line is read and not run, because running a page's file draws it; once, since a server's pages do not change.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent / "app_pages"


@dataclass(frozen=True)
class Page:
    """How a page stands in the navigation: its title, its icon and its place; the first one opens the app."""

    title: str
    icon: str
    place: int


@cache
def find_pages(folder: Path = FOLDER) -> Mapping[str, Page]:
    """Returns the pages by the names of their files, in order. Raises ValueError for a file that says none."""
    found = {path.stem: _page_of(path) for path in folder.glob("*.py") if path.stem != "__init__"}
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: item[1].place)))


def addresses() -> tuple[str, ...]:
    """Returns what follows the server's address for every page; nothing for the first."""
    _, *others = find_pages()
    return "", *others


def _page_of(path: Path) -> Page:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name("PAGE")], value=ast.Call(func=ast.Name("Page"), args=args)):
                return Page(*map(ast.literal_eval, args))
    raise ValueError(f"{path.name}: a page takes a line PAGE = Page(title, icon, place), got none.")
