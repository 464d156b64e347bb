"""The one door to both engines."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from toy_problems.compiled.engine import run_compiled
from toy_problems.config import ToyConfig
from toy_problems.trajectory import Trajectory


def run(
    config: ToyConfig,
    engine: Literal["compiled", "reference"] = "compiled",
    initial: Mapping[str, Any] | None = None,
    pause: Callable[[], None] | None = None,
) -> Trajectory:
    """Returns the trajectory of a configuration, every start at once.

    engine: "compiled" is fast; "reference" is the readable torch version of the same arithmetic. initial: arrays
    that replace drawn ones: W1 [10, 2], b1 [10], W2 [d, 10], b2 [d], x [N, 2], R [K, m, m]. pause: called on this
    thread now and then by the compiled engine; what it raises ends the run. Raises ValueError naming what it got and
    what it takes.
    """
    if not isinstance(config, ToyConfig):
        raise ValueError(f"config takes a ToyConfig, got {config!r}.")
    if engine == "compiled":
        return run_compiled(config, initial, pause)
    if engine == "reference":
        from toy_problems.reference import run_reference  # torch loads only when it is asked for

        return run_reference(config, initial)
    raise ValueError(f'engine takes "compiled" or "reference", got {engine!r}.')
