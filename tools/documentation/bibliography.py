"""The works that the specifications cite: read from docs/references.bib, found by a citation, written as Markdown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pybtex.database import Entry, Person, parse_file
from pybtex.richtext import Text

FILE = Path(__file__).resolve().parents[2] / "docs/references.bib"
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class Work:
    """A published work.

    names: the words a citation may call it by; short: what tells it apart from another work of the same name.
    """

    key: str
    authors: tuple[str, ...]
    title: str
    year: str
    venue: str = ""
    note: str = ""
    link: str = ""
    linked: str = ""  # what the link is called
    names: tuple[str, ...] = ()
    short: str = ""

    @property
    def markdown(self) -> str:
        """Returns the work as a bibliography lists it: authors, title, venue, year and where it can be read."""
        parts = [f"{_listed(self.authors)}: **{self.title}**.", f"*{self.venue}*," if self.venue else ""]
        parts += [f"{self.year}.", f"{self.note}." if self.note else ""]
        parts.append(f"[{self.linked}]({self.link})" if self.link else "")
        return " ".join(part for part in parts if part)


@cache
def works(file: Path = FILE) -> Mapping[str, Work]:
    """Returns every work by its key, by first author and year. Raises ValueError for a file that cannot be read."""
    found = [_work(key, entry) for key, entry in parse_file(str(file), "bibtex").entries.items()]
    return {work.key: work for work in sorted(found, key=lambda w: (w.names[-1], w.year, w.title))}


def cited(citation: str, known: Mapping[str, Work] | None = None) -> tuple[Work, ...]:
    """Returns the works that a specification's `cite` names, in its order.

    Raises ValueError, naming the citation, where it names none, names one that is not in the bibliography, or uses
    a name that several works share without the short title of one of them.
    """
    known = works() if known is None else known
    found = [work for part in citation.split(";") for work in _named(part, citation, known)]
    if not found:
        raise ValueError(f"{FILE.name} has no entry for {citation!r}: {_RECIPE}")
    return tuple(found)


_RECIPE = "a citation names each work as its authors and year, or as the entry's cited_as says."


def _named(part: str, citation: str, known: Mapping[str, Work]) -> list[Work]:
    """Returns the works named in one part of a citation, in the order of their names in it."""
    places: dict[int, list[Work]] = {}
    rest = part
    for name in sorted({name for work in known.values() for name in work.names}, key=len, reverse=True):
        place = rest.find(name)
        if place >= 0:
            places[place] = [work for work in known.values() if name in work.names]
            rest = rest.replace(name, " " * len(name))
    if YEAR.search(rest):
        raise ValueError(f"{FILE.name} has no entry for {part.strip()!r} of {citation!r}: {_RECIPE}")
    return [_chosen(places[place], part, citation) for place in sorted(places)]


def _chosen(candidates: list[Work], part: str, citation: str) -> Work:
    meant = [w for w in candidates if w.short and w.short in part] if len(candidates) > 1 else candidates
    if len(meant) != 1:
        shorts = ", ".join(w.short or w.key for w in candidates)
        raise ValueError(f"{citation!r} may mean {shorts}: say which by its shorttitle in {FILE.name}.")
    return meant[0]


def _work(key: str, entry: Entry) -> Work:
    fields = {name: _plain(value) for name, value in entry.fields.items()}
    people = entry.persons["author"]
    link, linked = _link(fields)
    volume = f" {fields['volume']}" if "volume" in fields else ""
    own = tuple(name.strip() for name in entry.fields.get("cited_as", "").split(";") if name.strip())
    return Work(
        key, tuple(map(_full, people)), fields["title"], fields["year"],
        fields.get("booktitle", fields.get("journal", "")) + volume, fields.get("note", ""), link, linked,
        (*own, *_names([_surname(person) for person in people], fields["year"])), fields.get("shorttitle", ""),
    )  # fmt: skip


def _names(surnames: list[str], year: str) -> tuple[str, ...]:
    """Returns what a citation may call a work by these authors."""
    full = f"{', '.join(surnames[:-1])} & {surnames[-1]}" if len(surnames) > 1 else surnames[0]
    ways = [f"{surnames[0]} et al.", full] if len(surnames) == 3 else [full]
    ways = ways if len(surnames) < 4 else [f"{surnames[0]} et al."]
    return tuple(f"{way} {year}" for way in ways)


def _link(fields: Mapping[str, str]) -> tuple[str, str]:
    if "eprint" in fields:
        return f"https://arxiv.org/abs/{fields['eprint']}", f"arXiv:{fields['eprint']}"
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}", f"doi:{fields['doi']}"
    return (fields["url"], "online") if "url" in fields else ("", "")


def _plain(latex: str) -> str:
    return str(Text.from_latex(latex))


def _surname(person: Person) -> str:
    return " ".join(map(_plain, [*person.prelast_names, *person.last_names]))


def _full(person: Person) -> str:
    return " ".join(map(_plain, [*person.first_names, *person.middle_names])) + f" {_surname(person)}"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
