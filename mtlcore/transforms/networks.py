"""What a network asks of a transform; nothing here loads torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """The module that a network wants: `TransformSpec.network` returns it, on the CPU."""

    tasks: int  # K
    width: int  # d
    dim: int  # the dimension of z that counts the d coordinates
    values: Mapping[str, Any]  # the transform's parameters
    parametrization: str  # of rotations, one of `mtlcore.nn.rotation.PARAMETRIZATIONS`
    seed: int  # of initial rotations
    dtype: Any  # torch's, of the transform's state
