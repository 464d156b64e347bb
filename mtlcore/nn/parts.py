"""The parts of a model that one backward works on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from torch import nn

from mtlcore.nn.checks import LossCheck
from mtlcore.nn.processes import Processes
from mtlcore.nn.transform import Transform
from mtlcore.nn.turning import Turning
from mtlcore.nn.writing import Pairs, merge
from mtlcore.rule_object import Rule


@dataclass(frozen=True)
class Parts:
    """What one backward works on. It holds no reference to the model, so that a model is freed without a collection."""

    names: list[str]  # the names of the K tasks
    rule: Rule
    transform: Transform
    turning: Turning
    processes: Processes
    loss_check: LossCheck
    shared: list[nn.Parameter]  # the backbone's trained parameters: the rule's weights act on them
    watched: list[nn.Parameter]  # those of the module that the level measures at, if it is one module
    modules: Mapping[str, nn.Module | None]  # the model's direct submodules by name
    own: Mapping[str, nn.Parameter | None]  # its parameters that are in none of these

    @property
    def tasks(self) -> int:
        """The number of tasks K."""
        return len(self.names)

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Yields every parameter of the model once, with its name in the model and in the model's order."""
        seen: set[int] = set()
        parts = ((name, module) for name, module in self.modules.items() if module is not None)
        inner = (pair for name, module in parts for pair in module.named_parameters(name))
        for name, parameter in (*self.own.items(), *inner):
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def trained(self) -> list[nn.Parameter]:
        """Returns the model's parameters that need a gradient, in the model's order."""
        return [parameter for _, parameter in self.named_parameters() if parameter.requires_grad]

    def averaged(self, pairs: Pairs) -> Pairs:
        """Returns the pairs with each gradient averaged over the processes, in the same order in every process."""
        if self.processes.count == 1:
            return pairs
        found = {id(leaf): (leaf, gradient) for leaf, gradient in merge(pairs)}
        ordered: Pairs = [found.pop(id(parameter), (parameter, None)) for parameter in self.trained()]
        return self.processes.mean_gradients([*ordered, *found.values()])
