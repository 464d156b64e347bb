"""Where the tasks of a problem have their optima in a plane, and what they are called there."""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel

# task, K -> where the task is lowest in every pair of coordinates
CENTRE = types.UniTuple(types.float64, 2)(types.int64, types.int64)
RADIUS = 1.5
DIRECTIONS = ("right", "upper right", "top", "upper left", "left", "lower left", "bottom", "lower right")


def angles(tasks: int) -> np.ndarray:
    """Returns the angle of each task on a circle, [K] in rad: the first on the left, then against the clock."""
    return np.pi + 2.0 * np.pi * np.arange(tasks) / tasks


@kernel(CENTRE)
def on_circle(task, tasks):
    """Returns where a task stands among K, evenly spread over the circle of radius RADIUS around the origin."""
    sine, cosine = elementary.sine_cosine(np.pi + 2.0 * np.pi * task / tasks)
    return RADIUS * cosine, RADIUS * sine


def directions(tasks: int) -> tuple[str, ...]:
    """Returns in words where each of these points lies, the nearest of eight directions: K different ones up to 5."""
    eighths = np.rint(angles(tasks) / (0.25 * np.pi)).astype(int) % len(DIRECTIONS)
    return tuple(DIRECTIONS[i] for i in eighths)
