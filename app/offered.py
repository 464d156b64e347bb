"""Which methods run on which problem in the engine that the page uses, and why another does not."""

from functools import lru_cache
from typing import Any

from mtlcore.param import sentence_of
from mtlcore.registry import METHODS, method_spec
from toy_problems import PROBLEMS, ToyConfig
from toy_problems.problem import Problem


def offered(problem: str) -> tuple[str, ...]:
    """Returns the named methods that run on a problem, in the registry's order."""
    return tuple(key for key in METHODS if runs_on(problem, key))


def runs_on(problem: str, method: str) -> bool:
    """Returns whether a method, named or composed, can run on a problem, in the engine that the page uses."""
    return refusal(problem, method) is None


@lru_cache(maxsize=1024)
def refusal(problem: str, method: str) -> str | None:
    """Returns the sentence that says why the page cannot run a method on a problem; None where it can."""
    spec = method_spec(method)
    if not spec.transform_spec.in_playground:
        return (
            f"{spec.title} {spec.transform_spec.compiled}: from Python, "
            f'run(ToyConfig(problem="{problem}", method="{method}"), engine="reference").'
        )
    try:
        ToyConfig(problem=problem, method=method, **_problem_defaults(PROBLEMS[problem]))
    except ValueError as error:
        return sentence_of(error)
    return None


def _problem_defaults(problem: Problem) -> dict[str, Any]:
    return {k: v for k, v in problem.defaults.items() if k in ToyConfig.__dataclass_fields__}
