"""What a page needs to compute a view's runs by itself: names of kernels, numbers, and the words that go with them.

The page holds no formula and knows no method. A recipe names each run's kernels as the engine's manifest does, says
which of the view's fields stand in their parameters and in which order, and holds what is chosen now; the page lays
what a hand changes over it. What a problem is by itself are its facts, which are sent once, and most of a recipe stays
as it is while numbers change.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.stage._methods import method_recipe, names_of
from app.stage.facts import facts_name, problem_kernels
from app.stage.pack import Run
from app.view import LOOKING, RECORDS, View
from toy_problems import PROBLEMS

VERSION = 1
NOW = ("chosen", "pair", "texts", "passages")  # what is another with every number that a person changes


def recipe(view: View, runs: Sequence[Run], dark: bool | None = None) -> dict[str, Any]:
    """Returns the recipe of a view's runs as plain JSON values. runs: one for each of its methods, for their words."""
    words = _different(run.words for run in runs)
    texts = _different(text for run in runs for _, text in run.passages)
    keys = shaping(view)
    return {
        "version": VERSION,
        "facts": facts_name(view.problem, view["tasks"]),
        "dark": dark,
        "records": RECORDS,
        "chosen": {key: value for key, value in view.picture.chosen.items() if key in keys},
        "pair": view["pair"],
        "defaults": {key: view.fields[key].default for key in keys},
        "choices": {key: list(view.fields[key].param.choices) for key in keys if _is_choice(view, key)},
        "fits": fits(view),
        "texts": texts,
        "passages": [[[int(step), texts.index(text)] for step, text in run.passages] for run in runs],
        "words": words,
        "methods": [
            {
                **method_recipe(view, key),
                "title": run.title,
                "words": words.index(run.words),
            }
            for key, run in zip(view.methods, runs, strict=True)
        ],
    }


def parts(told: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns a recipe in two parts: what stays while numbers change, and what does not."""
    return {key: told[key] for key in told if key not in NOW}, {key: told[key] for key in NOW}


def _different(values: Iterable[Any]) -> list[Any]:
    """Returns each value once, in order; they need not be hashable."""
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def shaping(view: View) -> tuple[str, ...]:
    """Returns the keys of the view's fields that its runs depend on."""
    transforms = {p.name for spec in view.specs for p in spec.params}
    own = {key for key in view.fields if "." in key}
    shared = (
        "lr",
        "optimizer",
        "steps",
        "seed",
        "d",
        "s",
        "balance",
        "noise",
        "preferences",
        "starts",
        "record_every",
    )
    return tuple(key for key in view.fields if key in own or key in transforms or key in shared)


def _is_choice(view: View, key: str) -> bool:
    return key != "starts" and view.fields[key].param.kind == "choice"


def fits(view: View) -> dict[str, dict[str, Any]]:
    """Returns what else changes with d: for each d that is not chosen now the fields that no longer fit, and what they
    become; None for a field that goes back to its default. Of a d where nothing else changes there is no entry.
    """
    found = {}
    for dim in PROBLEMS[view.problem].dims:
        then = view.having("d", dim).chosen
        moved = {
            key: then.get(key)
            for key in view.chosen
            if key not in ("d", *LOOKING) and then.get(key) != view[key]
        }
        if moved:
            found[str(dim)] = moved
    return {"d": found}


def kernel_names(view: View) -> frozenset[str]:
    """Returns the names of all kernels that the view's runs call, as the engine's manifest has them."""
    own = (name for name in problem_kernels(PROBLEMS[view.problem]).values() if name)
    return frozenset(own).union(*(names_of(view, key) for key in view.methods))
