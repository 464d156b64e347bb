"""The short cut for a problem without backbone, seen without transforms and noise: one point of few coordinates.

The same arithmetic as `_path.follow`, in plain arrays and without what such a path does not need: what is left
of a step is little more than the problem and the rule.
"""

from numba import types

from mtlcore.rules._types import NOT_CONVERGED, Matrix
from toy_problems._arrays import (
    ABSURD,
    DIVERGED,
    FEATURES_TYPE,
    LIMIT,
    LOSSES,
    MOTION,
    RECORDS,
    RULING,
    RUNNING_ON,
    SETUP,
    SOLVER_FAILED,
    VIEWS,
    Whole,
    kernel,
)
from toy_problems._balance import combine, gram_of
from toy_problems._optim import descend
from toy_problems._path import record, record_failure, within
from toy_problems._pointers import loss_at, rule_at


@kernel(
    types.void(
        *(types.int64, types.int64, SETUP, Matrix, MOTION, VIEWS),
        *(LOSSES, FEATURES_TYPE, RULING, RECORDS),
        *(Matrix, types.int64, types.int64, Whole),
    )
)
def follow_bare(
    loss_address,
    rule_address,
    setup,
    z,
    motion,
    views,
    losses,
    features,
    ruling,
    records,
    noise,
    first,
    last,
    ending,
):
    """Runs steps first .. last, both included, as `_path.follow` does."""
    loss, rule = loss_at(loss_address), rule_at(rule_address)
    seen, update, gram, weights = features.seen, features.update, ruling.gram, ruling.weights
    theta, step, moment_1, moment_2 = motion.theta, motion.step, motion.first, motion.second
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
        status = rule(gram, excess, ruling.hp, noise[t - first], ruling.state, weights)
        combine(weights, seen, update)
        if status == NOT_CONVERGED or not within(update, ABSURD):
            ending[0] = SOLVER_FAILED if status == NOT_CONVERGED else DIVERGED
            record_failure(
                records, ending, status, z, views.A, views.b, losses, weights, gram, features, seen
            )
            return
        if t % setup.record_every == 0 or t == setup.steps:
            record(records, ending[2], status, z, views.A, views.b, losses, weights, gram, features, seen)
            ending[2] += 1
        if t < setup.steps:
            for i in range(step.size):
                step[i] = update[0, i]
            descend(theta, step, moment_1, moment_2, setup.lr, setup.adam, t)
    ending[0] = RUNNING_ON
