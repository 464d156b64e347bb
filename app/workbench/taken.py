"""The gradients of a run at one of its steps, put on the workbench."""

import math

import numpy as np

from app.view import View
from app.workbench.bench import LOSS, MAX_METHODS, NUMBER, SHARE, TASKS, Bench
from toy_problems import Trajectory

DIGITS = 6  # of what is taken: a link stays short
LEAST = 0.05  # a longest entry below it would be too short to see


def taken(view: View, run: Trajectory) -> Bench | None:
    """Returns the workbench with the first method's task gradients in the drawn pair, at the start and step looked at.

    The pair's entries are taken times a power of ten where they are too long or too short for the plane, and losses are
    excess losses. While the run plays, its first record is taken. None where there is no such plane: more tasks than
    the workbench has, a batch of several inputs, or gradients that have vanished.
    """
    tasks, inputs = run.gradients.shape[2:4]
    if not TASKS[0] <= tasks <= TASKS[1] or inputs != 1:
        return None
    path = min(view["start"], len(run.gradients)) - 1
    record = int(np.abs(run.steps - max(view["step"], 0)).argmin())
    rows = run.gradients[path, record, :, 0][:, list(view.pair)]
    longest = float(np.abs(rows).max())
    if longest == 0.0 or not math.isfinite(longest):
        return None
    scaled = rows * fitting(longest)
    losses = np.clip(run.excess[path, record], LOSS.low, LOSS.high)
    shares = np.clip(np.array(run.config.shares) * tasks, SHARE.low, SHARE.high)
    rules = dict.fromkeys(spec.rule for spec in view.specs)
    return Bench(
        gradients=tuple(tuple(round(float(x), DIGITS) for x in row) for row in scaled),
        losses=tuple(round(float(x), DIGITS) for x in losses),
        preferences=tuple(round(float(x), DIGITS) for x in shares),
        methods=tuple(dict.fromkeys((*rules, *Bench().methods)))[:MAX_METHODS],
    )


def fitting(longest: float) -> float:
    """Returns the power of ten that brings a longest entry into the plane; 1 where it lies there."""
    if LEAST <= longest <= NUMBER.high:
        return 1.0
    return 10.0 ** -math.floor(math.log10(longest))
