"""The construction of RotoGrad's scale in its first step: every gradient brought to the mean length."""

import numpy as np

from mtlcore.compiled.deferred import kernel
from mtlcore.constructions._drawing import ALWAYS, DISC, NEUTRAL, UPDATE, arrow, mark, say
from mtlcore.constructions._plane import lengths
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

LENGTHS, EQUAL, MEAN = range(3)


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """The lengths and their mean; gradients of that length; their mean."""
    K = gradients.shape[0]
    norms = np.zeros(K)
    count = lengths(gradients, norms)
    if count == 0:
        return 0
    common, x, y, at = 0.0, 0.0, 0.0, 0
    for k in range(K):
        common += norms[k] / count
        told[0, 2 + k] = norms[k]
    at = mark(marks, at, 1, ALWAYS, DISC, NEUTRAL, 0.0, 0.0, common, 0.0)
    for k in range(K):
        if norms[k] > 0.0:
            s = common / norms[k]
            told[1, 1 + k] = s
            at = arrow(marks, at, 2, ALWAYS, k, s * gradients[k, 0], s * gradients[k, 1])
            x += s * gradients[k, 0] / count
            y += s * gradients[k, 1] / count
    arrow(marks, at, 3, ALWAYS, UPDATE, x, y)
    told[0, 0], told[0, 1], told[1, 0] = LENGTHS, common, EQUAL
    say(told, 3, MEAN, x, y, 0.0, 0.0)
    return 3


SPEC = Construction(
    construct,
    {
        LENGTHS: Step(
            "Lengths",
            "The gradients are {1w} long. In the first step their common length C is the mean, {0}.",
        ),
        EQUAL: Step("Equal lengths", "Stretch each to C: by the factors {0w}."),
        MEAN: Step("The update", "The mean of gradients of equal length: d = {0v}."),
    },
)
