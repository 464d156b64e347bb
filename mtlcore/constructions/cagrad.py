"""CAGrad's construction: the ball around the mean gradient, and its point that is best for the worst-off task."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.constructions._drawing import ALWAYS, ARROW, DISC, NEUTRAL, UPDATE, arrow, mark, say
from mtlcore.constructions._plane import among_active, lengths, weighted
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

MEAN, BALL, BEST, TAKEN = range(4)


@kernel(types.float64(Matrix, Floats, types.float64, types.float64))
def worst(gradients, norms, x, y):
    """Returns the least of the active tasks' inner products with (x, y)."""
    least = np.inf
    for k in range(norms.size):
        if norms[k] > 0.0:
            least = min(least, gradients[k, 0] * x + gradients[k, 1] * y)
    return least


@kernel(types.void(Matrix, Floats, types.float64, types.float64, Floats))
def consider(gradients, norms, x, y, best):
    """Writes the worst task's product and the point to best [3] where it is better off at (x, y)."""
    value = worst(gradients, norms, x, y)
    if value > best[0]:
        best[0], best[1], best[2] = value, x, y


@kernel(types.void(Matrix, Floats, types.float64, types.float64, types.float64, Floats))
def best_in_ball(gradients, norms, x, y, radius, best):
    """Writes to best [3] what is best for the worst-off task on the circle around (x, y), as a product and a point.

    There either one task is worst off and the step from the middle goes along its gradient, or two are equally badly
    off.
    """
    best[0] = -np.inf
    K = norms.size
    for i in range(K):
        if norms[i] > 0.0:
            s = radius / norms[i]
            consider(gradients, norms, x + s * gradients[i, 0], y + s * gradients[i, 1], best)
        for j in range(i + 1, K):
            a, b = gradients[i, 0] - gradients[j, 0], gradients[i, 1] - gradients[j, 1]
            square = a * a + b * b
            if norms[i] > 0.0 and norms[j] > 0.0 and square > 0.0:
                gap = -(a * x + b * y) / square  # to the line on which both have the same product
                rest = radius * radius - gap * gap * square
                for side in range(2):
                    if rest >= 0.0:
                        t = (1.0 if side == 0 else -1.0) * np.sqrt(rest / square)
                        consider(gradients, norms, x + gap * a - t * b, y + gap * b + t * a, best)


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """The mean; the ball around it; the ball's best point; the update, divided where the rule is rescaled."""
    K = gradients.shape[0]
    norms, shares, best = np.zeros(K), np.zeros(K), np.zeros(3)
    if lengths(gradients, norms) == 0:
        return 0
    among_active(p, norms, shares)
    x, y = weighted(gradients, shares)
    size = np.sqrt(x * x + y * y)
    best_in_ball(gradients, norms, x, y, hp[0] * size, best)
    divisor = 1.0 + hp[0] if hp[1] == 1.0 else (1.0 + hp[0] * hp[0] if hp[1] == 2.0 else 1.0)
    u, v = best[1] / divisor, best[2] / divisor
    at = arrow(marks, 0, 1, ALWAYS, NEUTRAL, x, y)
    at = mark(marks, at, 2, ALWAYS, DISC, UPDATE, x, y, hp[0] * size, 0.0)
    at = mark(marks, at, 3, ALWAYS, ARROW, NEUTRAL, x, y, best[1], best[2])
    arrow(marks, at, 4, ALWAYS, UPDATE, u, v)
    say(told, 1, MEAN, x, y, 0.0, 0.0)
    for k in range(K):
        told[0, 3 + k] = shares[k]
    say(told, 2, BALL, hp[0], size, hp[0] * size, 0.0)
    say(told, 3, BEST, best[0], worst(gradients, norms, x, y), 0.0, 0.0)
    for k in range(K):
        told[2, 3 + k] = gradients[k, 0] * best[1] + gradients[k, 1] * best[2]
    say(told, 4, TAKEN, u, v, 0.0, 0.0)
    return 4


SPEC = Construction(
    construct,
    {
        MEAN: Step("The mean gradient", "g₀ = {0v}, with shares {2w}."),
        BALL: Step("How far it may go", "A ball around g₀: its radius is c · ‖g₀‖ = {0} · {1} = {2}."),
        BEST: Step(
            "Best for the worst-off",
            "Of all d in the ball, take the one whose smallest ⟨gₖ, d⟩ is largest. Here they are {2w}: the smallest is "
            "{0}, at g₀ it was {1}.",
        ),
        TAKEN: Step("The update", "d = {0v}."),
    },
)
