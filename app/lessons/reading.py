"""From a lesson's Markdown file to a Lesson. What cannot be read is refused with the file, the line and what is taken.

A file is a head of lines `title:`, `minutes:`, `goal:`, then steps, with a line `---` before each. A step is a heading
`## Title`, a line `stage: ?query` with the address of a view on the Playground, and text. A part `### Predict: kind`
asks before the run is shown, a part `### Why` tells afterwards. Lines `holds: condition` say what must be true of the
runs.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import parse_qsl, urlencode

from app.lessons.conditions import FORMULA, TAKES, Condition, condition
from app.lessons.lesson import Kind, Lesson, Option, Question, Step
from app.luck import rests_on_seed
from app.url_state import decode, encode
from app.view import View

NAME = re.compile(r"(\d\d)-[a-z0-9-]+\.md")
ENTRY = re.compile(r"(title|minutes|goal|stage|of|field|so that|example|seeds|holds): +(.+)")
OPTION = re.compile(r"- (.+?) \{if ([^{}]+)\}$")
PREDICT, WHY = "### Predict: ", "### Why"
ENTRIES: Mapping[Kind, tuple[str, ...]] = {
    Kind.CHOICE: (), Kind.WINNER: ("of",), Kind.POINT: ("of",), Kind.SETTING: ("field", "so that", "example"),
}  # fmt: skip


class LessonError(ValueError):
    """What is wrong in a lesson's file, where, and what stands there instead."""

    def __init__(self, file: str, line: int, wrong: str, takes: str) -> None:
        super().__init__(f"{file}, line {line}: {wrong}. It takes {takes}.")


@dataclass(frozen=True)
class Line:
    """One line of a file, and where it stands: what is wrong is told there."""

    file: str
    number: int
    text: str

    def refuse(self, wrong: str, takes: str) -> NoReturn:
        """Raises LessonError."""
        raise LessonError(self.file, self.number, wrong, takes)

    def checked(self, text: str, methods: Sequence[str]) -> Condition:
        """Returns an expression about these methods. Raises LessonError."""
        try:
            return condition(text, methods)
        except ValueError as error:
            self.refuse(str(error), TAKES)


class Part:
    """Some lines of a step: entries by their names, and what is left as text."""

    def __init__(self, first: Line, lines: Sequence[Line]) -> None:
        self.first, self.lines = first, lines
        self.entries: dict[str, list[tuple[Line, str]]] = {}
        kept = []
        for line in lines:
            if found := ENTRY.fullmatch(line.text):
                self.entries.setdefault(found[1], []).append((line, found[2].strip()))
            else:
                kept.append(line.text)
        self.text = "\n".join(kept).strip()

    def only(self, known: Sequence[str]) -> None:
        """Refuses an entry that has no place here, and one that stands here twice."""
        for name, found in self.entries.items():
            if name not in known:
                found[0][0].refuse(f"{name!r} has no place here", f"{', '.join(known) or 'text alone'}")
            if len(found) > 1 and name != "holds":
                found[1][0].refuse(f"{name!r} stands here twice", "it once")

    def one(self, name: str, takes: str) -> tuple[Line, str]:
        """Returns the line and the value of an entry that must be there."""
        if name not in self.entries:
            self.first.refuse(f"{name!r} is missing below", f"a line `{name}: {takes}`")
        return self.entries[name][0]


def read(path: Path) -> Lesson:
    """Returns the lesson of a file. Raises LessonError for one that cannot be read."""
    lines = [
        Line(path.name, i, text.rstrip()) for i, text in enumerate(path.read_text("utf-8").split("\n"), 1)
    ]
    named = NAME.fullmatch(path.name)
    if not named:
        lines[0].refuse("the file's name is no lesson's", "NN-name.md, as 01-two-tasks.md")
    head, *steps = _split(lines, lambda line: line.text == "---")
    about = Part(lines[0], head)
    about.only(("title", "minutes", "goal"))
    if about.text:
        lines[0].refuse("there is text before the first step", "title, minutes and goal, then `---`")
    if not steps:
        lines[-1].refuse("there is no step", "a line `---` and a step below it")
    line, minutes = about.one("minutes", "a whole number")
    if not (minutes.isdigit() and int(minutes)):
        line.refuse(f"minutes is {minutes!r}", "a whole number from 1")
    title, goal = about.one("title", "words")[1], about.one("goal", "a sentence")[1]
    return Lesson(named[1], title, int(minutes), goal, tuple(_step(part) for part in steps))


