"""One adjustable number and what it takes: checks, options, sliders and links derive from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True)
class Param:
    """One adjustable number of a rule, a transform or a problem: sliders, options and checks derive from it.

    `kind` vector takes a sequence of floats, `()` meaning the rule's own default. `scale` log is for display.
    `former` holds (old spelling, choice of today) for choices that were renamed: old links still open.
    `network_default` takes the place of `default`, which is the toys', on networks; None: it is the same.
    """

    name: str
    label: str
    kind: Literal["float", "int", "choice", "bool", "vector"]
    default: Any
    low: float = 0.0
    high: float = 1.0
    step: float = 0.0
    choices: tuple[str, ...] = ()
    scale: Literal["linear", "log"] = "linear"
    help: str = ""
    former: tuple[tuple[str, str], ...] = ()
    network_default: Any = None

    def check(self, value: Any, owner: str) -> Any:
        """Returns `value` in this parameter's type. Raises ValueError naming owner, name, value, range."""
        if self.kind == "choice":
            value = dict(self.former).get(str(value), value)
            if value not in self.choices:
                raise ValueError(
                    f"{owner}: {self.name} takes one of {', '.join(self.choices)}, got {value!r}."
                )
            return value
        if self.kind == "bool":
            if not isinstance(value, (bool, np.bool_)):
                raise ValueError(f"{owner}: {self.name} takes True or False, got {value!r}.")
            return bool(value)
        if self.kind == "vector":
            if isinstance(value, (str, bytes)) or not np.iterable(value):
                raise ValueError(f"{owner}: {self.name} takes a sequence of numbers, got {value!r}.")
            return tuple(self._number(item, owner) for item in value)
        return self._number(value, owner)

    def _number(self, value: Any, owner: str) -> float | int:
        got = "nothing" if value is None else repr(value)
        complaint = f"{owner}: {self.name} takes {self.range_in_words}, got {got}."
        if isinstance(value, (bool, str, bytes)):
            raise ValueError(complaint)
        try:
            number = float(value)
        except (TypeError, ValueError) as error:
            raise ValueError(complaint) from error
        if not self.low <= number <= self.high or (self.kind == "int" and number != int(number)):
            raise ValueError(complaint)
        return int(number) if self.kind == "int" else number

    @property
    def range_in_words(self) -> str:
        """Returns what numbers it takes, as "a whole number from 1 to 200000", every digit written out."""
        low, high = f"{self.low:.15g}", f"{self.high:.15g}"
        wanted = "a whole number" if self.kind == "int" else "a number"
        return f"{wanted} from {low} to {high}" if low != high else f"only {low}"

    def encode(self, value: Any) -> list[float]:
        """Returns the numbers a kernel gets: a choice is its index, a bool 0 or 1, a vector itself."""
        if self.kind == "choice":
            return [float(self.choices.index(value))]
        if self.kind == "vector":
            return [float(item) for item in value]
        return [float(value)]


def check_params(params: tuple[Param, ...], given: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Returns every parameter's checked value, defaults filled in. Raises ValueError for an unknown name."""
    known = {p.name: p for p in params}
    for name in given:
        if name not in known:
            listing = ", ".join(known) if known else "none"
            raise ValueError(f"{owner} has no parameter {name!r}; it takes: {listing}.")
    return {name: p.check(given.get(name, p.default), owner) for name, p in known.items()}
