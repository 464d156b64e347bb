"""One adjustable number and what it takes: checks, options, sliders and links derive from it."""

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_EXACT_AS_INT = 1e15  # a whole float below it is written without its point and reads back the same


class FieldError(ValueError):
    """A field does not take what it was given. The text is a sentence: "cagrad: c takes ..., got ...".

    owner: what the field belongs to, "" where that goes without saying. field: its name. got: the value. takes: what
    it takes, as the sentence goes on after "takes". shown: how the sentence words `got`; without, by its repr.
    """

    def __init__(self, owner: str, field: str, got: Any, takes: str, shown: str = "") -> None:
        super().__init__(owner, field, got, takes, shown)
        self.owner = owner
        self.field = field
        self.got = got
        self.takes = takes
        self.shown = shown or ("nothing" if got is None else repr(got))

    @property
    def sentence(self) -> str:
        """The text without the owner, for whoever sees the field and not what it belongs to."""
        return f"{self.field} takes {self.takes}, got {self.shown}."

    def renamed(self, field: str, owner: str = "") -> "FieldError":
        """Returns the same refusal of what is called `field` elsewhere: in a link, on a page."""
        return type(self)(owner, field, self.got, self.takes, self.shown)

    def __str__(self) -> str:
        return f"{self.owner}: {self.sentence}" if self.owner else self.sentence


class UnknownField(FieldError):
    """There is no such field. `field` is the name that was given, `takes` lists the names there are."""

    @property
    def sentence(self) -> str:
        """The whole text: without its owner it would not say what has no such field."""
        return f"{self.owner} has no parameter {self.field!r}; it takes: {self.takes}."

    def __str__(self) -> str:
        return self.sentence


def sentence_of(error: ValueError) -> str:
    """Returns what a page or a command line says of an error: a refused field's sentence without its owner."""
    return error.sentence if isinstance(error, FieldError) else str(error)


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
        """Returns `value` in this parameter's type. Raises FieldError for a value that it does not take."""
        match self.kind:
            case "choice":
                value = dict(self.former).get(str(value), value)
                if value not in self.choices:
                    raise FieldError(
                        owner, self.name, value, f"one of {', '.join(self.choices)}", repr(value)
                    )
                return value
            case "bool":
                if not isinstance(value, (bool, np.bool_)):
                    raise FieldError(owner, self.name, value, "True or False", repr(value))
                return bool(value)
            case "vector":
                if isinstance(value, (str, bytes)) or not np.iterable(value):
                    raise FieldError(owner, self.name, value, "a sequence of numbers", repr(value))
                return tuple(self._number(item, owner) for item in value)
        return self._number(value, owner)

    def parse(self, text: str, owner: str = "") -> Any:
        """Returns the value that a text stands for: a link's, a command line's, a typed one. It undoes `format`.

        A bool is true, yes or 1, or false, no or 0; a vector has commas between its numbers, and "" is the empty one.
        Raises FieldError for a text that is no such value, and for a value that the parameter does not take.
        """
        match self.kind:
            case "choice":
                return self.check(text, owner)
            case "bool":
                truth = _TRUTHS.get(text.strip().lower())
                if truth is None:
                    raise FieldError(owner, self.name, text, "true or false")
                return truth
            case "vector":
                parts = text.replace(";", ",").rstrip(", ").split(",") if text.strip() else []
                return self.check([number_in(part) for part in parts], owner)
        return self.check(number_in(text), owner)

    def format(self, value: Any) -> str:
        """Returns the text that `parse` reads as this value again: short, and exact."""
        match self.kind:
            case "choice":
                return str(value)
            case "bool":
                return str(bool(value)).lower()
            case "vector":
                return ",".join(map(number_text, value))
        return number_text(value)

    def _number(self, value: Any, owner: str) -> float | int:
        try:
            number = math.nan if isinstance(value, (bool, str, bytes)) else float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise FieldError(owner, self.name, value, self.range_in_words) from error
        inside = math.isfinite(number) and self.low <= number <= self.high
        if not inside or (self.kind == "int" and number != int(number)):
            raise FieldError(owner, self.name, value, self.range_in_words)
        return int(number) if self.kind == "int" else number

    @property
    def range_in_words(self) -> str:
        """What numbers it takes, as "a whole number from 1 to 200000", every digit written out."""
        low, high = f"{self.low:.15g}", f"{self.high:.15g}"
        wanted = "a whole number" if self.kind == "int" else "a number"
        if self.high == math.inf:
            return f"{wanted} from {low} on"
        return f"{wanted} from {low} to {high}" if low != high else f"only {low}"

    def encode(self, value: Any) -> list[float]:
        """Returns the numbers a kernel gets: a choice is its index, a bool 0 or 1, a vector itself."""
        if self.kind == "choice":
            return [float(self.choices.index(value))]
        if self.kind == "vector":
            return [float(item) for item in value]
        return [float(value)]


def number_in(text: str) -> float | str:
    """Returns the number that a text is, or the text itself, which a parameter's check refuses."""
    for read in (int, float):
        with suppress(ValueError):
            return read(text)
    return text


def number_text(value: float) -> str:
    """Returns a number as `number_in` reads it again: short, and exact."""
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    number = float(value)
    short = (
        number.is_integer()
        and abs(number) < _EXACT_AS_INT
        and (number != 0.0 or math.copysign(1.0, number) > 0)
    )
    return str(int(number)) if short else repr(number)


def check_params(params: tuple[Param, ...], given: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Returns every parameter's checked value, defaults filled in.

    Raises FieldError for a value that a parameter does not take, and UnknownField for a name that none has.
    """
    known = {p.name: p for p in params}
    for name in given:
        if name not in known:
            raise UnknownField(owner, name, given[name], ", ".join(known) or "none")
    return {name: p.check(given.get(name, p.default), owner) for name, p in known.items()}
