"""From a method's transform to the module that does it."""

import torch
from torch import Tensor, nn

from mtlcore.nn.rotation import PARAMETRIZATIONS
from mtlcore.nn.transform import Transform
from mtlcore.registry import Method
from mtlcore.transforms.networks import Asked

_INPUTS = ("in_features", "in_channels")


def build_transform(
    method: Method,
    heads: list[nn.Module],
    d: int | None,
    dim: int,
    parametrization: str,
    seed: int,
    like: Tensor,
) -> Transform:
    """Returns the method's transform for these heads, on the device and in the dtype (or float32) of `like`.

    Raises ValueError for an unknown parametrization, a transform that networks do not have, a d that cannot be found,
    or one that the transform's parameters do not suit.
    """
    if parametrization not in PARAMETRIZATIONS:
        raise ValueError(
            f"parametrization takes one of {', '.join(PARAMETRIZATIONS)}, got {parametrization!r}."
        )
    spec, values, tasks = method.spec.transform_spec, method.transform_params, len(heads)
    if not spec.for_networks:
        raise ValueError(spec.network)
    if spec.idle(values):
        return Transform(tasks, dim)
    width = d if d is not None else input_width(heads)
    spec.check_width(values, width, "MultiTask")
    dtype = torch.promote_types(like.dtype, torch.float32)
    asked = Asked(tasks, width, dim, values, parametrization, seed, dtype)
    module: Transform = spec.network(asked)
    return module.to(like.device)


def input_width(heads: list[nn.Module]) -> int:
    """Returns the d that the heads' first layers take. Raises ValueError where they do not say, or differ."""
    widths = {_first_width(head) for head in heads}
    if len(widths) == 1 and None not in widths:
        return int(next(iter(widths)))  # type: ignore[arg-type]
    raise ValueError(
        f"the heads' first layers do not tell the feature dimension d (found {sorted(map(str, widths))}): "
        "pass d= to MultiTask."
    )


def _first_width(head: nn.Module) -> int | None:
    for module in head.modules():
        for name in _INPUTS:
            width = getattr(module, name, None)
            if isinstance(width, int) and width > 0:
                return width
    return None
