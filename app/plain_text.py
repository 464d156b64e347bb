"""Text that somebody else wrote, safe to show where Streamlit reads Markdown and Plotly a little HTML."""

import re

LONGEST = 400  # characters of one notice
JOINER = "\u2060"  # WORD JOINER: has no width and allows no line break

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")  # every punctuation mark of ASCII, as Markdown lets one escape them
_LINKS = re.compile(r"(://|www(?=\.)|(?=@))", re.IGNORECASE)


def plain(text: str) -> str:
    """Returns text that Markdown shows as it is, on one line; the middle of a long one left out.

    No link, picture, list, formula or colour comes of it. Escapes are not enough for bare addresses, which are
    made links after the escapes are gone: an invisible joiner keeps their pieces apart.
    """
    half, text = LONGEST // 2, " ".join(text.split())
    kept = text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"
    return _MARKS.sub(r"\\\1", _LINKS.sub(rf"\1{JOINER}", kept))


def no_tags(text: str) -> str:
    """Returns text that Plotly shows as it is: it reads links and line breaks from tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
