"""A rule asked by a modifier's kernel, through its address, about all tasks or about some of them alone.

What a modifier's kernel gets as hp [P] begins with what `mtlcore.modified` writes there: the rule's address, how many
numbers of the modifier's own follow, where the preferences begin in the rule's numbers, and how its state and its
noise are laid out; then come the modifier's own numbers and the rule's. The state of K tasks is the rule's numbers of
no task, its blocks [K], the modifier's blocks [K], the rule's matrices [K, K]: the layout that `RuleSpec.state_size`
promises, so that a task that is absent finds its numbers in both.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.pointers import rule_at
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers.vectors import Indices

ADDRESS, OWN, PREFERENCES, COMMON, BLOCKS, EXTRA, MATRICES, NOISE, HEADER = range(9)


@kernel(types.int64(Floats, types.int64))
def own_block(hp, tasks):
    """Returns where the modifier's first block [K] begins in the state of `tasks` tasks."""
    return int(hp[COMMON]) + int(hp[BLOCKS]) * tasks


@kernel(types.void(Floats, types.int64, types.boolean, Floats, Floats))
def pass_on(whole, place, back, part, at):
    """Copies whole[place] to part[at[0]], or back, and counts at[0] up."""
    here = int(at[0])
    if back:
        whole[place] = part[here]
    else:
        part[here] = whole[place]
    at[0] += 1.0


@kernel(types.void(Floats, Indices, types.int64, types.int64, types.boolean, Floats, Floats))
def exchange(hp, index, count, tasks, back, state, part):
    """Copies the rule's state of the tasks index[0..count) out of the whole state to `part`, or back."""
    common, blocks, matrices = int(hp[COMMON]), int(hp[BLOCKS]), int(hp[MATRICES])
    start, at = common + (blocks + int(hp[EXTRA])) * tasks, np.zeros(1)
    for i in range(common):
        pass_on(state, i, back, part, at)
    for j in range(blocks):
        for i in range(count):
            pass_on(state, common + j * tasks + index[i], back, part, at)
    for j in range(matrices):
        for i in range(count):
            for k in range(count):
                pass_on(state, start + (j * tasks + index[i]) * tasks + index[k], back, part, at)


@kernel(Floats(Floats, Indices, types.int64))
def numbers_of(hp, index, count):
    """Returns the rule's hp for the tasks index[0..count): its parameters, and their preferences where it has any."""
    begin, first = HEADER + int(hp[OWN]), int(hp[PREFERENCES])
    out = np.empty(first + (count if hp.size > begin + first else 0))
    for i in range(first):
        out[i] = hp[begin + i]
    for i in range(out.size - first):
        out[first + i] = hp[begin + first + index[i]]
    return out


@kernel(Floats(Floats, Indices, types.int64, types.int64))
def losses_of(losses, index, count, tasks):
    """Returns the losses of the tasks index[0..count), out of [K], [2K] or none."""
    groups = losses.size // tasks
    out = np.empty(groups * count)
    for j in range(groups):
        for i in range(count):
            out[j * count + i] = losses[j * tasks + index[i]]
    return out


@kernel(Floats(Floats, Floats, Indices, types.int64, types.int64))
def noise_of(hp, noise, index, count, tasks):
    """Returns the rule's random numbers for the tasks index[0..count): none, one a task, or one a pair."""
    power = int(hp[NOISE])
    out = np.empty((0, count, count * count)[power])
    for i in range(count if power > 0 else 0):
        if power == 1:
            out[i] = noise[index[i]]
        else:
            for k in range(count):
                out[i * count + k] = noise[index[i] * tasks + index[k]]
    return out


@kernel(types.int64(Floats, Indices, types.int64, Matrix, Floats, Floats, Floats, Floats))
def ask(hp, index, count, gram, losses, noise, state, w):
    """Writes the rule's weights for the tasks index[0..count) to w [count], moves their state; returns its status.

    gram [count, count] is theirs; index [K], losses, noise and state are those of all K tasks.
    """
    tasks = index.size
    part = np.empty(int(hp[COMMON]) + int(hp[BLOCKS]) * count + int(hp[MATRICES]) * count * count)
    exchange(hp, index, count, tasks, False, state, part)
    status = rule_at(int(hp[ADDRESS]))(
        gram,
        losses_of(losses, index, count, tasks),
        numbers_of(hp, index, count),
        noise_of(hp, noise, index, count, tasks),
        part,
        w,
    )
    exchange(hp, index, count, tasks, True, state, part)
    return status
