"""The code on every page of the registry runs as it stands, and prints numbers."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

import mtlcore
from app.url_state import decode
from tools.documentation import (
    method_pages,
    modifier_pages,
    parts,
    problem_pages,
    rule_pages,
    transform_pages,
)
from toy_problems import PROBLEMS

MAKERS = {
    "rule": (mtlcore.RULES, rule_pages.rule),
    "modifier": (mtlcore.MODIFIERS, modifier_pages.modifier),
    "transform": (mtlcore.TRANSFORMS, transform_pages.transform),
    "method": (mtlcore.METHODS, method_pages.method),
    "problem": (PROBLEMS, problem_pages.problem),
}
ENTRIES = [(kind, key) for kind, (registry, _) in MAKERS.items() for key in registry]


@pytest.mark.parametrize(("kind", "key"), ENTRIES)
def test_the_code_runs(kind, key, tmp_path, monkeypatch, capsys):
    registry, made = MAKERS[kind]
    blocks = re.findall(r"^```python\n(.*?)^```", made(registry[key]), re.DOTALL | re.MULTILINE)
    assert blocks
    monkeypatch.chdir(tmp_path)
    for block in blocks:
        exec(compile(block, f"{kind} {key}", "exec"), {"__name__": "__main__"})
        said = capsys.readouterr().out
        assert said
        assert "nan" not in said


@pytest.mark.parametrize("key", mtlcore.METHODS)
def test_a_page_opens_the_playground_with_its_method(key):
    links = re.findall(r"\((http[^)]*)\)", parts.watch(key))
    for link in links:
        view, notices = decode(parse_qs(urlsplit(link).query))
        assert notices == ()
        assert view.methods == (key,)
    assert {decode(parse_qs(urlsplit(link).query))[0].problem for link in links} <= set(PROBLEMS)


def test_most_methods_can_be_watched():
    assert sum(bool(parts.watch(key)) for key in mtlcore.METHODS) > len(mtlcore.METHODS) / 2
