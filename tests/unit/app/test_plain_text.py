"""What somebody else wrote is shown as it is."""

import string

import pytest

from app.plain_text import JOINER, LONGEST, no_tags, plain


def test_links_pictures_colours_and_formulas_lose_their_meaning():
    text = r"![x](http:a) [y](z) :red[R] $x^2$ <b> `c` *d* _e_ ~f~ {g} \h | # i - j + k = l 1. m"
    shown = plain(text)
    for mark in string.punctuation:
        assert shown.count("\\" + mark) >= text.count(mark)


@pytest.mark.parametrize("address", ["http://a.example", "HTTPS://a.example", "www.a.example", "a@b.example"])
def test_bare_addresses_are_taken_apart(address):
    shown = plain(f"see {address}!").replace("\\", "")
    assert address not in shown
    assert shown.replace(JOINER, "") == f"see {address}!"


def test_text_of_several_lines_makes_no_list_and_no_heading():
    assert "\n" not in plain("one\n- two\n\n===\n\tthree")


def test_a_long_text_loses_its_middle():
    shown = plain("a" * 9999 + "z")
    assert len(shown) < LONGEST + 9
    assert shown.startswith("aaa")
    assert shown.endswith("z")


def test_plotly_reads_no_tags():
    assert no_tags('<a href="x">&lt;') == '&lt;a href="x">&amp;lt;'