def _split(lines: Sequence[Line], at: Callable[[Line], bool]) -> list[list[Line]]:
    """Returns the lines between those that part them; of these only a heading stays, as the first of its part."""
    parts: list[list[Line]] = [[]]
    for line in lines:
        if at(line):
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts


def _step(lines: Sequence[Line]) -> Step:
    rule, *body = lines
    told, *parts = _split(body, lambda line: line.text.startswith("### "))
    heading = next((line for line in told if line.text), rule)
    if not heading.text.startswith("## "):
        heading.refuse("a step begins without a title", "a line `## Title`")
    tell = Part(heading, [line for line in told if line is not heading])
    tell.only(("stage", "holds"))
    line, link = tell.one("stage", "?query of the Playground")
    view = _view(line, link)
    question, why = None, Part(heading, [])
    for first, *rest in parts:
        if first.text.startswith(PREDICT) and question is None and not why.text:
            question = _question(Part(first, rest), view)
        elif first.text == WHY and not why.text:
            why = Part(first, rest)
        else:
            first.refuse(
                f"the part {first.text!r} has no place here", f"one `{PREDICT}kind` and behind it one `{WHY}`"
            )
    why.only(("holds",))
    if question and not why.text:
        heading.refuse("a question has no explanation", f"a part `{WHY}` behind the question")
    holds = tell.entries.get("holds", []) + why.entries.get("holds", [])
    for one in body:
        for formula in FORMULA.findall(one.text):
            one.checked(formula.split(" : ")[0], view.methods)
    conditions = tuple(one.checked(text, view.methods) for one, text in holds)
    return Step(heading.text[3:], view, tell.text, question, why.text, conditions)


def _view(line: Line, link: str) -> View:
    view, notices = decode(dict(parse_qsl(link.removeprefix("?"))))
    if notices:
        line.refuse(notices[0].rstrip("."), "the address of a view on the Playground")
    wanted = f"?{urlencode(encode(view), safe=',;:')}"
    if link != wanted:
        line.refuse(f"the link is {link!r}", f"a view as the Playground writes it, here {wanted}")
    return view


def _question(part: Part, view: View) -> Question:
    kinds = [kind.value for kind in Kind]
    if (word := part.first.text[len(PREDICT) :]) not in kinds:
        part.first.refuse(f"there is no question of the kind {word!r}", f"one of {', '.join(kinds)}")
    kind = Kind(word)
    part.only((*ENTRIES[kind], "seeds"))
    own = {name: part.one(name, "value") for name in ENTRIES[kind]}
    options = tuple(_option(line, view) for line in part.lines if line.text.startswith("- "))
    if (len(options) >= 2) != (kind is Kind.CHOICE):
        part.first.refuse(
            f"{len(options)} answers stand below", "two or more of a choice, none of any other kind"
        )
    if "of" in own and own["of"][1] not in view.methods:
        own["of"][0].refuse(
            f"{own['of'][1]!r} is not shown", f"one of the step's methods, {', '.join(view.methods)}"
        )
    text = "\n".join(line for line in part.text.split("\n") if not line.startswith("- ")).strip()
    return Question(
        kind,
        text,
        options,
        own["of"][1] if "of" in own else "",
        seeds=_seeds(part, view),
        **_setting(own, view),
    )


def _option(line: Line, view: View) -> Option:
    found = OPTION.fullmatch(line.text)
    if not found:
        line.refuse("the answer has no condition", "`- text {if condition}`")
    return Option(found[1], line.checked(found[2], view.methods))


def _setting(own: Mapping[str, tuple[Line, str]], view: View) -> dict:
    if "field" not in own:
        return {}
    (line, key), (where, text), (there, example) = own["field"], own["so that"], own["example"]
    if key not in view.fields or view.fields[key].param.kind not in ("float", "int"):
        line.refuse(f"{key!r} is no number of this view", "the name of one, as in the address: lr_rot, s, m")
    try:
        view.fields[key].parse(example)
    except ValueError as error:
        there.refuse(str(error).rstrip("."), f"a value of {key}")
    return {"field": key, "so_that": where.checked(text, view.methods), "example": example}


def _seeds(part: Part, view: View) -> int | None:
    if not rests_on_seed(view):
        part.only([name for name in part.entries if name != "seeds"])
        return None
    line, text = part.one("seeds", "N of 100")
    found = re.fullmatch(r"(\d+) of 100", text)
    if not found:
        line.refuse(f"seeds is {text!r}", "N of 100, for how many seeds the answer is the same")
    return int(found[1])
