"""What a page says of a run that it has just computed itself: templates with gaps for its numbers.

While a hand moves a control the words of the run before are no longer so, and Python has not seen the new one yet. The
page knows how it ended, since when it is solved and its losses; more is said once Python has looked at it.
"""

from typing import Any

from app.passages import LOSSES, so_far
from app.sentences import advice, every
from toy_problems import Trajectory
from toy_problems.trajectory import Outcome


def live_words(run: Trajectory, note: str = "") -> dict[str, Any]:
    """Returns the templates for runs of the same method from as many starts: {step} and LOSSES are filled in.

    way: until it is solved; solved: from then on; stopped: by the outcome's number, from where it stopped; there: of
    several starts, how many of them are solved, from none to all. note: what is so whatever the step.
    """
    problem = run.config.problem_spec
    lower = advice(run)
    words: dict[str, Any] = {
        "way": f"On its way: excess losses {LOSSES}.",
        "solved": f"{_solved(run)} at step {{step}}.",
        "stopped": {
            str(int(Outcome.DIVERGED)): f"Diverged at step {{step}}: {lower}.",
            str(
                int(Outcome.SOLVER_FAILED)
            ): f"Stopped at step {{step}}: the rule found no answer there; {lower}.",
        },
        "there": [],
    }
    if problem.sees_views:
        words["way"] = f"Does not serve both tasks yet: excess losses {LOSSES}."
    if len(run.status) > 1:
        words["there"] = so_far(run)
    return _noted(words, note)


def _solved(run: Trajectory) -> str:
    problem = run.config.problem_spec
    if problem.sees_views:
        return "Serves both tasks"
    return f"Reaches {every(run)}" if problem.backbone else "Reaches the Pareto front"


def _noted(words: Any, note: str) -> Any:
    """Returns the words with a note behind each of them."""
    if isinstance(words, str):
        return f"{words} {note}".rstrip()
    if isinstance(words, dict):
        return {key: _noted(each, note) for key, each in words.items()}
    return [_noted(each, note) for each in words]
