"""How one step trains the transform."""

import numpy as np
from torch import Tensor

from mtlcore.nn.feature_gradients import FeatureGradients, weighted_sum
from mtlcore.nn.micro_batch import joined
from mtlcore.nn.rows import to_rows
from mtlcore.nn.transform import BackwardContext
from mtlcore.nn.weighing import Weighing
from mtlcore.nn.writing import Pairs


def learned(features: FeatureGradients, weighing: Weighing) -> Pairs:
    """Returns the (parameter, gradient) pairs of the transform, which are still to be averaged over the processes.

    A transform without parameters moves here by itself.
    """
    count = features.parts.processes.count
    found = features.parts.transform.learn(_context(features, weighing, 1.0 / count))
    # what it found is this process's part of a sum over the whole batch
    factor = count * features.scale
    return found if factor == 1.0 else [(leaf, None if g is None else g * factor) for leaf, g in found]


def _context(features: FeatureGradients, weighing: Weighing, share: float) -> BackwardContext:
    """Returns what the transform learns from. share: what the gradients of this process are multiplied by."""
    parts, batches = features.parts, features.batches
    return BackwardContext(
        seen=joined([batch.seen for batch in batches], 1, share),
        pulled=joined([batch.pulled for batch in batches], 1, share),
        features=joined([to_rows(batch.feature.detach(), parts.transform.dim) for batch in batches], 0),
        update=joined(_updates(features, weighing), 0, share),
        gram=features.gram(),
        processes=parts.processes,
        present=np.flatnonzero(weighing.tally.present).tolist(),
    )


def _updates(features: FeatureGradients, weighing: Weighing) -> list[Tensor]:
    """Returns the update at z of every micro-batch; all are computed from the weights where one is missing."""
    found = [batch.update for batch in features.batches if batch.update is not None]
    if len(found) == len(features.batches):
        return found
    return [weighted_sum(batch.pulled, weighing.feature_weights()) for batch in features.batches]
