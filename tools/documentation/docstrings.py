"""Docstrings as the API pages show them: prose, in which a bracket is a shape and no link, and `<` no HTML."""

import re
from collections.abc import Iterable
from typing import Any

import griffe

_CODE = re.compile(r"(`[^`]*`)")
_SIGNS = re.compile(r"([\[\]<*])")
_LEADING = (
    r"^[a-z]\w*(?:, [a-z]\w*)*"  # what a line begins with that says of something what it is: "name: ..."
)


class Prose(griffe.Extension):
    """Lets every docstring's signs stand for themselves, but for code between backticks."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrites an object's docstring, where it has one, as Markdown."""
        if obj.docstring:
            names = (
                [p.name for p in obj.parameters] if isinstance(obj, griffe.Function) else list(obj.members)
            )
            obj.docstring.value = prose(obj.docstring.value, names)


def prose(text: str, names: Iterable[str] = ()) -> str:
    """Returns Markdown that shows the text as it is, with code where it stands between backticks.

    What says of a name what it is begins a paragraph: a line with a name and a colon, and a sentence with one of
    the given `names` and a colon.
    """
    known = "".join(rf"|(?:^|(?<=[.;)]\s)){re.escape(name)}" for name in names)
    text = re.sub(rf"({_LEADING}{known})(?=:\s)", r"\n\n`\1`", text, flags=re.MULTILINE)
    return "".join(
        part if part.startswith("`") and len(part) > 1 else _SIGNS.sub(r"\\\1", part)
        for part in _CODE.split(text)
    )
