"""From task gradients to one update: the Gram matrix at the rule's level, the rule, and the step it asks for."""

import numpy as np
from numba import types

from mtlcore.rules._types import ELEMENTWISE, OK, RULE, Cube, Floats, Matrix
from toy_problems._arrays import (
    ELEMENTWISE_POINTER, FEATURES, LAST_SHARED, NETWORK, RULE_POINTER, SETUP, TASKS, kernel,
)  # fmt: skip
from toy_problems._backbone import backward, backward_each


@kernel(types.void(Cube, types.int64, Matrix))
def gram_of(gradients, start, gram):
    """Writes the inner products of the tasks' gradients [K, N, D], each row from column `start` on, to gram [K, K]."""
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


@kernel(types.int64(SETUP, NETWORK))
def level_start(setup, net):
    """Returns the first parameter that the rule's level looks at."""
    return net.theta.size - net.W2.size - net.b2.size if setup.level == LAST_SHARED else 0


@kernel(types.int64(RULE_POINTER, SETUP, NETWORK, TASKS, Floats))
def _weigh(rule, setup, net, tasks, noise):
    """Asks a rule of the Gram matrix for its weights and the update at the feature level; returns its status."""
    if setup.backbone == 1 and setup.level != FEATURES:
        backward_each(net, tasks.seen, tasks.rows)
        gram_of(tasks.rows, level_start(setup, net), tasks.gram)
    else:
        gram_of(tasks.seen, 0, tasks.gram)
    status = rule(tasks.gram, tasks.excess, tasks.hp, noise, tasks.state, tasks.weights)
    combine(tasks.weights, tasks.seen, tasks.update)
    return status


@kernel(types.int64(ELEMENTWISE_POINTER, SETUP, NETWORK, TASKS, Floats))
def _choose(element, setup, net, tasks, noise):
    """Asks an element-wise rule for its update; returns its status.

    It has no weights: the mean's 1/K stand in their place. Away from the features it chooses among parameters, so that at the
    feature level only the mean can be shown.
    """
    tasks.weights[:] = 1.0 / tasks.weights.size
    if setup.level == FEATURES:
        return element(tasks.seen, net.z, tasks.hp, noise, tasks.update)
    if setup.backbone == 0:
        return element(tasks.seen, tasks.ones, tasks.hp, noise, tasks.update)
    backward_each(net, tasks.seen, tasks.rows)
    start = level_start(setup, net)
    chosen = np.empty((1, net.theta.size - start))
    status = element(
        np.ascontiguousarray(tasks.rows[:, :, start:]), tasks.ones[:, start:].copy(), tasks.hp, noise, chosen
    )
    combine(tasks.weights, tasks.rows, tasks.kept)
    tasks.kept[:, start:] = chosen
    combine(tasks.weights, tasks.seen, tasks.update)
    return status


@kernel(types.int64(RULE_POINTER, ELEMENTWISE_POINTER, SETUP, NETWORK, TASKS, Floats))
def balance(rule, element, setup, net, tasks, noise):
    """Writes weights and the update at the feature level; returns the rule's status."""
    if setup.elementwise == 1:
        return _choose(element, setup, net, tasks, noise)
    return _weigh(rule, setup, net, tasks, noise)


@kernel(types.void(SETUP, NETWORK, TASKS))
def shared_step(setup, net, tasks):
    """Writes to net.step [P] the gradient that the network's optimiser is to follow."""
    if setup.backbone == 0:
        net.step[:] = tasks.update.reshape(net.step.size)
    elif setup.elementwise == 1 and setup.level != FEATURES:
        net.step[:] = tasks.kept[0]
    else:
        backward(net, tasks.update, net.step)


@kernel(ELEMENTWISE)
def no_element(gradients, features, hp, noise, out):
    """Stands where a method has no element-wise rule; never called."""
    return OK


@kernel(RULE)
def no_rule(gram, losses, hp, noise, state, w):
    """Stands where a method has no rule of the Gram matrix; never called."""
    return OK
