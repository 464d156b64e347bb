"""Every citation of a specification leads to entries of docs/references.bib, and to no wrong one."""

import pytest

import mtlcore
from tools.documentation.bibliography import Work, cited, works

SPECS = {
    f"{registry} {key}": spec
    for registry in ("RULES", "TRANSFORMS", "METHODS", "MODIFIERS")
    for key, spec in getattr(mtlcore, registry).items()
    if spec.cite or registry != "MODIFIERS"  # one may be everybody's
}
TWO = {
    "a": Work("a", ("Ann Lee", "Bo Lee"), "One", "2020", names=("Lee & Lee 2020",), short="ONE"),
    "b": Work("b", ("Ann Lee", "Bo Lee"), "Two", "2020", names=("Lee & Lee 2020",), short="TWO"),
    "c": Work("c", ("Ed Roe",), "Three", "1999", names=("The old way", "Roe 1999")),
}


@pytest.mark.parametrize("name", SPECS)
def test_every_citation_leads_to_entries(name):
    found = cited(SPECS[name].cite)
    assert found
    for work in found:
        surnames = [author.split()[-1] for author in work.authors]
        assert any(surname in SPECS[name].cite for surname in surnames) or work.names[0] in SPECS[name].cite


def test_works_of_one_name_are_told_apart():
    assert [work.key for work in cited("Lee & Lee 2020 (TWO, a conference)", TWO)] == ["b"]
    assert [work.key for work in cited("Lee & Lee 2020 (TWO); the old Roe 1999", TWO)] == ["b", "c"]
    assert [work.key for work in cited("The old way of Lee & Lee 2020 (ONE)", TWO)] == ["c", "a"]


@pytest.mark.parametrize(
    ("citation", "complaint"),
    [
        ("Lee & Lee 2020", "may mean ONE, TWO"),
        ("Lee & Lee 2021 (ONE)", "no entry"),
        ("Roe 1999; Doe et al. 2001", "no entry for 'Doe et al. 2001'"),
        ("Common knowledge", "no entry"),
    ],
)
def test_what_leads_nowhere_is_refused(citation, complaint):
    with pytest.raises(ValueError, match=complaint):
        cited(citation, TWO)


def test_every_work_is_written_whole():
    for work in works().values():
        assert work.title in work.markdown
        assert work.year in work.markdown
        assert all(author in work.markdown for author in work.authors)
        assert not set("{}\\") & set(work.markdown)


def test_the_name_of_a_work_follows_its_authors():
    names = {work.key: work.names for work in works().values()}
    assert names["yu2020gradient"] == ("Yu et al. 2020",)
    assert names["ban2024fair"] == ("Ban & Ji 2024",)
    assert names["kendall2018multi"] == ("Kendall et al. 2018", "Kendall, Gal & Cipolla 2018")
    assert names["desideri2012multiple"] == ("Désidéri 2012",)
