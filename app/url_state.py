"""The query string of the page and the view it stands for: read with care, written short."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from app.offered import refusal
from app.older_links import VERSION
from app.view import MAX_METHODS, View
from mtlcore.param import FieldError, sentence_of
from mtlcore.registry import METHODS, method_spec
from toy_problems import PROBLEMS, ToyConfig
from toy_problems.config import BALANCE, BALANCES

DEFAULT = View()


def encode(view: View) -> dict[str, str]:
    """Returns the query of a view: only what differs from the first screen, in a fixed order, and what seeds draw.

    A link is true as long as its seed draws what it drew, so it carries the draws' version; the bare address has none.
    """
    query = {}
    if view.problem != DEFAULT.problem:
        query["problem"] = view.problem
    if view.methods != DEFAULT.methods:
        query["methods"] = ",".join(view.methods)
    query |= {key: entry.format(view.chosen[key]) for key, entry in view.fields.items() if key in view.chosen}
    return query | {VERSION.name: VERSION.format(VERSION.default)} if query else query


def decode(query: Mapping[str, str | Sequence[str]]) -> tuple[View, tuple[str, ...]]:
    """Returns the view a query stands for, and one sentence for each thing in it that could not be used.

    A field that is unknown, repeated, out of range or of the wrong type keeps its default.
    """
    notices: list[str] = []
    given = {key: _single(key, value, notices) for key, value in query.items()}
    texts = {_spaces_as_plus(key): text for key, text in given.items() if text is not None}
    _check_version(texts.pop(VERSION.name, None), notices)
    problem = _problem(texts.pop("problem", None), notices)
    methods = _methods(texts, problem, notices)
    chosen: dict[str, Any] = {}
    view = View(problem, methods)
    # d and tasks first: the ranges of the others depend on them
    for name in sorted(texts, key=lambda name: name not in ("d", "tasks")):
        key = BALANCE.name if name == BALANCES.name and view["tasks"] == 2 else name
        entry = view.fields.get(key)
        if entry is None:
            notices.append(_unknown(key, view))
            continue
        try:
            if key != name:
                chosen[key] = entry.check(_as_s(problem, texts[name]))
            else:
                chosen[key] = entry.parse(texts[name])
        except ValueError as error:
            default = entry.format(entry.default) or "empty"
            notices.append(f"{sentence_of(error)} Using the default, {default}.")
            continue
        if chosen[key] == entry.default:
            del chosen[key]
        view = View(problem, methods, MappingProxyType(dict(chosen)))
    return _runnable(view, notices), tuple(notices)


def _single(key: str, value: str | Sequence[str], notices: list[str]) -> str | None:
    if isinstance(value, str):
        return value
    if len(value) != 1:
        notices.append(f"{key} is given {len(value)} times and takes one value. Using the default.")
        return None
    return value[0]


def _spaces_as_plus(text: str) -> str:
    """A plus typed into an address bar arrives as a space; no key or method has a space in it."""
    return text.strip().replace(" ", "+")


def _problem(text: str | None, notices: list[str]) -> str:
    if text is None or text in PROBLEMS:
        return text or DEFAULT.problem
    notices.append(
        f"problem takes one of {', '.join(PROBLEMS)}, got {text!r}. Using the default, {DEFAULT.problem}."
    )
    return DEFAULT.problem


def _check_version(text: str | None, notices: list[str]) -> None:
    """Notes a version of the draws that this page does not know: one to come, or no number."""
    try:
        VERSION.parse(VERSION.format(VERSION.default) if text is None else text)
    except ValueError as error:
        notices.append(f"{sentence_of(error)} Seeds draw what they draw here, version {VERSION.default}.")


def _methods(texts: dict[str, str], problem: str, notices: list[str]) -> tuple[str, ...]:
    """Takes `methods`, or `method` as a single run's configuration writes it."""
    alone = texts.pop("method", None)
    text = texts.pop("methods", alone)
    if text is None:
        return DEFAULT.methods
    keys = [_spaces_as_plus(part) for part in text.split(",")]
    fallback = f"Using the default, {', '.join(DEFAULT.methods)}."
    if not 1 <= len(keys) <= MAX_METHODS or len(set(keys)) != len(keys):
        notices.append(f"methods takes 1 to {MAX_METHODS} different methods, got {text!r}. {fallback}")
        return DEFAULT.methods
    for key in keys:
        try:
            method_spec(key)
        except FieldError as error:
            refused = error.renamed("methods") if error.field == "method" else error
            notices.append(f"{refused} {fallback}")
            return DEFAULT.methods
        if reason := refusal(problem, key):
            notices.append(f"{reason} {fallback}")
            return DEFAULT.methods
    return tuple(keys)


def _unknown(key: str, view: View) -> str:
    if key == BALANCE.name:
        return f"{key} is the balance of two tasks; of {view['tasks']} balance takes one number a task. It is left out."
    method, dot, name = key.rpartition(".")
    if dot and (method in METHODS or "+" in method) and method not in view.methods:
        return f"{key} belongs to {method}, which is not among the methods shown. It is left out."
    if dot and method in view.methods:
        names = [k.rpartition(".")[2] for k in view.fields if k.startswith(f"{method}.")]
        return f"{method} takes {', '.join(names) or 'no parameters'}, got {name!r}. It is left out."
    return f"{key} is not a field of this page. It takes problem, methods, {', '.join(view.fields)}."


def _as_s(problem: str, text: str) -> float:
    """Returns a balance (2s, 2 - 2s) of two tasks as s. Raises FieldError for anything else."""
    return 0.5 * ToyConfig(problem=problem, balance=BALANCES.parse(text)).scales[0]


def _runnable(view: View, notices: list[str]) -> View:
    """Returns the view, or the problem's default where the engine refuses the combination."""
    try:
        for key in view.methods:
            view.config(key)
    except ValueError as error:
        notices.append(f"{sentence_of(error)} Using the defaults of {view.problem}.")
        return View(view.problem, view.methods)
    return view
