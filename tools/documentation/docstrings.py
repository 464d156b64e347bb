"""Docstrings as the API pages show them: prose, in which a bracket is a shape and no link, and `<` no HTML."""

import re
from typing import Any

import griffe

_CODE = re.compile(r"(`[^`]*`)")
_SIGNS = re.compile(r"([\[\]<*])")


class Prose(griffe.Extension):
    """Lets every docstring's signs stand for themselves, but for code between backticks."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Escapes the signs of an object's docstring, where it has one."""
        if obj.docstring:
            obj.docstring.value = prose(obj.docstring.value)


def prose(text: str) -> str:
    """Returns Markdown that shows the text as it is, with code where it stands between backticks."""
    return "".join(
        part if part.startswith("`") and len(part) > 1 else _SIGNS.sub(r"\\\1", part)
        for part in _CODE.split(text)
    )
