"""DualProj's construction: the cone of steps that hurt nobody, and the mean gradient brought onto it."""

import numpy as np

from mtlcore.compiled.deferred import kernel
from mtlcore.constructions._drawing import ALWAYS, GUIDE, NEUTRAL, UPDATE, arrow, mark, polygon, say
from mtlcore.constructions._plane import cone, helps_all, onto_cone, weighted
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

CONE, INSIDE, OUTSIDE, TAKEN = range(4)


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """The cone; the mean by p; the cone's point nearest to it."""
    corners = np.zeros((8, 2))
    count = cone(gradients, corners)
    at = polygon(marks, 0, 1, ALWAYS, UPDATE, corners, count)
    x, y = weighted(gradients, p)
    u, v = onto_cone(gradients, x, y)
    at = arrow(marks, at, 2, ALWAYS, NEUTRAL, x, y)
    at = mark(marks, at, 3, ALWAYS, GUIDE, NEUTRAL, x, y, u, v)
    arrow(marks, at, 3, ALWAYS, UPDATE, u, v)
    say(told, 1, CONE, 0.0, 0.0, 0.0, 0.0)
    say(told, 2, INSIDE if helps_all(gradients, x, y) else OUTSIDE, x, y, 0.0, 0.0)
    for k in range(gradients.shape[0]):
        told[1, 3 + k] = gradients[k, 0] * x + gradients[k, 1] * y
    say(told, 3, TAKEN, u, v, 0.0, 0.0)
    return 3


SPEC = Construction(
    construct,
    {
        CONE: Step("Steps that hurt nobody", "The shaded cone: all d with ⟨gₖ, d⟩ ≥ 0 for every task."),
        INSIDE: Step("The mean gradient", "It is {0v}, with ⟨gₖ, mean⟩ = {2w}: inside the cone already."),
        OUTSIDE: Step("The mean gradient", "It is {0v}, with ⟨gₖ, mean⟩ = {2w}: it would hurt a task."),
        TAKEN: Step("The update", "The point of the cone nearest to the mean: d = {0v}."),
    },
)
