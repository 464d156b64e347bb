"""A lesson's file is read, or refused with a sentence that names the file, the line and what stands there instead."""

from pathlib import Path

import pytest

from app.lessons.conditions import condition
from app.lessons.lesson import Kind
from app.lessons.reading import LessonError, read

GOOD = """title: A lesson
minutes: 5
goal: Know more.

---

## A step

stage: ?methods=uniform&v=2

It ends at {= x(uniform) : .1f}.

### Predict: choice

Which?

- This one. {if solved(uniform)}
- That one. {if not solved(uniform)}

seeds: 100 of 100

### Why

Because.

holds: not solved(uniform)

---

## Another

stage: ?

Nothing is asked here.
"""


def written(folder: Path, text: str, name: str = "01-a-lesson.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_lesson_is_read(tmp_path):
    lesson = read(written(tmp_path, GOOD))
    assert (lesson.number, lesson.title, lesson.minutes, lesson.goal) == ("01", "A lesson", 5, "Know more.")
    first, second = lesson.steps
    assert (first.title, first.view.methods) == ("A step", ("uniform",))
    assert first.text == "It ends at {= x(uniform) : .1f}."
    assert first.question is not None
    assert (first.question.kind, first.question.text, first.question.seeds) == (Kind.CHOICE, "Which?", 100)
    assert [option.text for option in first.question.options] == ["This one.", "That one."]
    assert (first.why, [one.text for one in first.holds]) == ("Because.", ["not solved(uniform)"])
    assert (second.title, second.question) == ("Another", None)


WRONG = [
    ("minutes: 5", "minutes: five", 2, "a whole number from 1"),
    ("goal: Know more.", "", 1, "a line `goal: a sentence`"),
    ("title: A lesson", "title: A lesson\ntitle: Another", 2, "it once"),
    ("goal: Know more.", "goal: Know more.\nHello.", 1, "title, minutes and goal"),
    ("## A step", "A step", 7, "a line `## Title`"),
    ("stage: ?methods=uniform&v=2", "", 7, "a line `stage: ?query of the Playground`"),
    ("stage: ?methods=uniform&v=2", "stage: ?methods=unifrom&v=2", 9, "the address of a view"),
    ("stage: ?methods=uniform&v=2", "stage: ?methods=uniform", 9, "here ?methods=uniform&v=2"),
    ("x(uniform) : .1f", "x(mgda)", 11, "measures of the step's methods"),
    ("x(uniform) : .1f", "z(uniform)", 11, "measures of the step's methods"),
    ("Predict: choice", "Predict: riddle", 13, "one of choice, winner, point, setting"),
    ("Predict: choice", "Predict: point", 13, "a line `of: value`"),
    ("{if solved(uniform)}", "", 17, "`- text {if condition}`"),
    ("{if solved(uniform)}", "{if excess(uniform)}", 17, "measures of the step's methods"),
    ("- That one. {if not solved(uniform)}", "", 13, "two or more of a choice"),
    ("seeds: 100 of 100", "", 13, "a line `seeds: N of 100`"),
    ("seeds: 100 of 100", "seeds: most", 20, "N of 100"),
    ("seeds: 100 of 100", "seeds: 100 of 100\nfield: lr", 21, "seeds"),
    ("### Why", "### Because", 22, "one `### Predict: kind`"),
    ("### Why\n\nBecause.\n\nholds: not solved(uniform)\n", "", 7, "a part `### Why`"),
    ("holds: not solved(uniform)", "holds: import os", 26, "measures of the step's methods"),
]


@pytest.mark.parametrize(("right", "wrong", "line", "takes"), WRONG, ids=[str(i) for i in range(len(WRONG))])
def test_what_cannot_be_read_is_refused_where_it_stands(tmp_path, right, wrong, line, takes):
    assert right in GOOD
    with pytest.raises(LessonError) as refused:
        read(written(tmp_path, GOOD.replace(right, wrong, 1)))
    said = str(refused.value)
    assert said.startswith(f"01-a-lesson.md, line {line}: ")
    assert takes in said.split("It takes ")[1]
    assert said.endswith(".")


def test_a_file_of_another_name_or_without_a_step_is_no_lesson(tmp_path):
    with pytest.raises(LessonError, match=r"takes NN-name\.md"):
        read(written(tmp_path, GOOD, "lesson.md"))
    with pytest.raises(LessonError, match="there is no step"):
        read(written(tmp_path, GOOD.split("---", maxsplit=1)[0]))


SETTING = """### Predict: setting

Choose.

field: {field}
so that: solved(rotograd)
example: {example}
seeds: 1 of 100

### Why

So.
"""


@pytest.mark.parametrize(
    ("field", "example", "takes"), [("speed", "1", "the name of one"), ("s", "7", "a value of s")]
)
def test_a_setting_is_a_number_of_its_view(tmp_path, field, example, takes):
    with pytest.raises(LessonError, match=takes):
        read(written(tmp_path, f"{GOOD}\n{SETTING.format(field=field, example=example)}"))


@pytest.mark.parametrize(
    "text",
    ["solved(uniform).real", "__import__('os')", "[1]", "solved('uniform')", "solved(uniform) is 1", "x(*uniform)",
     "excess(uniform, x(uniform))", "excess(uniform, 1, 2)", "lambda: 1", "2 ** 9"],
)  # fmt: skip
def test_an_expression_is_measures_and_nothing_else(text):
    with pytest.raises(ValueError, match=r"nothing that can be measured|no measure|takes a method"):
        condition(text, ("uniform",))
