"""Which module of a backbone the level `last_shared` looks at."""

from torch import nn


def find_module(backbone: nn.Module, wanted: str | nn.Module | None) -> str:
    """Returns the name of the wanted module in the backbone; the last one with a weight matrix for None.

    Raises ValueError where there is none.
    """
    modules = dict(backbone.named_modules())
    if wanted is None:
        heavy = [name for name, module in modules.items() if _has_matrix(module)]
        if not heavy:
            raise ValueError(
                "last_shared takes a module of the backbone; none of its modules has a weight matrix."
            )
        return heavy[-1]
    for name, module in modules.items():
        if name == wanted or module is wanted:
            return name
    known = ", ".join(name for name in modules if name) or "none"
    raise ValueError(f"last_shared takes a module of the backbone ({known}), got {wanted!r}.")


def _has_matrix(module: nn.Module) -> bool:
    return any(parameter.ndim > 1 for parameter in module.parameters(recurse=False))
