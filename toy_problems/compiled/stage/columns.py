"""Where what is drawn of a path stands in its series [F, C]: F frames, and C columns for K tasks."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.views import Whole

# Each group of columns, in their order: the step; the drawn pair of z, mean over the inputs; log10 of the tasks' excess
# losses; their gradients in the pair, a pair a task; the update; cosine, log10 of norm ratio and of condition number;
# of every view the pair's 2 x 2 block row by row and its shift; whether gradients have vanished and the condition
# number is capped; the first two losses; the lag.
STEP, Z, EXCESS, GRADIENTS, UPDATE, CURVES, VIEW, FLAGS, LOSSES, LAG, WIDTH = range(11)


@kernel(types.void(types.int64, Whole))
def columns(tasks, out):
    """Writes where each group of columns begins to out [11]; the last number is C, 13 + 9 K."""
    out[STEP], out[Z], out[EXCESS] = 0, 1, 3
    out[GRADIENTS] = 3 + tasks
    out[UPDATE] = 3 + 3 * tasks
    out[CURVES] = 5 + 3 * tasks
    out[VIEW] = 8 + 3 * tasks
    out[FLAGS] = 8 + 9 * tasks
    out[LOSSES] = 10 + 9 * tasks
    out[LAG] = 12 + 9 * tasks
    out[WIDTH] = 13 + 9 * tasks


@kernel(types.int64(types.int64, types.int64, types.int64))
def record_of(frame, frames, records):
    """Returns the record that a frame shows: of so many records evenly spread ones, with the first and the last."""
    if records <= frames:
        return frame
    return (2 * frame * (records - 1) + frames - 1) // (2 * (frames - 1))


@kernel(types.int64(types.int64, types.int64, types.int64))
def cloud_frames(frames, starts, points):
    """Returns at how many frames a batch's points are drawn: they are joined by straight lines between."""
    return min(frames, max(12, CLOUD // (starts * points * 2)))


CLOUD = 6_000  # numbers of a drawn batch per run
