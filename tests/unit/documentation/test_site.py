"""The site that `make site` builds: no warning, a page for whatever the registry has, nothing from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from built_site import Read, elsewhere, file_of

import experiments.launch
import mtlcore.diagnostics
import mtlcore.nn
import toy_problems
from mtlcore.spec import PROPERTIES
from tools.documentation.sources import ROOT

FOLDERS = {
    "rules": mtlcore.RULES, "transforms": mtlcore.TRANSFORMS, "methods": mtlcore.METHODS,
    "modifiers": mtlcore.MODIFIERS, "problems": toy_problems.PROBLEMS,
}  # fmt: skip
# One process builds the site once.
pytestmark = pytest.mark.xdist_group("site")
ENTRIES = [(folder, key) for folder, registry in FOLDERS.items() for key in registry]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, str]:
    """Returns the folder of a site built as `make site` builds it, and what was said meanwhile."""
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return site, done.stdout + done.stderr


@pytest.fixture(scope="module")
def pages(built) -> dict[str, Read]:
    """Returns every page of the site by its place in it."""
    site, _ = built
    return {path.relative_to(site).as_posix(): Read(path) for path in site.rglob("*.html")}


def test_it_is_built_without_a_warning(built):
    _, said = built
    assert "Documentation built" in said
    assert re.findall(r"warn\w*.*|error.*|deprecat\w*.*", said, re.IGNORECASE) == []


@pytest.mark.parametrize(("folder", "key"), ENTRIES)
def test_every_entry_has_its_page(pages, folder, key):
    spec, page = FOLDERS[folder][key], pages[f"{folder}/{key}.html"]
    assert spec.title in page.text
    assert key in page.text
    assert (spec.idea if folder != "methods" else spec.note).split(". ")[0].split("`")[0][:60] in page.text
    assert "math" in page.elements
    assert spec.cite in page.text
    for param in getattr(spec, "params", ()):
        assert param.name in page.text
    assert f"{key}.html" in pages[f"{folder}/index.html"].links


@pytest.mark.parametrize("key", mtlcore.RULES)
def test_a_rule_says_why_something_does_not_hold(pages, key):
    spec, text = mtlcore.RULES[key], pages[f"rules/{key}.html"].text
    assert [
        reason for name, reason in spec.exemptions.items() if name in PROPERTIES and reason not in text
    ] == []
    assert spec.no_preferences in text


def test_formulas_are_mathml(pages):
    raw = [
        place for place, page in pages.items() if "arithmatex" in page.classes or "merror" in page.elements
    ]
    assert raw == []
    assert [place for place, page in pages.items() if "$" in "".join(page.prose)] == []
    assert sum("math" in page.elements for page in pages.values()) > len(ENTRIES)


def test_nothing_is_loaded_from_elsewhere(built, pages):
    site, _ = built
    loaded = {
        place: [address for address in page.loads if elsewhere(address)] for place, page in pages.items()
    }
    assert {place: found for place, found in loaded.items() if found} == {}
    assert any(page.loads for page in pages.values())
    sheets = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    sheets += [style for page in pages.values() for style in page.styles]
    addresses = [
        a.strip("\"' ")
        for s in sheets
        for a in re.findall(r"url\(([^)]*)\)|@import\s+[\"']([^\"']*)", s)
        for a in a
    ]
    assert [address for address in addresses if elsewhere(address)] == []
    # the theme's script would fetch a library for these
    assert [place for place, page in pages.items() if page.classes & {"mermaid", "giscus"}] == []


def test_every_link_within_the_site_leads_somewhere(built, pages):
    site, _ = built
    read = {page.path.resolve(): page for page in pages.values()}
    broken = []
    for place, page in pages.items():
        for address in (*page.links, *page.loads):
            if elsewhere(address) or urlsplit(address).scheme:
                continue
            file, anchor = file_of(address, page.path, site), urlsplit(address).fragment
            if not file.is_file() or (anchor and file in read and anchor not in read[file].anchors):
                broken.append((place, address))
    assert broken == []


@pytest.mark.parametrize("module", [mtlcore, mtlcore.nn, toy_problems, experiments.launch])
def test_the_api_has_whatever_a_package_offers(pages, module):
    api = [page for place, page in pages.items() if place.startswith("api/")]
    anchors, text = set().union(*(page.anchors for page in api)), " ".join(page.text for page in api)
    missing = [
        n for n in module.__all__ if not {f"{module.__name__}.{n}", f"{module.__name__}.{n}.{n}"} & anchors
    ]
    assert [name for name in missing if name.upper() != name or name not in text] == []


def test_the_documents_of_the_repository_are_pages(pages):
    documents = {
        path.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        for path in (ROOT / "docs").rglob("*.md")
    }
    assert documents <= set(pages)
    assert {"contributing.html", "security.html", "changelog.html"} <= set(pages)
