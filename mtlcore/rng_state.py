"""A random generator's state as whole numbers, for a bit-for-bit resume."""

from typing import Any

import numpy as np


def pack_rng(rng: np.random.Generator) -> np.ndarray:
    """Returns the PCG64 generator's state as int64 [6]: two 128-bit numbers, then its spare 32 bits."""
    saved: Any = rng.bit_generator.state
    low = (1 << 64) - 1
    numbers = [
        part for name in ("state", "inc") for part in (saved["state"][name] >> 64, saved["state"][name] & low)
    ]
    return np.array([*numbers, saved["has_uint32"], saved["uinteger"]], dtype=np.uint64).view(np.int64)


def unpack_rng(packed: Any) -> np.random.Generator:
    """Returns the generator that `pack_rng` was given, at the same place. Raises ValueError for another shape."""
    numbers = np.array(packed, dtype=np.int64)
    if numbers.shape != (6,):
        raise ValueError(f"rng takes 6 whole numbers, got shape {list(numbers.shape)}.")
    state, state_low, inc, inc_low, has_spare, spare = (int(x) for x in numbers.view(np.uint64))
    generator = np.random.PCG64()
    generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": (state << 64) | state_low, "inc": (inc << 64) | inc_low},
        "has_uint32": has_spare,
        "uinteger": spare,
    }
    return np.random.Generator(generator)
