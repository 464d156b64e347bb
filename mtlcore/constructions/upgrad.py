"""UPGrad's construction: every gradient brought onto the cone of steps that hurt nobody, then the mean."""

import numpy as np

from mtlcore.compiled.deferred import kernel
from mtlcore.constructions._drawing import ALWAYS, ARROW, GUIDE, UPDATE, arrow, mark, polygon, say
from mtlcore.constructions._plane import cone, onto_cone
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

CONE, PROJECTED, STAYS, MEAN = range(4)


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """The cone; each gradient's nearest point of it; their mean by p."""
    K, corners, x, y = gradients.shape[0], np.zeros((8, 2)), 0.0, 0.0
    count = cone(gradients, corners)
    at = polygon(marks, 0, 1, ALWAYS, UPDATE, corners, count)
    say(told, 1, CONE, 0.0, 0.0, 0.0, 0.0)
    for k in range(K):
        u, v = onto_cone(gradients, gradients[k, 0], gradients[k, 1])
        at = mark(marks, at, 2 + k, ALWAYS, GUIDE, k, gradients[k, 0], gradients[k, 1], u, v)
        at = mark(marks, at, 2 + k, ALWAYS, ARROW, k, 0.0, 0.0, u, v)
        stays = u == gradients[k, 0] and v == gradients[k, 1]
        say(told, 2 + k, STAYS if stays else PROJECTED, k, u, v, 0.0)
        x += p[k] * u
        y += p[k] * v
    arrow(marks, at, 2 + K, ALWAYS, UPDATE, x, y)
    say(told, 2 + K, MEAN, x, y, 0.0, 0.0)
    for k in range(K):
        told[1 + K, 3 + k] = p[k]
    return 2 + K


SPEC = Construction(
    construct,
    {
        CONE: Step("Steps that hurt nobody", "The shaded cone: all d with ⟨gₖ, d⟩ ≥ 0 for every task."),
        PROJECTED: Step(
            "Task {0t}'s gradient", "It lies outside the cone; the nearest point inside is {1v}."
        ),
        STAYS: Step("Task {0t}'s gradient", "It lies in the cone and stays: {1v}."),
        MEAN: Step("The update", "The mean of these points, with shares {2w}: d = {0v}."),
    },
)
