"""The stage: one canvas that plays every method's run on one clock."""

from app.stage._runs import turns
from app.stage.component import Guess, StageEvent, show_stage
from app.stage.pack import Run

__all__ = ["Guess", "Run", "StageEvent", "show_stage", "turns"]
