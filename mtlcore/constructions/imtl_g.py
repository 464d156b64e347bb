"""IMTL-G's construction: the point on the gradients' line that has equal projections on all of them."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.constructions._drawing import (
    ALWAYS,
    ARROW,
    DISC,
    GUIDE,
    LINE,
    NEUTRAL,
    UPDATE,
    arrow,
    mark,
    say,
)
from mtlcore.constructions._plane import SLACK, lengths
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

NEAR = 1e-6  # of the lengths: an area below it is none
UNITS, LINE_OF_SUMS, EQUAL, TAKEN, NONE = range(5)


@kernel(types.boolean(Matrix, Floats))
def share_a_direction(gradients, norms):
    """Returns whether two of the gradients have the same direction."""
    for i in range(norms.size):
        for j in range(i):
            cross = gradients[i, 0] * gradients[j, 1] - gradients[i, 1] * gradients[j, 0]
            inner = gradients[i, 0] * gradients[j, 0] + gradients[i, 1] * gradients[j, 1]
            if inner > 0.0 and abs(cross) <= NEAR * norms[i] * norms[j]:
                return True
    return False


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """Unit gradients; the line on which weights sum to 1; the bisector; where they cross. More than two have no such
    point in the plane.
    """
    K = gradients.shape[0]
    norms = np.zeros(K)
    if lengths(gradients, norms) != K or (K > 2 and share_a_direction(gradients, norms)):
        return 0
    at = mark(marks, 0, 1, ALWAYS, DISC, NEUTRAL, 0.0, 0.0, 1.0, 0.0)
    for k in range(K):
        at = mark(
            marks, at, 1, ALWAYS, ARROW, k, 0.0, 0.0, gradients[k, 0] / norms[k], gradients[k, 1] / norms[k]
        )
    say(told, 1, UNITS, 0.0, 0.0, 0.0, 0.0)
    for k in range(K):
        told[0, 1 + k] = norms[k]
    if K > 2:
        arrow(marks, at, 2, ALWAYS, UPDATE, 0.0, 0.0)
        say(told, 2, NONE, K, 0.0, 0.0, 0.0)
        return 2
    n, m = norms[0], norms[1]
    bx, by = gradients[0, 0] / n + gradients[1, 0] / m, gradients[0, 1] / n + gradients[1, 1] / m
    x, y = n * m / (n + m) * bx, n * m / (n + m) * by
    cross = gradients[0, 0] * gradients[1, 1] - gradients[0, 1] * gradients[1, 0]
    if abs(cross) <= SLACK * n * m and bx * bx + by * by > 1.0:  # one direction: any weights will do
        x, y = 0.5 * (gradients[0, 0] + gradients[1, 0]), 0.5 * (gradients[0, 1] + gradients[1, 1])
    at = mark(
        marks,
        at,
        2,
        ALWAYS,
        LINE,
        NEUTRAL,
        gradients[0, 0],
        gradients[0, 1],
        gradients[1, 0],
        gradients[1, 1],
    )
    at = mark(marks, at, 3, ALWAYS, LINE, UPDATE, 0.0, 0.0, bx, by)
    at = arrow(marks, at, 4, ALWAYS, UPDATE, x, y)
    first = (gradients[0, 0] * x + gradients[0, 1] * y) / n
    second = (gradients[1, 0] * x + gradients[1, 1] * y) / m
    for k in range(2):
        s = (first if k == 0 else second) / norms[k]
        mark(marks, at + k, 4, ALWAYS, GUIDE, k, x, y, s * gradients[k, 0], s * gradients[k, 1])
    say(told, 2, LINE_OF_SUMS, 0.0, 0.0, 0.0, 0.0)
    say(told, 3, EQUAL, bx, by, 0.0, 0.0)
    say(told, 4, TAKEN, x, y, first, second)
    return 4


SPEC = Construction(
    construct,
    {
        UNITS: Step("Directions alone", "Divide every gradient by its length: ‖g‖ = {0w}."),
        LINE_OF_SUMS: Step(
            "Weights that sum to 1", "They may be negative, so d lies anywhere on the line through the tips."
        ),
        EQUAL: Step(
            "Equal projections", "Along u₁ + u₂ = {0v} the projections on both directions are the same."
        ),
        TAKEN: Step(
            "The update", "Where the two lines cross: d = {0v}, with ⟨u₁, d⟩ = {2} and ⟨u₂, d⟩ = {3}."
        ),
        NONE: Step(
            "No such direction",
            "In the plane no direction has equal projections on {0} different directions: the rule stands still, "
            "d = 0.",
        ),
    },
)
