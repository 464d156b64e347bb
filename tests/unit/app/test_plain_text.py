"""What a visitor typed is shown as it is."""

from app.plain_text import LONGEST, plain


def test_links_pictures_colours_and_formulas_lose_their_meaning():
    text = r"![x](http://a/x.png) [y](z) :red[R] $x^2$ <b> `c` *d* _e_ ~f~ {g} \h | # i"
    shown = plain(text)
    for mark in "`*_[]{}$:~<>!#|":
        assert shown.count("\\" + mark) == text.count(mark)
    assert "\\\\h" in shown


def test_a_long_text_loses_its_middle():
    shown = plain("a" * 9999 + "z")
    assert len(shown) < LONGEST + 9
    assert shown.startswith("aaa")
    assert shown.endswith("z")
