"""A float64 seen as the 64 bits it is stored in, and back: inside kernels, without a call."""

from typing import Any

from numba import types
from numba.core.cgutils import ir  # llvmlite's, of the release that numba brings
from numba.extending import intrinsic


def _bits_of(typingctx: Any, x: Any) -> Any:
    """Returns the bits of a float64 as an int64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


bits_of: Any = intrinsic(_bits_of)


def _float_of(typingctx: Any, bits: Any) -> Any:
    """Returns the float64 that an int64 holds the bits of."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


float_of: Any = intrinsic(_float_of)
