"""Parameters as options of a command line: described as they describe themselves, read as links are read."""

from collections.abc import Iterable, Mapping
from typing import Any

from mtlcore.spec import Param


def add_options(group: Any, params: Iterable[Param], dashes: bool = False) -> None:
    """Adds one option a parameter to an argparse parser or group; its text is for `read_options` to read.

    dashes: whether an option's name has dashes where the parameter's has underscores.
    """
    for param in params:
        limits = ", ".join(param.choices) or ("true, false" if param.kind == "bool" else param.range_in_words)
        told = (
            f"{param.help or param.label + '.'} ({limits}; default: {param.format(param.default) or 'equal'})"
        )
        group.add_argument(
            f"--{option_name(param, dashes)}",
            dest=param.name,
            help=told.replace("%", "%%"),
            metavar=param.kind.upper(),
        )


def option_name(param: Param, dashes: bool) -> str:
    """Returns what a parameter is called on the command line, without the two dashes before it."""
    return param.name.replace("_", "-") if dashes else param.name


def read_options(params: Iterable[Param], given: Mapping[str, str | None]) -> dict[str, Any]:
    """Returns the values of the parameters that were given. Raises FieldError for a text that is no such value."""
    texts = {param: given.get(param.name) for param in params}
    return {param.name: param.parse(text) for param, text in texts.items() if text is not None}
