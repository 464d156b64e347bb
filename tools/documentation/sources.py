"""Texts of the repository as pages of the site: which page a file is, its links, and sections of the README."""

import posixpath
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = "README.md"
# Files beside docs/ that are pages, or that pages offer: their place in the repository -> their place in the site.
BESIDE = {
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "LICENSE.txt",
    "CITATION.cff": "CITATION.cff",
    "app/images/icon.svg": "icon.svg",
}
HOME = "index.md"
_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<path>[^)\s#:]+)(?P<rest>[)#])")
_PLACE = re.compile(r"^<!-- README: (?P<title>.+?) -->$", re.MULTILINE)


def place_of(file: str) -> str | None:
    """Returns the place in the site of a file named from the repository's root; None where it has none."""
    if file == README:
        return HOME
    return file.removeprefix("docs/") if file.startswith("docs/") else BESIDE.get(file)


def file_of(place: str) -> str:
    """Returns the file of the repository that stands at a place in the site, or would, named from the root."""
    return next((file for file, at in BESIDE.items() if at == place), f"docs/{place}")


def with_links(text: str, origin: str, page: str) -> str:
    """Returns Markdown written in the file `origin` with its links as `page` of the site needs them.

    Only links to files of the repository change; one that shows the name of a page's file shows its title instead.
    Raises ValueError for one that leads to a file that the site does not have.
    """

    def link(found: re.Match[str]) -> str:
        file = posixpath.normpath(posixpath.join(posixpath.dirname(origin), found["path"]))
        if not (ROOT / file).is_file():
            return found[0]
        place = place_of(file)
        if place is None:
            raise ValueError(f"{origin} links to {file}, which the site does not have: name it in BESIDE.")
        text = (
            title(file)
            if place.endswith(".md") and found["text"].endswith(Path(file).name)
            else found["text"]
        )
        return f"[{text}]({posixpath.relpath(place, posixpath.dirname(page) or '.')}{found['rest']}"

    return _LINK.sub(link, text)


def title(file: str) -> str:
    """Returns the first heading of a document of the repository."""
    return next(
        line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if line.startswith("# ")
    )[2:]


def with_sections(text: str, page: str) -> str:
    """Returns a page with the README's section in each place that asks for one: `<!-- README: its title -->`.

    Raises ValueError for a title that the README does not have.
    """
    return _PLACE.sub(lambda found: with_links(section(found["title"]), README, page), text)


def section(title: str) -> str:
    """Returns a section of the README with its heading: one of the second level with all below it, or what stands
    before the first of those. Raises ValueError where there is none of that title.
    """
    if title not in _sections():
        raise ValueError(f"README.md has the sections {', '.join(_sections())}; got {title!r}.")
    return _sections()[title]


@cache
def _sections() -> dict[str, str]:
    text = (ROOT / README).read_text(encoding="utf-8")
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return {part.partition("\n")[0].lstrip("# "): part.strip() for part in parts}
