"""A start that was dragged on the stage, put into what is chosen."""

from collections.abc import Sequence

from app.stage import Run, StageEvent
from app.view import View


def with_start(view: View, runs: Sequence[Run], event: StageEvent) -> View:
    """Returns the view with the dragged start beside the other starts as they are. Raises ValueError for a place where
    none can be.
    """
    starts = runs[0].trajectory.z[:, 0, 0].copy()
    moved = starts[event.start_index]
    moved[list(view.pair)] = event.point
    return view.having("starts", view.fields["starts"].check([tuple(map(float, point)) for point in starts]))
