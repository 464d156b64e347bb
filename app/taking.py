"""One changed field on its way into the view: checked where it comes in, refused with a sentence."""

from collections.abc import Mapping
from typing import Any

from app import session
from mtlcore.param import FieldError, number_in, sentence_of


def take_all(changes: Mapping[str, Any]) -> None:
    """Puts what the controls in the page changed into the view, one after the other; what is no field is left out.

    A text under a vector's name with a task's number, as "preferences.1", was typed as that task's share and is none.
    """
    session.choose(session.view())  # something was done here: the address bar does not decide
    for key, value in changes.items():
        vector, dot, task = key.rpartition(".")
        if key in session.view().fields:
            take(key, value)
        elif dot and vector in session.view().fields and task.isdecimal():
            refuse_share(vector, value)


def refuse_share(key: str, value: Any) -> None:
    """Says what a task's share of a vector can be."""
    view = session.view()
    total = 1 if key == "preferences" else view["tasks"]
    got = number_in(value) if isinstance(value, str) else value
    session.refuse(FieldError("", key, got, f"a number from 0 to {total} for a task").sentence)


def take(key: str, value: Any) -> None:
    """Puts a field's new value into the view, a text as its field reads it; what cannot be is refused and said."""
    view = session.view()
    entry = view.fields[key]
    try:
        taken = entry.parse(value) if isinstance(value, str) else entry.check(value)
    except ValueError as error:
        session.refuse(sentence_of(error))
        return
    refused = view.refusal(key, taken)
    if refused is not None and refused.field == key:
        session.refuse(refused.sentence)
        return
    session.change(key, taken)
