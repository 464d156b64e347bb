"""What the README says is true: its tables, its code, its commands, its links and its references."""

import re

import pytest
from source_tree import ROOT

import mtlcore
from tools.make_readme_tables import PLACE, README, TABLES, with_tables
from toy_problems import PROBLEMS

TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
PYTHON = [code for language, code in BLOCKS if language == "python"]
PAGES = ("README.md", "CONTRIBUTING.md", "docs/design.md")


def test_the_tables_are_those_of_the_registries():
    assert {name for _, name, _ in PLACE.findall(TEXT)} == set(TABLES)
    assert with_tables(TEXT) == TEXT, "run: make docs"


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_the_code_runs(number, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(PYTHON[number], f"README.md, example {number + 1}", "exec"), {"__name__": "__main__"})
    assert "nan" not in capsys.readouterr().out


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if not link.startswith("http")]
    assert links
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page):
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= rules


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md"])
def test_files_named_in_the_text_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:app|benchmarks|docs|mtlcore|tests|tools|toy_problems)/[\w/.]*)`", text)
    assert [path for path in named if "NAME" not in path and not (ROOT / path).exists()] == []


def test_every_source_has_its_reference():
    """A card says "Surname et al. YEAR"; some entry holds both words."""
    bibliography = (ROOT / "docs/references.bib").read_text(encoding="utf-8").replace(r"{\'e}", "é")
    entries = re.findall(r"^@\w+\{\w+,(.*?)^\}", bibliography, re.DOTALL | re.MULTILINE)
    specs = [*mtlcore.METHODS.values(), *mtlcore.RULES.values(), *mtlcore.TRANSFORMS.values()]
    cards = " ".join(spec.cite for spec in [*specs, *PROBLEMS.values()])
    cited = set(re.findall(r"([A-Z][\w-]+)(?: & [A-Z][\w-]+| et al\.)? (\d{4})", cards))
    assert len(cited) > 5
    assert [c for c in cited if not any(c[0] in entry and c[1] in entry for entry in entries)] == []
