"""What MkDocs asks while it builds the site: pages from the registry, texts of the repository, links and formulas."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from mkdocs.config.defaults import MkDocsConfig  # noqa: E402
from mkdocs.exceptions import PluginError  # noqa: E402
from mkdocs.structure.files import File, Files  # noqa: E402
from mkdocs.structure.pages import Page  # noqa: E402

from tools.documentation import method_pages, modifier_pages, problem_pages, rule_pages, transform_pages  # noqa: E402
from tools.documentation.bibliography import works  # noqa: E402
from tools.documentation.mathml import with_mathml  # noqa: E402
from tools.documentation.sources import BESIDE, file_of, with_links, with_sections  # noqa: E402

BIBLIOGRAPHY = "<!-- bibliography -->"


def generated() -> dict[str, str]:
    """Returns the Markdown of every page that the registry gives, by its place in the site."""
    made = (method_pages, rule_pages, modifier_pages, transform_pages, problem_pages)
    return {place: text for kind in made for place, text in kind.pages().items()}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts the generated pages into the navigation, where it has `FOLDER/*`."""
    config.extra["generated"] = generated()
    config.nav = _filled(config.nav, list(config.extra["generated"]))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the generated pages, and the files beside docs/ that are pages or are offered by one."""
    for place, text in config.extra["generated"].items():
        files.append(File.generated(config, place, content=text))
    for file, place in BESIDE.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / file)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Puts the README's sections and the bibliography where a page asks for them, and turns links to the site's."""
    place = page.file.src_uri
    if place in config.extra["generated"]:
        return markdown
    try:
        text = with_sections(with_links(markdown, file_of(place), place), place)
    except ValueError as error:
        raise PluginError(f"{place}: {error}") from error
    return text.replace(BIBLIOGRAPHY, bibliography())


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Shows the page's formulas as MathML."""
    try:
        return with_mathml(html)
    except ValueError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error


def bibliography() -> str:
    """Returns the list of works, each with the anchor that the pages link to."""
    return "\n".join(f'- <span id="{work.key}"></span>{work.markdown}' for work in works().values())


def _filled(nav: Any, pages: list[str]) -> Any:
    """Returns the navigation with `FOLDER/*` replaced by the generated pages of that folder, its index left out."""
    if isinstance(nav, dict):
        return {title: _filled(part, pages) for title, part in nav.items()}
    if isinstance(nav, list):
        return [
            entry
            for part in nav
            for entry in (_filled(part, pages) if _is_folder(part) else [_filled(part, pages)])
        ]
    if _is_folder(nav):
        return [page for page in pages if page.startswith(nav[:-1]) and not page.endswith("/index.md")]
    return nav


def _is_folder(part: Any) -> bool:
    return isinstance(part, str) and part.endswith("/*")
