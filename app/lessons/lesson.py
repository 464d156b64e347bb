"""What a lesson is: steps that each set the stage, tell something, and may ask one question before the run is shown."""

from dataclasses import dataclass
from enum import Enum

from app.lessons.conditions import Condition
from app.view import View


class Kind(Enum):
    """What a question asks for."""

    CHOICE = "choice"  # one of several sentences
    WINNER = "winner"  # the task that ends lower
    POINT = "point"  # the point of the drawn pair where a path ends
    SETTING = "setting"  # a number with which something holds


@dataclass(frozen=True)
class Option:
    """One answer of a choice, and the condition on the step's runs that makes it the right one."""

    text: str
    right: Condition


@dataclass(frozen=True)
class Question:
    """One question. `of`: the method asked about, of a point or a winner; `field`, `so_that` and `example` (a value
    with which it holds) belong to a setting. `seeds`: for how many of the first hundred seeds the answer is the same;
    None where nothing is drawn.
    """

    kind: Kind
    text: str
    options: tuple[Option, ...] = ()
    of: str = ""
    field: str = ""
    so_that: Condition | None = None
    example: str = ""
    seeds: int | None = None


@dataclass(frozen=True)
class Step:
    """One step: its title, the view on the stage, its text, the question if it asks one, and what is told afterwards.

    Texts are Markdown in which {= expression} stands for a number of the step's runs. `holds`: what the texts say of
    those runs.
    """

    title: str
    view: View
    text: str
    question: Question | None
    why: str
    holds: tuple[Condition, ...]


@dataclass(frozen=True)
class Lesson:
    """A lesson, named by the two digits that its file begins with."""

    number: str
    title: str
    minutes: int
    goal: str
    steps: tuple[Step, ...]
