"""PCGrad's construction: projection after projection, in the order that was drawn."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.constructions._drawing import ALWAYS, ARROW, GUIDE, LINE, UPDATE, arrow, mark, say
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step
from mtlcore.solvers.vectors import random_order

PROJECT, AGREES, MEAN = range(3)


@kernel(types.void(Matrix, *[types.int64] * 4, Floats, Matrix, Matrix))
def draw_projection(gradients, i, j, step, at, now, marks, told):
    """Draws one projection of g_i', now [2], off g_j, writes it to now, and tells of it."""
    g, h = gradients[j, 0], gradients[j, 1]
    inner, square = now[0] * g + now[1] * h, g * g + h * h
    factor = -inner / square
    x, y = now[0] + factor * g, now[1] + factor * h
    at = mark(marks, at, step, step, LINE, j, 0.0, 0.0, -h, g)
    at = mark(marks, at, step, step, GUIDE, j, now[0], now[1], x, y)
    mark(marks, at, step, step, ARROW, i, 0.0, 0.0, x, y)
    say(told, step, PROJECT, i, j, inner, square)
    told[step - 1, 5], told[step - 1, 6], told[step - 1, 7] = factor, x, y
    now[0], now[1] = x, y


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """Every gradient's projections off the others that it goes against, then the mean by p of what is left."""
    K = gradients.shape[0]
    order, now, left = np.zeros(K, np.int64), np.zeros(2), np.zeros((K, 2))
    step, at, sx, sy = 0, 0, 0.0, 0.0
    for i in range(K):
        random_order(noise, i, order)
        now[0], now[1] = gradients[i, 0], gradients[i, 1]
        before = step
        for t in range(K):
            j = order[t]
            if j != i and now[0] * gradients[j, 0] + now[1] * gradients[j, 1] < 0.0:
                step += 1
                draw_projection(gradients, i, j, step, at, now, marks, told)
                at += 3
        if step == before:
            step += 1
            at = arrow(marks, at, step, step, i, now[0], now[1])
            say(told, step, AGREES, i, 0.0, 0.0, 0.0)
        left[i, 0], left[i, 1] = now[0], now[1]
        sx += p[i] * now[0]
        sy += p[i] * now[1]
    step += 1
    for i in range(K):
        at = arrow(marks, at, step, ALWAYS, i, left[i, 0], left[i, 1])
    arrow(marks, at, step, ALWAYS, UPDATE, sx, sy)
    say(told, step, MEAN, sx, sy, 0.0, 0.0)
    for i in range(K):
        told[step - 1, 3 + i] = p[i]
    return step


SPEC = Construction(
    construct,
    {
        PROJECT: Step(
            "Task {0t} meets task {1t}",
            "They conflict: ⟨{0g}, {1g}⟩ = {2}. Take away what goes against it: "
            "{0g} ← {0g} + {4} · {1g} = {5v}, at right angles to {1g}.",
        ),
        AGREES: Step("Task {0t} meets the others", "It goes against none of them: {0g} stays as it is."),
        MEAN: Step("The update", "The mean of what is left, with shares {2w}: d = {0v}."),
    },
)
