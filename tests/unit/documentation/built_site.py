"""Reads the pages of a built site: what they can be linked at, where they lead, what they load, what they say."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADING = {  # element -> the attributes with which it loads something
    "script": ("src",), "img": ("src", "srcset"), "source": ("src", "srcset"), "video": ("src", "poster"),
    "audio": ("src",), "iframe": ("src",), "embed": ("src",), "object": ("data",), "track": ("src",),
    "image": ("href", "xlink:href"), "use": ("href", "xlink:href"), "input": ("src",),
}  # fmt: skip
APART = frozenset(("code", "math", "script", "style"))
LOADING_LINKS = frozenset(
    (
        "stylesheet",
        "icon",
        "shortcut",
        "preload",
        "modulepreload",
        "prefetch",
        "preconnect",
        "dns-prefetch",
        "manifest",
    )
)


@dataclass
class Read(HTMLParser):
    """One page. loads: addresses it loads by itself; links: addresses a person can follow."""

    path: Path
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)  # style sheets and style attributes in the page itself
    classes: set[str] = field(default_factory=set)
    elements: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)  # the words that are neither code nor part of a formula

    def __post_init__(self) -> None:
        super().__init__()
        self.apart = 0
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self.elements.append(tag)
        self.apart += tag in APART
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.classes |= set(given.get("class", "").split())
        self.styles += [given["style"]] if "style" in given else []
        self.links += [given["href"]] if tag == "a" and "href" in given else []
        self.loads += [given[name] for name in LOADING.get(tag, ()) if name in given]
        if tag == "link" and LOADING_LINKS & set(given.get("rel", "").lower().split()):
            self.loads.append(given["href"])

    def handle_endtag(self, tag):
        self.apart -= tag in APART

    def handle_data(self, data):
        if self.elements[-1:] == ["style"]:
            self.styles.append(data)
        self.words.append(data)
        self.prose += [] if self.apart else [data]

    @property
    def text(self) -> str:
        """Returns what the page says."""
        return " ".join(" ".join(self.words).split())


def elsewhere(address: str) -> bool:
    """Returns whether an address leads to a host."""
    return bool(urlsplit(address.strip()).netloc)


def file_of(address: str, page: Path, site: Path) -> Path:
    """Returns the file that an address in a page of the site leads to."""
    path = unquote(urlsplit(address).path)
    if not path:
        return page
    file = (site / path.lstrip("/") if path.startswith("/") else page.parent / path).resolve()
    return file / "index.html" if file.is_dir() else file
