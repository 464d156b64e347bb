"""FairGrad's construction for alpha = 1: the direction in which the product of all tasks' gains is largest."""

import numpy as np

from mtlcore.compiled.deferred import kernel
from mtlcore.constructions._bargain import bargain, begin
from mtlcore.constructions._drawing import ALWAYS, UPDATE, arrow, say
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

CONE, TAKEN, STILL = range(3)


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """The cone, and the direction of balance, of length sqrt(K)."""
    at, count, direction = begin(gradients, marks, told, CONE)
    if count == 0 or hp[0] != 1.0:
        return 0
    if not bargain(gradients, p, direction):
        arrow(marks, at, 2, ALWAYS, UPDATE, 0.0, 0.0)
        say(told, 2, STILL, 0.0, 0.0, 0.0, 0.0)
        return 2
    x, y = np.sqrt(count) * direction[0], np.sqrt(count) * direction[1]
    arrow(marks, at, 2, ALWAYS, UPDATE, x, y)
    say(told, 2, TAKEN, x, y, 0.0, 0.0)
    for k in range(gradients.shape[0]):
        told[1, 3 + k] = gradients[k, 0] * x + gradients[k, 1] * y
    return 2


SPEC = Construction(
    construct,
    {
        CONE: Step("Steps that help everybody", "Only directions inside the shaded cone can be fair."),
        TAKEN: Step(
            "The update",
            "With α = 1 a task's weight is one over its gain, wₖ = 1 / ⟨gₖ, d⟩: d = {0v}, with gains {2w}, is the only "
            "d = Σ wₖ gₖ for which that holds.",
        ),
        STILL: Step("No fair step", "No direction helps every task: the rule stands still, d = 0."),
    },
)
