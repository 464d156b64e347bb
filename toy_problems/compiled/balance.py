"""From task gradients to one update: the Gram matrix at the rule's level, the rule, and the step it asks for."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.pointers import ELEMENTWISE_POINTER, RULE_POINTER
from mtlcore.compiled.signatures import Cube, Floats, Matrix
from mtlcore.compiled.views import FEATURES_TYPE
from mtlcore.solvers.vectors import copy, fill_matrix
from toy_problems.compiled.arrays import FEATURES, LAST_SHARED, NETWORK, RULE_BUFFERS, SETUP
from toy_problems.compiled.backbone import backward, backward_each


@kernel(types.void(Cube, types.int64, Matrix))
def gram_of(gradients, start, gram):
    """Writes the tasks' inner products to gram [K, K]: gradients [K, N, D], each row from column `start` on."""
    for i in range(gram.shape[0]):
        for j in range(i + 1):
            total = 0.0
            for n in range(gradients.shape[1]):
                for c in range(start, gradients.shape[2]):
                    total += gradients[i, n, c] * gradients[j, n, c]
            gram[i, j] = total
            gram[j, i] = total


@kernel(types.void(Floats, Cube, Matrix))
def combine(weights, gradients, out):
    """Writes sum_k w_k g_k to out [N, D]."""
    for n in range(out.shape[0]):
        for c in range(out.shape[1]):
            total = 0.0
            for k in range(weights.size):
                total += weights[k] * gradients[k, n, c]
            out[n, c] = total


@kernel(types.int64(types.int64, NETWORK))
def level_start(level, net):
    """Returns the first parameter that a rule at this level looks at."""
    return net.W1.size + net.b1.size if level == LAST_SHARED else 0


@kernel(types.int64(RULE_POINTER, SETUP, NETWORK, FEATURES_TYPE, RULE_BUFFERS, Floats, Floats))
def weigh(rule, setup, net, features, buffers, excess, noise):
    """Asks a rule of the Gram matrix: writes weights and the feature-level update; returns its status."""
    if setup.backbone == 1 and setup.level != FEATURES:
        backward_each(net, features.seen, buffers.rows)
        gram_of(buffers.rows, level_start(setup.level, net), buffers.gram)
    else:
        gram_of(features.seen, 0, buffers.gram)
    status = rule(buffers.gram, excess, buffers.hp, noise, buffers.state, buffers.weights)
    combine(buffers.weights, features.seen, features.update)
    return status


@kernel(types.int64(ELEMENTWISE_POINTER, types.int64, Cube, Floats, Floats, Floats))
def _choose_parameters(element, start, rows, hp, noise, step):
    """Writes an element-wise rule's choice among the parameters from `start` on to step [P]; returns its status."""
    tasks, size = rows.shape[0], rows.shape[2] - start
    asked, ones, chosen = np.empty((tasks, 1, size)), np.empty((1, size)), np.empty((1, size))
    for i in range(size):
        ones[0, i] = 1.0
        for k in range(tasks):
            asked[k, 0, i] = rows[k, 0, start + i]
    status = element(asked, ones, hp, noise, chosen)
    for i in range(size):
        step[start + i] = chosen[0, i]
    return status


@kernel(types.int64(ELEMENTWISE_POINTER, SETUP, NETWORK, FEATURES_TYPE, RULE_BUFFERS, Floats, Floats))
def choose(element, setup, net, features, buffers, noise, step):
    """Asks an element-wise rule for its update; returns its status.

    It has no weights: p stands in their place from the start. Nor does it need the Gram matrix, which is recorded
    all the same. Away from the features it chooses among parameters: the choice goes to step [P], and the feature-level
    update shown is the mean by p.
    """
    if setup.level == FEATURES:
        gram_of(features.seen, 0, buffers.gram)
        return element(features.seen, net.z, buffers.hp, noise, features.update)
    if setup.backbone == 0:
        gram_of(features.seen, 0, buffers.gram)
        fill_matrix(features.target, 1.0)
        return element(features.seen, features.target, buffers.hp, noise, features.update)
    backward_each(net, features.seen, buffers.rows)
    combine(buffers.weights, features.seen, features.update)
    backward(net, features.update, step)
    start = level_start(setup.level, net)
    gram_of(buffers.rows, start, buffers.gram)
    return _choose_parameters(element, start, buffers.rows, buffers.hp, noise, step)


@kernel(types.void(SETUP, NETWORK, Matrix, Floats))
def shared_step(setup, net, update, step):
    """Writes to step [P] the gradient that the network's optimiser is to follow, where `choose` did not."""
    if setup.backbone == 0:
        copy(update[0], step)
    elif setup.elementwise == 0 or setup.level == FEATURES:
        backward(net, update, step)
