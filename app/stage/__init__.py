"""The stage: one canvas that plays every method's run on one clock."""

from app.stage._runs import turns
from app.stage.component import StageEvent, show_stage
from app.stage.pack import Run

__all__ = ["Run", "StageEvent", "show_stage", "turns"]
