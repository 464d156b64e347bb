"""Texts of the repository as pages: links, sections of the README, formulas, docstrings."""

import pytest

from tools.documentation.docstrings import prose
from tools.documentation.mathml import with_mathml
from tools.documentation.sources import section, with_links, with_sections


@pytest.mark.parametrize(
    ("link", "origin", "page", "there"),
    [
        ("docs/lab.md", "README.md", "index.md", "lab.md"),
        ("docs/lab.md#a", "README.md", "start/index.md", "../lab.md#a"),
        ("../SECURITY.md", "docs/lab.md", "lab.md", "security.md"),
        ("../README.md", "docs/lab.md", "results/x.md", "../index.md"),
        ("https://example.org/docs/lab.md", "README.md", "index.md", "https://example.org/docs/lab.md"),
        ("#below", "README.md", "index.md", "#below"),
    ],
)
def test_links_follow_their_file(link, origin, page, there):
    assert with_links(f"See [it]({link}).", origin, page) == f"See [it]({there})."


def test_a_file_that_the_site_does_not_have_is_refused():
    with pytest.raises(ValueError, match="Makefile"):
        with_links("[it](Makefile)", "README.md", "index.md")


def test_a_section_of_the_readme_is_taken_whole():
    start = section("Start")
    assert start.startswith("## Start\n")
    assert "### A CPU build of torch" in start
    assert "\n## " not in start
    assert with_sections("# T\n\n<!-- README: Start -->\n", "t.md").count("make app     #") == 1


def test_a_section_that_the_readme_does_not_have_is_refused():
    with pytest.raises(ValueError, match="got 'Stort'"):
        with_sections("<!-- README: Stort -->", "t.md")


def test_formulas_become_mathml():
    page = '<p><span class="arithmatex">\\(a &lt; b\\)</span></p><div class="arithmatex">\\[\\frac12\\]</div>'
    shown = with_mathml(page)
    assert "<mo>&lt;</mo>" in shown
    assert "<mfrac>" in shown
    assert "arithmatex" not in shown


def test_what_is_no_formula_is_refused():
    with pytest.raises(ValueError, match="nosuchcommand"):
        with_mathml('<span class="arithmatex">\\(\\nosuchcommand\\)</span>')


def test_a_docstring_is_prose():
    assert (
        prose("Gives [K, D][N], <d> and `a[0][1] < *b*`.")
        == r"Gives \[K, D\]\[N\], \<d> and `a[0][1] < *b*`."
    )


def test_a_docstring_says_of_each_name_what_it_is_in_a_paragraph_of_its_own():
    text = "Gives w: K numbers.\n\ngram: a matrix\n    [K, K]. G: as it is. losses: K numbers. Not so: this."
    shown = [" ".join(part.split()) for part in prose(text, ("G", "losses")).split("\n\n") if part.strip()]
    assert shown == [
        "Gives w: K numbers.", r"`gram`: a matrix \[K, K\].", "`G`: as it is.", "`losses`: K numbers. Not so: this.",
    ]  # fmt: skip


def test_a_link_that_shows_a_path_shows_the_title_of_the_page():
    assert with_links("[docs/design.md](docs/design.md#a)", "README.md", "index.md") == (
        "[How the project is laid out, and why](design.md#a)"
    )
    assert with_links("[x.bib](docs/references.bib)", "README.md", "index.md") == "[x.bib](references.bib)"
