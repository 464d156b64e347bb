"""What the compiled engine works on: named groups of arrays, with the types its kernels are compiled for.

Every group belongs to one path; paths share nothing. K tasks, N inputs, d feature dimensions, H hidden units,
P network parameters. What transforms work on too stands in `mtlcore.compiled.views`. The groups are small because
each array of a group costs some nanoseconds at every call that the group is handed to: only `follow` takes them all.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats, Matrix
from mtlcore.compiled.views import (
    FEATURES_TYPE,
    OPTIMIZER_STATE,
    VIEWS,
    Boxes,
    Features,
    OptimizerState,
    Views,
    Whole,
)
from mtlcore.diagnostics import DIAGNOSTICS
from toy_problems.outcome import Outcome

HIDDEN = 10
INPUTS = 2
LIMIT = 1e12  # a feature farther out than this has diverged
ABSURD = 1e100  # and so has a loss or gradient beyond this: squared, it overflows
PARAMETERS, FEATURES, LAST_SHARED = 0, 1, 2
LEVELS = {"parameters": PARAMETERS, "features": FEATURES, "last_shared": LAST_SHARED}
MEASURES = len(DIAGNOSTICS)
RUNNING_ON, DIVERGED, SOLVER_FAILED = int(Outcome.OK), int(Outcome.DIVERGED), int(Outcome.SOLVER_FAILED)


class Setup(NamedTuple):
    """The numbers one run is made of."""

    backbone: int
    level: int
    elementwise: int
    views: int  # whether tasks see the feature through views of their own
    steps: int
    record_every: int
    adam: int
    lr: float
    noise: float  # sigma of the gradient noise


SETUP = types.NamedTuple([types.int64] * 7 + [types.float64] * 2, Setup)


class Network(NamedTuple):
    """The backbone z = W2 max(W1 x + b1, 0) + b2. Without one only z is used."""

    W1: np.ndarray  # [H, 2]
    b1: np.ndarray  # [H]
    W2: np.ndarray  # [d, H]
    b2: np.ndarray  # [d]
    x: np.ndarray  # [N, 2]
    hidden: np.ndarray  # [N, H], after the rectifier
    z: np.ndarray  # [N, d]


NETWORK = types.NamedTuple([Matrix, Floats, Matrix, Floats, Matrix, Matrix, Matrix], Network)


class Losses(NamedTuple):
    """Losses at the current position."""

    data: np.ndarray  # the problem's constants
    minima: np.ndarray  # [K]
    losses: np.ndarray  # [K]
    excess: np.ndarray  # [K]


LOSSES = types.NamedUniTuple(Floats, 4, Losses)


class Exact(NamedTuple):
    """The gradients without the noise that stands for a mini-batch."""

    seen: np.ndarray  # [K, N, d] seen from z; where there is no noise, the array of Features itself
    first: np.ndarray  # [K] n_k(0), the norm of task k's first active gradient; 0 before it


EXACT = types.NamedTuple([Cube, Floats], Exact)


class RuleBuffers(NamedTuple):
    """What a rule is given and what it answers."""

    rows: np.ndarray  # [K, 1, P] gradients of the network's parameters, where the level asks for them
    gram: np.ndarray  # [K, K] at the rule's level
    hp: np.ndarray
    state: np.ndarray
    weights: np.ndarray  # [K]


RULE_BUFFERS = types.NamedTuple([Cube, Matrix, Floats, Floats, Floats], RuleBuffers)


class Records(NamedTuple):
    """One path's share of a Trajectory: T records."""

    z: np.ndarray  # [T, N, d]
    losses: np.ndarray  # [T, K]
    excess: np.ndarray  # [T, K]
    weights: np.ndarray  # [T, K]
    gradients: np.ndarray  # [T, K, N, d]
    exact: np.ndarray  # [T, K, N, d] without noise; where there is none, the array `gradients` itself
    gram: np.ndarray  # [T, K, K]
    update: np.ndarray  # [T, N, d]
    matrices: np.ndarray  # [T, K, d, d]
    offsets: np.ndarray  # [T, K, d]
    diagnostics: np.ndarray  # [T, len(DIAGNOSTICS)]
    rule_status: np.ndarray  # [T]


RECORDS = types.NamedTuple(
    [Cube, Matrix, Matrix, Matrix, Boxes, Boxes, Cube, Cube, Boxes, Cube, Matrix, Whole], Records
)


class Kernels(NamedTuple):
    """The addresses of the kernels that every step calls (see `mtlcore.compiled.pointers`); NOWHERE: it does not."""

    loss: int
    rule: int  # of the Gram matrix, or
    element: int  # element-wise
    learn: int  # the transform's step


KERNELS = types.NamedUniTuple(types.int64, len(Kernels._fields), Kernels)


class Chance(NamedTuple):
    """The random numbers of a step, and the streams that they are drawn from (see `mtlcore.compiled.pcg64`)."""

    kind: int  # of the rule's: where it stands in mtlcore.draws.NOISE_SIZE
    rule_state: np.ndarray  # [4]
    rule: np.ndarray  # [...] what the rule takes in a step
    gradient_state: np.ndarray  # [4]
    gradients: np.ndarray  # [K, N, d] standard normals for the noise of the gradients; empty without noise


CHANCE = types.NamedTuple([types.int64, Whole, Floats, Whole, Cube], Chance)


class Arrays(NamedTuple):
    """Everything of one path."""

    kernels: Kernels
    setup: Setup
    network: Network
    net_opt: OptimizerState  # moves the network
    views: Views
    view_opt: OptimizerState  # moves the views
    losses: Losses
    features: Features
    exact: Exact
    buffers: RuleBuffers
    chance: Chance
    records: Records
    ending: np.ndarray  # outcome, steps taken, records written


ARRAYS = types.NamedTuple(
    [
        *(KERNELS, SETUP, NETWORK, OPTIMIZER_STATE, VIEWS, OPTIMIZER_STATE, LOSSES),
        *(FEATURES_TYPE, EXACT, RULE_BUFFERS, CHANCE, RECORDS, Whole),
    ],
    Arrays,
)


@kernel(RECORDS(*[types.int64] * 5))
def empty_records(count, tasks, batch, dim, noisy):
    """Returns room for `count` records of one path."""
    gradients = np.empty((count, tasks, batch, dim))
    exact = np.empty((count, tasks, batch, dim)) if noisy == 1 else gradients
    return Records(
        np.empty((count, batch, dim)),
        np.empty((count, tasks)),
        np.empty((count, tasks)),
        np.empty((count, tasks)),
        gradients,
        exact,
        np.empty((count, tasks, tasks)),
        np.empty((count, batch, dim)),
        np.empty((count, tasks, dim, dim)),
        np.empty((count, tasks, dim)),
        np.empty((count, MEASURES)),
        np.empty(count, np.int64),
    )
