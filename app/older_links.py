"""Links from before a change of what seeds draw: they open the same settings, and the page says what is another now."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from app.view import View
from mtlcore.spec import Param
from toy_problems import DRAWS, PROBLEMS

VERSION = Param("v", "Version of the draws", "int", DRAWS, 1, DRAWS, 1)


def told(query: Mapping[str, str | Sequence[str]], view: View) -> str:
    """Returns a sentence where a link is from before today's draws and its view rests on one, else "".

    A link without a version is of the first; the bare address is nobody's link, nor is one that only presents it.
    """
    drawn = what_is_drawn(view)
    if not {*query} - {"present"} or not drawn or not _is_older(query.get(VERSION.name, "1")):
        return ""
    return f"An older link: its settings are the same, but seed {view['seed']} draws {drawn} today."


def _is_older(given: str | Sequence[str]) -> bool:
    """Returns whether a link's version is one from before today's; what is no version is complained of elsewhere."""
    with suppress(ValueError):
        return bool(VERSION.parse(given if isinstance(given, str) else given[-1]) < DRAWS)
    return False


def what_is_drawn(view: View) -> str:
    """Returns what a picture takes from its seed, as "another network"; "" where it takes nothing."""
    configs = [view.config(key) for key in view.methods]
    if PROBLEMS[view.problem].backbone:
        return "another network"
    if view["starts"] == "random":
        return "another start"
    return "other random numbers" if any(map(_draws, configs)) else ""


def _draws(config: Any) -> bool:
    """Returns whether a run from a given point takes random numbers all the same: its rule, its noise, its views."""
    spec, values = config.resolved.spec, config.resolved.transform_params
    ordered = "order" if config.tasks > 2 else ""  # of two tasks there is one order
    asks = spec.rule_spec.noise in ("normal", "coordinate", ordered)
    return bool(asks or config.noise > 0.0 or values.get("rot_init") == "haar")
