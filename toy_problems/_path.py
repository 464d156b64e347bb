"""One path of the compiled engine: evaluate, balance, record, step, until the end or until it cannot go on."""

import numpy as np
from numba import types

from mtlcore.rules._types import NOT_CONVERGED, Matrix
from toy_problems._arrays import (
    DIVERGED, ELEMENTWISE_POINTER, LIMIT, LOSS_POINTER, NETWORK, NONE, RECORDS, RULE_POINTER, RUNNING_ON, SETUP,
    SOLVER_FAILED, TASKS, VIEWS, Whole, kernel,
)  # fmt: skip
from toy_problems._backbone import forward
from toy_problems._balance import balance, gram_of, shared_step
from toy_problems._diagnose import diagnose
from toy_problems._optim import descend
from toy_problems._views import learn, look, look_back

ABSURD = 1e100  # a loss or gradient beyond this overflows when squared


@kernel(types.boolean(Matrix, types.float64))
def within(values, limit):
    """Returns whether every value is a number of magnitude at most limit."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            if not abs(values[i, j]) <= limit:
                return False
    return True


@kernel(types.boolean(LOSS_POINTER, SETUP, NETWORK, VIEWS, TASKS))
def evaluate(loss, setup, net, views, tasks):
    """Writes losses and gradients at the current position; returns whether all of them are sane numbers."""
    if setup.backbone == 1:
        forward(net)
    if not within(net.z, LIMIT):
        return False
    for k in range(tasks.losses.size):
        if setup.transform == NONE:
            tasks.losses[k] = loss(net.z, k, tasks.data, tasks.seen[k])
        else:
            look(views, k, net.z, tasks.r[k])
            tasks.losses[k] = loss(tasks.r[k], k, tasks.data, tasks.local[k])
            look_back(views, k, tasks.local[k], tasks.seen[k])
        tasks.excess[k] = max(tasks.losses[k] - tasks.minima[k], 0.0)
        if not (abs(tasks.losses[k]) <= ABSURD and within(tasks.seen[k], ABSURD)):
            return False
    return True


@kernel(types.void(RECORDS, types.int64, types.int64, NETWORK, VIEWS, TASKS))
def record(records, at, status, net, views, tasks):
    """Copies everything at the current position to record `at`."""
    records.z[at] = net.z
    records.losses[at] = tasks.losses
    records.excess[at] = tasks.excess
    records.weights[at] = tasks.weights
    records.gradients[at] = tasks.seen
    records.update[at] = tasks.update
    records.matrices[at] = views.A
    records.offsets[at] = views.b
    records.rule_status[at] = status
    feature_gram = np.empty_like(tasks.gram)
    gram_of(tasks.seen, 0, feature_gram)
    diagnose(feature_gram, records.diagnostics[at])


@kernel(
    types.void(
        LOSS_POINTER, RULE_POINTER, ELEMENTWISE_POINTER, SETUP, NETWORK, VIEWS, TASKS, Matrix, RECORDS,
        types.int64, types.int64, Whole,
    )
)  # fmt: skip
def follow(loss, rule, element, setup, net, views, tasks, noise, records, first, last, ending):
    """Runs steps first .. last, both included; at the last step of the run nothing moves any more.

    noise [last - first + 1, ...]: one row a step. ending: outcome, steps taken, records written; it is read and
    written, so that a long run can be given in several calls.
    """
    for t in range(first, last + 1):
        ending[1] = t
        if not evaluate(loss, setup, net, views, tasks):
            ending[0] = DIVERGED
            return
        status = balance(rule, element, setup, net, tasks, noise[t - first])
        if status == NOT_CONVERGED:
            ending[0] = SOLVER_FAILED
            return
        if not within(tasks.update, ABSURD):
            ending[0] = DIVERGED
            return
        if t % setup.record_every == 0 or t == setup.steps:
            record(records, ending[2], status, net, views, tasks)
            ending[2] += 1
        if t < setup.steps:
            shared_step(setup, net, tasks)
            learn(setup, net, views, tasks, t)
            descend(net.theta, net.step, net.first, net.second, setup.lr, setup.adam, t)
    ending[0] = RUNNING_ON
