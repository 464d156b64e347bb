"""One run's configuration: frozen, checked at birth, the same keys as the URL and the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mtlcore.registry import Method, method
from mtlcore.rules._types import Param

# The numbers every problem and method share; the sliders derive from these too.
LR = Param(
    "lr", "Learning rate", "float", 0.003, 1e-6, 10.0, 1e-4, scale="log", help="Step size of the network's optimiser."
)
STEPS = Param("steps", "Steps", "int", 400, 1, 200_000, 1, help="How many optimiser steps the run takes.")
SEED = Param("seed", "Seed", "int", 0, 0, 2**31 - 1, 1, help="Draws the network, the input and every random choice.")
DIM = Param("d", "Feature dimension d", "int", 2, 2, 16, 2, help="Dimension of the shared feature z; even.")
BALANCE = Param(
    "s", "Task balance s", "float", 0.5, 0.02, 0.98, 0.01, help="The first task counts s, the second 1 - s."
)
RECORD_EVERY = Param("record_every", "Record every", "int", 1, 1, 200_000, 1, help="Keep one step in this many.")
OPTIMIZER = Param("optimizer", "Optimiser", "choice", "sgd", choices=("sgd", "adam"))
SHARED = (LR, STEPS, SEED, DIM, BALANCE, RECORD_EVERY, OPTIMIZER)


@dataclass(frozen=True)
class ToyConfig:
    """What one run computes. Raises ValueError, naming the field, what it got and what it takes.

    starts: "paper" (the problem's own list), "random" (one, drawn from the seed) or points ((z_1, ..., z_d), ...),
    all of them run at once. params: the method's parameters, transform's and rule's together.
    """

    problem: str = "avocado"
    method: str = "rotograd"
    params: Mapping[str, Any] = field(default_factory=dict)
    optimizer: str = "sgd"
    lr: float = 0.003
    steps: int = 400
    starts: str | tuple[tuple[float, ...], ...] = "random"
    seed: int = 0
    d: int = 2
    s: float = 0.5
    record_every: int = 1

    def __post_init__(self) -> None:
        for param in SHARED:
            object.__setattr__(self, param.name, param.check(getattr(self, param.name), "ToyConfig"))
        # problem, starts, and m against d: completed by the engine's author
        object.__setattr__(self, "params", MappingProxyType(dict(method(self.method, **self.params).params)))

    @property
    def resolved(self) -> Method:
        """Returns the method with every parameter decided."""
        return method(self.method, **self.params)
