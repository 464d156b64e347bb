"""From a method's transform to the module that does it."""

from typing import Any

import torch
from torch import Tensor, nn

from mtlcore.nn.affine import Affine
from mtlcore.nn.rigid import Rigid
from mtlcore.nn.rotation import ExpmRotation, Rotation, initial_rotations
from mtlcore.nn.transform import Transform
from mtlcore.registry import Method

PARAMETRIZATIONS = {"retraction": Rotation, "expm": ExpmRotation}
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

    Raises ValueError for an unknown parametrization, m > d, a d that cannot be found, or `adversarial`.
    """
    if parametrization not in PARAMETRIZATIONS:
        raise ValueError(
            f"parametrization takes one of {', '.join(PARAMETRIZATIONS)}, got {parametrization!r}."
        )
    key, given, tasks = method.transform, method.transform_params, len(heads)
    if key == "adversarial":
        raise ValueError(
            "adversarial is defined by double backpropagation through the toy reference engine and is not "
            "offered for networks: choose another transform."
        )
    m = given.get("m", -1)
    if key == "none" or m == 0:
        return Transform(tasks, dim)
    width = d if d is not None else input_width(heads)
    if m > width:
        raise ValueError(f"m takes at most the feature dimension d = {width}, got {m}.")
    dtype = torch.promote_types(like.dtype, torch.float32)
    return _make(key, given, tasks, width, width if m < 0 else m, dim, parametrization, seed, dtype).to(
        like.device
    )


def _make(
    key: str,
    given: Any,
    tasks: int,
    width: int,
    m: int,
    dim: int,
    parametrization: str,
    seed: int,
    dtype: torch.dtype,
) -> Transform:
    if key == "affine":
        return Affine(tasks, width, dim, dtype)
    start = initial_rotations(given.get("rot_init", "identity"), tasks, m, seed, dtype)
    if key == "rigid":
        return Rigid(start, dim, given["a"], given["a_decay"])
    objectives = {"rotation": given.get("alignment"), "rotation_task": "task", "rigid_sgd": "rigid"}
    if key not in objectives:
        raise ValueError(
            f"transform {key!r} is not offered for networks; it takes none, {', '.join(objectives)}."
        )
    return PARAMETRIZATIONS[parametrization](tasks, width, m, dim, objectives[key], start)


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
