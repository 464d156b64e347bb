"""What transforms say of themselves, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mtlcore.param import Param

WIDEST = 65536  # the most dimensions a parameter that counts them takes; where d is known, it takes d


@dataclass(frozen=True)
class TransformSpec:
    """A transform r_k = T_k(z): its equation, its idea, its source, its parameters, and its halves in the engines.

    objective: what its parameters descend, or what they go towards, in LaTeX; step: their own update, which they
    make at the same time as the network makes its own; explained: more about them, in Markdown.
    notation: the symbols of these formulas that mean something here alone: as written -> (shown, meaning).
    idle: parameter values -> whether with them it leaves everything as it is, whatever d.
    blocks: (parameter values, d) -> the sizes of the blocks along the diagonal of R_k that rotate, each by itself;
        none for a transform that does not begin from a rotation.
    subspace_step: parameter values -> how far apart the sizes m stand that it takes, for a slider of them.
    check_width: (parameter values, d, owner) -> None, raises ValueError, naming the owner, where they do not suit d.
    noun: what its views are called among people, for headings.
    learning_rate, optimizer, rate_decay: its parameters that mean this, "" where it has none.
    compiled: its half in the compiled engine (`mtlcore.compiled.views.CompiledTransform`); None for a transform that
        does nothing; or why it has none, as the end of a sentence that begins with its name.
    readable: its half in the readable engine (see `mtlcore.transforms.readable`); None for one that does nothing.
    network: (what is asked: `mtlcore.transforms.networks.Asked`) -> its module, torch being imported inside; None for
        a transform that does nothing; or in a sentence why networks have none.
    """

    key: str
    title: str
    equation: str
    idea: str
    cite: str
    params: tuple[Param, ...] = ()
    objective: str = ""
    step: str = ""
    explained: str = ""
    notation: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)
    idle: Callable[[Mapping[str, Any]], bool] = field(default=lambda values: False, repr=False, compare=False)
    blocks: Callable[[Mapping[str, Any], int], tuple[int, ...]] = field(
        default=lambda values, d: (), repr=False, compare=False
    )
    check_width: Callable[[Mapping[str, Any], int, str], None] = field(
        default=lambda values, d, owner: None, repr=False, compare=False
    )
    subspace_step: Callable[[Mapping[str, Any]], int] = field(
        default=lambda values: 1, repr=False, compare=False
    )
    noun: str = "transform"
    learning_rate: str = ""
    optimizer: str = ""
    rate_decay: str = ""
    compiled: Any = field(default=None, repr=False, compare=False)
    readable: Any = field(default=None, repr=False, compare=False)
    network: Any = field(default=None, repr=False, compare=False)

    def encode(self, values: Mapping[str, Any]) -> np.ndarray:
        """Returns the numbers that its kernels get: its parameters', in their order."""
        return np.array([x for p in self.params for x in p.encode(values[p.name])], dtype=np.float64)

    def acts(self, values: Mapping[str, Any], d: int) -> bool:
        """Returns whether it does anything in d dimensions: one dimension has no rotation but the identity."""
        blocks = self.blocks(values, d)
        return not self.idle(values) and (not blocks or max(blocks) > 1)

    @property
    def for_networks(self) -> bool:
        """Returns whether it is offered for networks, and so in the Lab."""
        return not isinstance(self.network, str)

    @property
    def in_playground(self) -> bool:
        """Returns whether it is offered in the playground, which runs the compiled engine alone."""
        return not isinstance(self.compiled, str)
