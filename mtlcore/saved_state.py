"""What a rule saves for a bit-for-bit resume: its state, checked when it is read again, and its random generator."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mtlcore.spec import RuleSpec, Status


def checked_state(spec: RuleSpec, saved: Mapping[str, Any]) -> tuple[int, Status, dict[str, np.ndarray]]:
    """Returns the number of tasks, the status and the arrays `state` and `first_losses` of a saved rule.

    Raises ValueError naming an entry that is missing or has another size than the rule needs.
    """
    for name in ("tasks", "status", "state", "first_losses", "rng"):
        if name not in saved:
            raise ValueError(f"state_dict of {spec.key} lacks {name!r}, got {', '.join(saved) or 'nothing'}.")
    tasks, status = int(saved["tasks"]), Status(int(saved["status"]))
    arrays = {name: np.array(saved[name], dtype=np.float64) for name in ("state", "first_losses")}
    wanted = {"state": spec.state_size(tasks) if tasks else 0, "first_losses": tasks}
    for name, array in arrays.items():
        if array.shape != (wanted[name],):
            raise ValueError(
                f"{name} of {spec.key} takes {wanted[name]} numbers, K is {tasks}, got {array.size}."
            )
    return tasks, status, arrays


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
