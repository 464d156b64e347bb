"""One path of the compiled engine: evaluate, balance, record, step, until the end or until it cannot go on."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.normal import normals
from mtlcore.compiled.pointers import element_at, rule_at
from mtlcore.compiled.signatures import NOT_CONVERGED, Cube, Floats, Matrix
from mtlcore.compiled.views import FEATURES_TYPE, Whole, learn_at
from mtlcore.solvers.descent import descend
from mtlcore.solvers.vectors import copy, copy_cube, copy_matrix, fill_matrix
from toy_problems.compiled.arrays import (
    ABSURD,
    ARRAYS,
    DIVERGED,
    EXACT,
    LIMIT,
    LOSSES,
    RECORDS,
    RUNNING_ON,
    SETUP,
    SOLVER_FAILED,
)
from toy_problems.compiled.backbone import forward
from toy_problems.compiled.balance import choose, shared_step, weigh
from toy_problems.compiled.diagnose import diagnose
from toy_problems.compiled.noise import NONE, disturb, draw_rule
from toy_problems.compiled.signatures import LOSS_POINTER, loss_at
from toy_problems.compiled.views import look, look_back


@kernel(types.boolean(Matrix, types.float64))
def within(values, limit):
    """Returns whether every value is a number of magnitude at most limit."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            if not abs(values[i, j]) <= limit:
                return False
    return True


@kernel(types.boolean(LOSS_POINTER, SETUP, Matrix, Cube, Matrix, LOSSES, FEATURES_TYPE, EXACT, Cube))
def evaluate(loss, setup, z, A, b, losses, features, exact, added):
    """Writes losses and gradients at z; returns whether all of them are sane numbers.

    The gradients get the noise of the normals `added` [K, N, d], where there is any; `exact` keeps them without.
    """
    if not within(z, LIMIT):
        return False
    for k in range(losses.losses.size):
        seen = features.seen[k]
        if setup.views == 0:
            losses.losses[k] = loss(z, k, losses.data, seen)
        else:
            r, local = features.r[k], features.local[k]
            look(A[k], b[k], z, r)
            losses.losses[k] = loss(r, k, losses.data, local)
            look_back(A[k], local, seen)
        losses.excess[k] = max(losses.losses[k] - losses.minima[k], 0.0)
        if not (abs(losses.losses[k]) <= ABSURD and within(seen, ABSURD)):
            return False
    if setup.noise > 0.0:
        disturb(setup, A, features, exact, added)
    return True


@kernel(
    types.void(
        RECORDS, types.int64, types.int64, Matrix, Cube, Matrix, LOSSES, Floats, Matrix, FEATURES_TYPE, Cube
    )
)
def record(records, at, status, z, A, b, losses, weights, gram, features, exact):
    """Copies everything at the current position to record `at`."""
    copy_matrix(z, records.z[at])
    copy(losses.losses, records.losses[at])
    copy(losses.excess, records.excess[at])
    copy(weights, records.weights[at])
    copy_cube(features.seen, records.gradients[at])
    copy_cube(exact, records.exact[at])
    copy_matrix(gram, records.gram[at])
    copy_matrix(features.update, records.update[at])
    copy_cube(A, records.matrices[at])
    copy_matrix(b, records.offsets[at])
    records.rule_status[at] = status
    diagnose(exact, records.diagnostics[at])


@kernel(
    types.void(RECORDS, Whole, types.int64, Matrix, Cube, Matrix, LOSSES, Floats, Matrix, FEATURES_TYPE, Cube)
)
def record_failure(records, ending, status, z, A, b, losses, weights, gram, features, exact):
    """Keeps the first position of a path that can take no step at all: weights and update are 0 there."""
    if ending[2] > 0:
        return
    for k in range(weights.size):
        weights[k] = 0.0
    fill_matrix(features.update, 0.0)
    record(records, 0, status, z, A, b, losses, weights, gram, features, exact)
    ending[2] = 1


@kernel(types.void(ARRAYS, types.int64, types.int64))
def follow(path, first, last):
    """Runs the steps from `first` to `last`, included; at the last step of the run nothing moves any more."""
    at = path.kernels
    loss, rule, element, learn = (
        loss_at(at.loss),
        rule_at(at.rule),
        element_at(at.element),
        learn_at(at.learn),
    )
    setup, net, net_opt, views, losses = path.setup, path.network, path.net_opt, path.views, path.losses
    features, exact, buffers, ending = path.features, path.exact, path.buffers, path.ending
    chance, records, view_opt = path.chance, path.records, path.view_opt
    kind, noise, added = chance.kind, chance.rule, chance.gradients
    rule_state, gradient_state, all_added = (
        chance.rule_state,
        chance.gradient_state,
        added.reshape(added.size),
    )
    for t in range(first, last + 1):
        ending[1] = t
        if kind != NONE:
            draw_rule(kind, rule_state, noise)
        if added.size > 0:
            normals(gradient_state, all_added)
        if setup.backbone == 1:
            forward(net)
        if not evaluate(loss, setup, net.z, views.A, views.b, losses, features, exact, added):
            ending[0] = DIVERGED
            return
        if setup.elementwise == 1:
            status = choose(element, setup, net, features, buffers, noise, net_opt.step)
        else:
            status = weigh(rule, setup, net, features, buffers, losses.excess, noise)
        if status == NOT_CONVERGED or not within(features.update, ABSURD):
            ending[0] = SOLVER_FAILED if status == NOT_CONVERGED else DIVERGED
            told = (net.z, views.A, views.b, losses, buffers.weights, buffers.gram, features, exact.seen)
            record_failure(records, ending, status, *told)
            return
        if t % setup.record_every == 0 or t == setup.steps:
            told = (net.z, views.A, views.b, losses, buffers.weights, buffers.gram, features, exact.seen)
            record(records, ending[2], status, *told)
            ending[2] += 1
        if t < setup.steps:
            shared_step(setup, net, features.update, net_opt.step)
            if setup.views == 1:
                learn(net.z, views, view_opt, features, t)
            descend(net_opt.theta, net_opt.step, net_opt.first, net_opt.second, setup.lr, setup.adam, t)
    ending[0] = RUNNING_ON
