"""Reading a run's two small files, whatever has happened to them: sense, or a sentence.

A disk, an editor, another version of this project: each may leave a file empty, cut off, or with something else in
it. Fields that are not known are let pass; those that are have to be of their kind.
"""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Kind = tuple[str, Callable[[Any], bool]]

TEXT: Kind = ("a text", lambda value: isinstance(value, str))
WHOLE: Kind = ("a whole number from 0", lambda value: _is_int(value) and value >= 0)
NUMBER: Kind = ("a finite number", lambda value: _is_number(value))
MAYBE: Kind = ("a finite number or nothing", lambda value: value is None or _is_number(value))
REQUEST: Mapping[str, Kind] = {
    "ticket": WHOLE,
    "device": TEXT,
    "launcher": TEXT,
    "submitted": NUMBER,
    "title": TEXT,
    "method": TEXT,
    "seed": WHOLE,
    "steps": WHOLE,
    "config": ("the configuration", lambda value: isinstance(value, dict) and WHOLE[1](value.get("epochs"))),
}
_STATES = ("queued", "running", "finished", "failed", "cancelled", "interrupted")
_STATE: Kind = ("one of " + ", ".join(_STATES), lambda value: value in _STATES)
STATUS: Mapping[str, Kind] = {
    "updated": NUMBER,
    "started": MAYBE,
    "ended": MAYBE,
    "seconds_left": MAYBE,
    "epoch": WHOLE,
    "step": WHOLE,
    "message": TEXT,
    "source": TEXT,
}


class Unreadable(ValueError):
    """A file of a run cannot be understood; the sentence says which and why."""


def read_request(path: Path) -> dict[str, Any]:
    """Returns what `run.json` asks for. Raises Unreadable."""
    return _read(path, REQUEST, {})


def read_status(path: Path) -> dict[str, Any]:
    """Returns what `status.json` says; its state is certain to be there. Raises Unreadable."""
    return _read(path, {"state": _STATE}, STATUS)


def _read(path: Path, needed: Mapping[str, Kind], known: Mapping[str, Kind]) -> dict[str, Any]:
    found = _object(path)
    for name, (wanted, fits) in {**needed, **known}.items():
        if name not in found and name not in needed:
            continue
        if name not in found:
            raise Unreadable(f"{path.name} cannot be read: {name} is missing.")
        if not fits(found[name]):
            raise Unreadable(f"{path.name} cannot be read: {name} takes {wanted}, got {_short(found[name])}.")
    return found


def _object(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} cannot be read: it is no text.") from error
    if not text.strip():
        raise Unreadable(f"{path.name} cannot be read: it is empty.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path.name} cannot be read: it is damaged or cut off.") from error
    if not isinstance(found, dict):
        raise Unreadable(f"{path.name} cannot be read: it takes named fields, got {_short(found)}.")
    return found


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53


def _is_number(value: Any) -> bool:
    return _is_int(value) or (isinstance(value, float) and math.isfinite(value))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
