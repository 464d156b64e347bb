"""Text that somebody else wrote, safe to show where Streamlit reads Markdown."""

import re

LONGEST = 400  # characters of one notice

_MARKS = re.compile(r"([\\`*_\[\]{}$:~<>!#|])")


def plain(text: str) -> str:
    """Returns text that Markdown shows as it is: no links, pictures, formulas; the middle of a long one left out."""
    half = LONGEST // 2
    kept = text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"
    return _MARKS.sub(r"\\\1", kept)
