"""The short cut for a problem without backbone, seen without transforms and noise: one point of few coordinates.

The same arithmetic as `path.follow`, in plain arrays and without what such a path does not need: what is left
of a step is little more than the problem and the rule.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.pointers import RULE_POINTER, rule_at
from mtlcore.compiled.signatures import NOT_CONVERGED, Cube, Matrix
from mtlcore.compiled.views import FEATURES_TYPE, OPTIMIZER_STATE, Whole
from mtlcore.solvers.descent import descend
from toy_problems.compiled.arrays import (
    ABSURD,
    ARRAYS,
    DIVERGED,
    LIMIT,
    LOSSES,
    RECORDS,
    RULE_BUFFERS,
    RUNNING_ON,
    SETUP,
    SOLVER_FAILED,
)
from toy_problems.compiled.balance import combine, gram_of
from toy_problems.compiled.noise import NONE, draw_rule
from toy_problems.compiled.path import record, record_failure, within
from toy_problems.compiled.signatures import LOSS_POINTER, loss_at

DRAWN = 64  # steps whose random numbers are drawn at a time


# The loop takes its groups one by one: read out of a whole path's structure they cost 8 % of such a short step.
@kernel(
    types.void(
        *(LOSS_POINTER, RULE_POINTER, SETUP, Matrix, Cube, Matrix),
        *(OPTIMIZER_STATE, LOSSES, FEATURES_TYPE, RULE_BUFFERS, RECORDS, Matrix),
        *(types.int64, types.int64, Whole),
    )
)
def _steps(
    loss, rule, setup, z, A, b, net_opt, losses, features, buffers, records, noise, first, last, ending
):
    """Runs the steps from `first` to `last`, included. noise: the rule's random numbers, a row a step."""
    seen, update, gram, weights = features.seen, features.update, buffers.gram, buffers.weights
    theta, step, moment_1, moment_2 = net_opt
    value, excess = losses.losses, losses.excess
    for t in range(first, last + 1):
        ending[1] = t
        sane = within(z, LIMIT)
        for k in range(value.size):
            value[k] = loss(z, k, losses.data, seen[k])
            excess[k] = max(value[k] - losses.minima[k], 0.0)
            sane = sane and abs(value[k]) <= ABSURD and within(seen[k], ABSURD)
        if not sane:
            ending[0] = DIVERGED
            return
        gram_of(seen, 0, gram)
        status = rule(gram, excess, buffers.hp, noise[t - first], buffers.state, weights)
        combine(weights, seen, update)
        if status == NOT_CONVERGED or not within(update, ABSURD):
            ending[0] = SOLVER_FAILED if status == NOT_CONVERGED else DIVERGED
            record_failure(records, ending, status, z, A, b, losses, weights, gram, features, seen)
            return
        if t % setup.record_every == 0 or t == setup.steps:
            record(records, ending[2], status, z, A, b, losses, weights, gram, features, seen)
            ending[2] += 1
        if t < setup.steps:
            for i in range(step.size):
                step[i] = update[0, i]
            descend(theta, step, moment_1, moment_2, setup.lr, setup.adam, t)
    ending[0] = RUNNING_ON


@kernel(types.void(ARRAYS, types.int64, types.int64))
def follow_bare(path, first, last):
    """Runs the steps from `first` to `last`, included, as `path.follow` does.

    Random numbers are drawn for some steps beforehand: a call in the loop makes a step of a rule without any half as
    long again.
    """
    loss, rule = loss_at(path.kernels.loss), rule_at(path.kernels.rule)
    point, views, chance = path.network.z, path.views, path.chance
    random = chance.kind != NONE
    rows = DRAWN if random else last - first + 1
    noise = np.empty((rows, chance.rule.size))
    numbers = noise.reshape(noise.size)
    for begin in range(first, last + 1, rows):
        end = min(begin + rows - 1, last)
        if random:
            draw_rule(chance.kind, chance.rule_state, numbers[: (end - begin + 1) * chance.rule.size])
        _steps(
            loss, rule, path.setup, point, views.A, views.b, path.net_opt, path.losses, path.features, path.buffers,
            path.records, noise, begin, end, path.ending,
        )  # fmt: skip
        if path.ending[0] != RUNNING_ON:
            return
