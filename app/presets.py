"""Views worth showing, named after what they show; tests run each and check that it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.view import View


@dataclass(frozen=True)
class Preset:
    """A named view and what to look at in it."""

    title: str
    view: View
    look_at: str


def _view(problem: str, methods: str, **chosen: Any) -> View:
    view = View().having("problem", problem).having("methods", tuple(methods.split()))
    for key, value in sorted(chosen.items(), key=lambda item: item[0] != "d"):
        view = view.having(key.replace("__", "."), value)
    return view


_ALL = (
    Preset(
        "RotoGrad finds both optima",
        View(),
        "Two tasks pull the shared feature apart. Vanilla stops half-way; RotoGrad turns each task's view "
        "until both optima lie in one place.",
    ),
)
PRESETS: Mapping[str, Preset] = MappingProxyType({preset.title: preset for preset in _ALL})
