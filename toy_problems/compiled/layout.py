"""Laying out a run: every array of one path, from its plan and from where it begins."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.pcg64 import seeded
from mtlcore.compiled.pointers import NOWHERE
from mtlcore.compiled.signatures import Floats
from mtlcore.compiled.views import (
    BEGUN,
    EXTENT,
    Extent,
    Features,
    OptimizerState,
    begin_at,
    extent_at,
    identity_views,
)
from mtlcore.compiled.views import OPTIMIZER_STATE as STATE
from mtlcore.solvers.vectors import copy, copy_matrix
from toy_problems.compiled.arrays import (
    ARRAYS,
    CHANCE,
    FEATURES,
    HIDDEN,
    LOSSES,
    NETWORK,
    RULE_BUFFERS,
    SETUP,
    Arrays,
    Chance,
    Exact,
    Kernels,
    Losses,
    Network,
    RuleBuffers,
    Setup,
    empty_records,
)
from toy_problems.compiled.balance import level_start
from toy_problems.compiled.begin import INITIAL, begin
from toy_problems.compiled.noise import numbers_a_step
from toy_problems.compiled.plan import PLAN
from toy_problems.compiled.signatures import constants_at

GROUP = types.Tuple([NETWORK, STATE])


@kernel(EXTENT.return_type(PLAN))
def extent_of(plan):
    """Returns what the plan's transform turns; nothing where it has none."""
    if plan.kernels.extent == NOWHERE:
        return Extent(0, 0, 0, 0)
    return extent_at(plan.kernels.extent)(plan.dim, plan.transform_hp)


@kernel(INITIAL(PLAN))
def draw(plan):
    """Returns where the plan's path begins: all that is drawn from its seed, and the start that it names."""
    extent, tasks = extent_of(plan), plan.scales.size
    m, block, haar = extent.m, extent.block, extent.haar
    return begin(
        plan.seed, tasks, plan.dim, m, block, haar, plan.bounds, plan.points, plan.angles, plan.start
    )


@kernel(SETUP(PLAN))
def setup_of(plan):
    """Returns the numbers that every step looks at."""
    views, elementwise = extent_of(plan).views, 0 if plan.kernels.element == NOWHERE else 1
    return Setup(
        plan.backbone, plan.level, elementwise, views, plan.steps, plan.record_every, plan.adam, plan.lr, plan.noise
    )  # fmt: skip


@kernel(types.int64(types.int64, types.int64))
def record_count(steps, every):
    """Returns how many records a run leaves: of every multiple of `every`, and of its last step."""
    return steps // every + (1 if steps % every == 0 else 2)


@kernel(STATE(Floats))
def at_rest(theta):
    """Returns a vector of parameters with an optimiser at rest."""
    return OptimizerState(theta, np.zeros(theta.size), np.zeros(theta.size), np.zeros(theta.size))


@kernel(GROUP(INITIAL))
def point_of(initial):
    """Returns the network of a problem without one, and what moves it: the point itself."""
    theta = initial.theta.copy().reshape(initial.theta.size)
    flat, none = np.zeros(0), np.zeros((0, 0))
    return Network(none, flat, none, flat, none, none, theta.reshape(initial.theta.shape)), at_rest(theta)


@kernel(GROUP(INITIAL))
def network_of(initial):
    """Returns the network's arrays and what moves them: the four parameters are views of one vector."""
    inputs, dim, batch = initial.x.shape[1], initial.b2.size, initial.x.shape[0]
    b1, W2 = HIDDEN * inputs, HIDDEN * inputs + HIDDEN
    b2 = W2 + dim * HIDDEN
    theta = np.empty(b2 + dim)
    parameters = Network(
        theta[:b1].reshape((HIDDEN, inputs)), theta[b1:W2], theta[W2:b2].reshape((dim, HIDDEN)), theta[b2:],
        initial.x.copy(), np.zeros((batch, HIDDEN)), np.zeros((batch, dim)),
    )  # fmt: skip
    copy_matrix(initial.W1, parameters.W1)
    copy(initial.b1, parameters.b1)
    copy_matrix(initial.W2, parameters.W2)
    copy(initial.b2, parameters.b2)
    return parameters, at_rest(theta)


@kernel(BEGUN(PLAN, INITIAL))
def views_of(plan, initial):
    """Returns the transform's views at their start, and their free parameters."""
    if extent_of(plan).views == 0:
        return identity_views(plan.scales.size, plan.dim, np.zeros(0)), np.zeros(0)
    return begin_at(plan.kernels.begin)(initial.R, plan.dim, plan.transform_hp)


@kernel(RULE_BUFFERS(PLAN, types.int64))
def buffers_of(plan, size):
    """Returns what the rule is given, its state before the first step, and p where weights come; size: P."""
    tasks = plan.scales.size
    state = plan.state_common + plan.state_blocks * tasks + plan.state_matrices * tasks * tasks
    rows, gram = np.zeros((tasks, 1, size)), np.zeros((tasks, tasks))
    return RuleBuffers(rows, gram, plan.rule_hp.copy(), np.zeros(state), plan.shares.copy())


@kernel(CHANCE(PLAN, SETUP, NETWORK, types.int64))
def chance_of(plan, setup, net, size):
    """Returns the path's two streams, and room for the random numbers of a step; size: P."""
    among = plan.dim  # coordinates that an element-wise rule chooses among
    if setup.elementwise == 1 and setup.backbone == 1 and setup.level != FEATURES:
        among = size - level_start(setup.level, net)
    rule, gradients = np.zeros(4, np.int64), np.zeros(4, np.int64)
    seeded(np.array([plan.seed, 1 + plan.path]), rule)
    seeded(np.array([plan.seed, 1 + plan.path, 1]), gradients)
    numbers = np.zeros(numbers_a_step(plan.noise_kind, plan.scales.size, among))
    noisy = plan.scales.size if setup.noise > 0.0 else 0
    return Chance(
        plan.noise_kind, rule, numbers, gradients, np.zeros((noisy, net.z.shape[0], net.z.shape[1]))
    )


@kernel(LOSSES(PLAN))
def losses_of(plan):
    """Returns what the problem's losses read, and room for them."""
    data, minima = constants_at(plan.kernels.constants)(plan.scales, plan.dim)
    return Losses(data, minima, np.zeros(minima.size), np.zeros(minima.size))


@kernel(ARRAYS(PLAN, INITIAL))
def prepare(plan, initial):
    """Returns every array of one path, ready for its first step; nothing is shared with what it is made of."""
    setup, K, d = setup_of(plan), plan.scales.size, plan.dim
    net, net_opt = network_of(initial) if plan.backbone == 1 else point_of(initial)
    N, size, noisy = net.z.shape[0], net_opt.theta.size, 1 if setup.noise > 0.0 else 0
    views, free = views_of(plan, initial)
    seen = np.zeros((K, N, d))
    features = Features(np.zeros((K, N, d)), np.zeros((K, N, d)), seen, np.zeros((N, d)), np.zeros((N, d)))
    exact = Exact(np.zeros((K, N, d)) if noisy == 1 else seen, np.zeros(K))
    records = empty_records(record_count(setup.steps, setup.record_every), K, N, d, noisy)
    buffers, chance = buffers_of(plan, size), chance_of(plan, setup, net, size)
    losses, ending, at = losses_of(plan), np.zeros(3, np.int64), plan.kernels
    kernels = Kernels(at.loss, at.rule, at.element, at.learn)
    return Arrays(
        kernels, setup, net, net_opt, views, at_rest(free), losses, features, exact, buffers, chance, records, ending
    )  # fmt: skip
