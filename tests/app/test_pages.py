"""The navigation: every file of app_pages is a page, by the line that it begins with."""

import pytest

from app.pages import FOLDER, find_pages


def test_every_file_is_a_page_and_no_two_share_a_place():
    pages = find_pages()
    assert set(pages) == {path.stem for path in FOLDER.glob("[a-z]*.py")}
    places = [page.place for page in pages.values()]
    assert places == sorted(set(places))
    assert next(iter(pages)) == "playground"


@pytest.mark.parametrize("text", ["", "PAGE = 3", "from app.pages import Page\nshow(Page('A', 'b', 1))"])
def test_a_file_that_says_nothing_of_itself_is_refused(text, tmp_path):
    (tmp_path / "empty.py").write_text(text)
    with pytest.raises(ValueError, match=r"empty\.py: a page takes a line PAGE = Page"):
        find_pages(tmp_path)
