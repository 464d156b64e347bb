"""What a rule saves for a bit-for-bit resume: its state, checked when it is read again, and its random numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mtlcore.spec import RuleSpec, Status
from mtlcore.streams import Stream


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


def unpack_stream(packed: Any) -> Stream:
    """Returns the stream that was saved as its state, int64 [4], at the same place.

    Of the six numbers that earlier versions saved, numpy's generator's, the first four are this state and the others
    were never used. Raises ValueError for another shape.
    """
    numbers = np.array(packed, dtype=np.int64)
    if numbers.shape not in ((4,), (6,)):
        raise ValueError(f"rng takes 4 whole numbers, got shape {list(numbers.shape)}.")
    stream = Stream()
    stream.state[:] = numbers[:4]
    return stream
