"""How much each task counts: when it is asked, how little may be, and who does not listen."""

from app.view import View
from mtlcore.preferences import alike, refusal
from toy_problems import ToyConfig

LEAST = 0.01  # a slider's ends are for `uniform` alone: every other rule needs a positive number


def asked(view: View) -> bool:
    """Returns whether the page asks for preferences: where a chosen method follows them or some are chosen."""
    return not alike(view["preferences"]) or any(spec.rule_spec.preferences != "none" for spec in view.specs)


def zeros(view: View) -> bool:
    """Returns whether a task may count nothing: where every chosen rule that follows preferences allows it."""
    return all(spec.rule_spec.preferences != "positive" for spec in view.specs)


def unheard(config: ToyConfig) -> str:
    """Returns the sentence that a method leaves the chosen preferences out; empty where it does not."""
    spec = config.resolved.spec.rule_spec
    return refusal(spec) if spec.preferences == "none" and not alike(config.preferences) else ""
