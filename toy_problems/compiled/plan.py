"""Everything that one path is made of, as plain numbers and small arrays: what a page sends and a kernel lays out.

K tasks, d feature dimensions, N inputs. How many tasks there are is told by `scales`, how many inputs by `points`.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from mtlcore.compiled.signatures import Floats, Matrix


class Addresses(NamedTuple):
    """Where the kernels are that a path calls (see `mtlcore.compiled.pointers`); NOWHERE: it does not."""

    loss: int
    rule: int  # of the Gram matrix, or
    element: int  # element-wise
    learn: int  # the transform's step,
    extent: int  # what it turns
    begin: int  # and its views at their start
    constants: int  # what the loss reads, and the tasks' minima
    solved: int  # the problem's success at one position
    pair_excess: int  # one task's excess loss on a pair of dimensions; NOWHERE on a problem without pairs
    weighted_optimum: int  # the lowest point of sum_k p_k L_k; NOWHERE where it is not known


ADDRESSES = types.NamedUniTuple(types.int64, len(Addresses._fields), Addresses)


class Plan(NamedTuple):
    """One path of a run, before anything is drawn or computed. Truths are 0 or 1."""

    kernels: Addresses
    backbone: int  # whether a network makes z; else z itself is optimised
    level: int  # where the rule looks: arrays.PARAMETERS, FEATURES or LAST_SHARED
    sees_views: int  # whether the problem's success reads every task's view
    steps: int
    record_every: int
    adam: int  # whether Adam moves the network; else plain gradient steps
    dim: int  # d
    seed: int
    path: int  # the number of this start among those of the run, from 0: each has noise of its own
    noise_kind: int  # of the rule's random numbers: where its kind stands in mtlcore.draws.NOISE_SIZE
    state_common: int  # how the rule's state is made up: numbers of no task,
    state_blocks: int  # blocks [K],
    state_matrices: int  # and matrices [K, K]
    lr: float
    noise: float  # sigma of the gradient noise
    scales: np.ndarray  # b [K], what each task's loss is multiplied by
    shares: np.ndarray  # p [K], the preferences
    rule_hp: np.ndarray  # what the rule's kernel reads; of a modified rule it begins with the rule's address
    transform_hp: (
        np.ndarray
    )  # the transform's parameters in the order of its SPEC, as Param.encode writes them
    start: np.ndarray  # [q] the first of d coordinates, repeated over the others; [0]: the seed draws it
    bounds: np.ndarray  # [2, 2] lowest and highest of a plotted pair, (low, high) a coordinate
    points: np.ndarray  # [N, 2] inputs of the network; [0, 2]: one, drawn
    angles: np.ndarray  # [K] of the initial rotations, where the identity is a trap; else [0]


PLAN = types.NamedTuple(
    [ADDRESSES, *[types.int64] * 13, *[types.float64] * 2, *[Floats] * 5, Matrix, Matrix, Floats], Plan
)
