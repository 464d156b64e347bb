"""Nash-MTL's construction: the direction in which the product of all tasks' gains is largest."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.constructions._bargain import bargain, begin
from mtlcore.constructions._drawing import ALWAYS, UPDATE, arrow, say
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

CONE, BALANCE, SHORTENED, STILL = range(4)


@kernel(types.float64(types.int64, types.float64))
def length_of(count, limit):
    """Returns how long the update is: sqrt(K), or no longer than the limit (0: none)."""
    return min(np.sqrt(count), limit) if limit > 0.0 else np.sqrt(count)


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """The cone; the direction of balance, of length sqrt(K); that direction at the length allowed."""
    at, count, direction = begin(gradients, marks, told, CONE)
    if count == 0:
        return 0
    if not bargain(gradients, p, direction):
        arrow(marks, at, 2, ALWAYS, UPDATE, 0.0, 0.0)
        say(told, 2, STILL, 0.0, 0.0, 0.0, 0.0)
        return 2
    size = length_of(count, hp[0])
    at = balance(gradients, direction, np.sqrt(count), marks, at, told)
    x, y = size * direction[0], size * direction[1]
    arrow(marks, at, 3, ALWAYS, UPDATE, x, y)
    say(told, 3, SHORTENED, x, y, size, 0.0)
    return 3


@kernel(types.int64(Matrix, Floats, types.float64, Matrix, types.int64, Matrix))
def balance(gradients, direction, size, marks, at, told):
    """Draws the direction of balance at a length, and tells every task's gain there; returns the next row."""
    x, y = size * direction[0], size * direction[1]
    say(told, 2, BALANCE, x, y, 0.0, 0.0)
    for k in range(gradients.shape[0]):
        told[1, 3 + k] = gradients[k, 0] * x + gradients[k, 1] * y
    return arrow(marks, at, 2, 2, UPDATE, x, y)


SPEC = Construction(
    construct,
    {
        CONE: Step("Steps that help everybody", "Only directions inside the shaded cone can be agreed on."),
        BALANCE: Step(
            "The bargain",
            "Among them take the one with the largest product of gains: there d = Σ aₖ gₖ with aₖ = 1 / ⟨gₖ, d⟩ (with "
            "preferences, K pₖ / ⟨gₖ, d⟩). The gains are {2w}, and d = {0v} has the length √K.",
        ),
        SHORTENED: Step("The update", "Kept to the length {2} at most: d = {0v}."),
        STILL: Step("No bargain", "No direction helps every task: the rule stands still, d = 0."),
    },
)
