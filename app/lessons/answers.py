"""What is right: computed from the runs of a step, never written down; and what an answer is told."""

from dataclasses import dataclass

import numpy as np

from app.lessons.conditions import FORMULA, Condition, Runs
from app.lessons.lesson import Kind, Question, Step
from app.view import View
from toy_problems import Trajectory

LOWER = 0.8  # of the next best task's final excess loss: more is level
CLOSE, FAIR = 0.05, 0.125  # of the picture's wider side, from the path's end


@dataclass(frozen=True)
class Judged:
    """Whether an answer is right, and what it is told."""

    right: bool
    said: str


def rightly(question: Question, runs: Runs, pair: tuple[int, int]) -> int | tuple[float, float] | None:
    """Returns the right answer: of a choice the option's place, of a winner the task from 1 (0: level), of a point
    where the first start's path ends; None of a setting. Raises ValueError where not exactly one option is right.
    """
    if question.kind is Kind.CHOICE:
        right = [i for i, option in enumerate(question.options) if option.right.holds(runs)]
        if len(right) != 1:
            raise ValueError(f"A choice takes one right answer; of {question.text!r} {len(right)} are right.")
        return right[0]
    if question.kind is Kind.WINNER:
        return winner(runs[question.of])
    return ending(runs[question.of], pair) if question.kind is Kind.POINT else None


def winner(run: Trajectory) -> int:
    """Returns the task from 1 whose excess loss ends clearly below the others', 0 where none does."""
    first, second = np.argsort(run.excess[0, -1])[:2]
    return int(first) + 1 if run.excess[0, -1, first] < LOWER * run.excess[0, -1, second] else 0


def ending(run: Trajectory, pair: tuple[int, int]) -> tuple[float, float]:
    """Returns where the first start's path ends, in a pair of dimensions."""
    x, y = run.z[0, -1, 0, list(pair)]
    return float(x), float(y)


def offered(question: Question, runs: Runs) -> tuple[str, ...]:
    """Returns the sentences to choose from, in the order of `rightly`; none of a point or a setting."""
    if question.kind is Kind.WINNER:
        names = runs[question.of].config.task_names
        return ("None: they end level.", *(f"{name[:1].upper()}{name[1:]} ends lower." for name in names))
    return tuple(filled(option.text, runs) for option in question.options)


def with_setting(step: Step, answer: str) -> View:
    """Returns the step's view with the value answered, where it asks for one. Raises ValueError for no such value."""
    if step.question is None or step.question.kind is not Kind.SETTING:
        return step.view
    return step.view.having(step.question.field, step.view.fields[step.question.field].parse(answer))


def judge(question: Question, answer: str, runs: Runs, view: View) -> Judged:
    """Returns what an answer is told: a number from 0 of a choice, x,y of a point, a value of a setting; `runs` are
    those of the view that `with_setting` gives. Raises ValueError for a text that is no answer.
    """
    if question.kind is Kind.SETTING:
        assert question.so_that is not None
        right = question.so_that.holds(runs)
        return Judged(
            right, "That does it." if right else "Not with this value. Watch what it does, and try another."
        )
    right_one = rightly(question, runs, view.pair)
    if isinstance(right_one, tuple):
        return _near(answer, right_one, runs[question.of])
    texts = offered(question, runs)
    if not (answer.isdigit() and int(answer) < len(texts)):
        raise ValueError(f"The answer takes a number from 0 to {len(texts) - 1}, got {answer!r}.")
    assert isinstance(right_one, int)
    if int(answer) == right_one:
        return Judged(True, "Right.")
    return Judged(False, f"Not this time; that is what guesses are for. It is: {texts[right_one]}")


def _near(answer: str, end: tuple[float, float], run: Trajectory) -> Judged:
    x, y = point_of(answer)
    away = float(np.hypot(x - end[0], y - end[1]))
    share = away / max(high - low for low, high in run.config.problem_spec.bounds)
    where = f"The path ends at ({end[0]:.2f}, {end[1]:.2f}), {away:.2f} from your guess.".replace(
        "-", "\u2212"
    )
    if share <= CLOSE:
        return Judged(True, f"Spot on. {where}")
    if share <= FAIR:
        return Judged(True, f"Close. {where}")
    return Judged(False, f"Further off than you thought; now look why. {where}")


def point_of(answer: str) -> tuple[float, float]:
    """Returns the point that a text "x,y" stands for. Raises ValueError for any other text."""
    x, y = map(float, answer.split(","))
    return x, y


def filled(text: str, runs: Runs) -> str:
    """Returns a text with the numbers of these runs in the places of its formulas, `{= expression : format}`."""
    return FORMULA.sub(lambda found: _written(found[1], runs), text)


def _written(formula: str, runs: Runs) -> str:
    expression, _, form = formula.partition(" : ")
    value = float(Condition(expression.strip()).value(runs))
    return format(value, form.strip() or (",.0f" if value.is_integer() else ".3g"))
