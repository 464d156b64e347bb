"""Every lesson says what is so: its right answers, its claims and its seeds are measured by the engine."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.lessons import FOLDER, lessons
from app.lessons.answers import filled, judge, offered, rightly, with_setting
from app.lessons.lesson import Kind, Step
from app.lessons.progress import NAMES, Answer, as_csv, as_json, merged, read
from app.lessons.quiz_page import quiz
from app.luck import SEEDS
from app.view import View
from toy_problems import Trajectory, run

APP = Path(__file__).parents[2] / "app"
TIMEOUT = 600  # seconds after which the page counts as stuck, on however busy a machine
FEW = 90  # words before the first question
STEPS = [
    pytest.param(lesson.number, n, step, id=f"{lesson.number}-{n}")
    for lesson in (*lessons().values(), quiz())
    for n, step in enumerate(lesson.steps, 1)
]
ASKING = [one for one in STEPS if one.values[2].question]


def runs_of(view: View) -> dict[str, Trajectory]:
    return {key: run(view.config(key)) for key in view.methods}


def told_answer(step: Step, view: View) -> str:
    """Returns the right answer as the page takes it."""
    assert step.question is not None
    if step.question.kind is Kind.SETTING:
        return step.question.example
    right = rightly(step.question, runs_of(view), view.pair)
    return ",".join(map(str, right)) if isinstance(right, tuple) else str(right)


def test_there_are_lessons_and_each_says_in_how_many_minutes_what_is_learned():
    assert list(lessons()) == [f"{n:02d}" for n in range(1, len(lessons()) + 1)]
    for lesson in lessons().values():
        assert 3 <= len(lesson.steps) <= 8
        assert lesson.minutes <= 10
        assert lesson.goal.startswith(("Say ", "Know "))


@pytest.mark.parametrize("lesson", lessons().values(), ids=lambda lesson: lesson.number)
def test_the_first_question_is_a_few_words_away(lesson):
    first = lesson.steps[0]
    assert first.question is not None
    assert len(f"{first.text} {first.question.text}".split()) <= FEW


@pytest.mark.parametrize(("number", "n", "step"), STEPS)
def test_what_a_step_says_of_its_runs_is_so(number, n, step):
    runs = runs_of(step.view)
    for said in step.holds:
        assert said.holds(runs), said.text
    for text in (step.text, step.why):
        assert "{=" not in filled(text, runs)
        assert not re.search(r"\bnan\b", filled(text, runs))


@pytest.mark.parametrize(("number", "n", "step"), ASKING)
def test_one_answer_is_right_and_any_other_is_not(number, n, step):
    question, view = step.question, step.view
    right = told_answer(step, view)
    chosen = with_setting(step, right)
    assert judge(question, right, runs_of(chosen), chosen).right
    runs = runs_of(view)
    if question.kind is Kind.SETTING:
        assert not question.so_that.holds(runs), "it holds before anything is chosen"
    elif question.kind is Kind.POINT:
        x, y = map(float, right.split(","))
        assert not judge(question, f"{x + 2},{y + 2}", runs, view).right
    else:
        texts = offered(question, runs)
        assert not any("{" in text for text in texts)
        told = [judge(question, str(i), runs, view) for i in range(len(texts))]
        assert sum(one.right for one in told) == 1
        assert all(texts[int(right)] in one.said for one in told if not one.right)


@pytest.mark.parametrize(
    ("number", "n", "step"), [one for one in ASKING if one.values[2].question.seeds is not None]
)
def test_what_rests_on_a_seed_says_for_how_many_it_holds(number, n, step):
    right = told_answer(step, step.view)
    same = 0
    for seed in range(SEEDS):
        view = with_setting(step, right).having("seed", seed)
        asked = (step.question.of,) if step.question.of else view.methods
        told = judge(step.question, right, {key: run(view.config(key)) for key in asked}, view)
        same += told.right and "Close" not in told.said
    assert same == step.question.seeds


# --- the page ---


def page_at(lesson: str, step: str = "1") -> AppTest:
    page = AppTest.from_file(str(APP / "navigation.py"), default_timeout=TIMEOUT)
    page.switch_page("app_pages/lessons.py")
    page.query_params["lesson"], page.query_params["step"] = lesson, step
    return page.run()


def shown(page: AppTest) -> str:
    return " ".join(block.value for block in (*page.markdown, *page.caption, *page.warning))


def test_no_address_leads_past_an_open_question():
    for step in ("2", "5", "99", "x"):
        page = page_at("01", step)
        assert not page.exception
        assert "## One feature, two wishes" in shown(page)
        assert "Senushkin" not in shown(page)
        assert next(one for one in page.button if one.label == "Next").disabled


@pytest.mark.parametrize("lesson", lessons().values(), ids=lambda lesson: lesson.number)
def test_every_step_of_a_lesson_is_told_once_it_is_answered(lesson):
    """The page comes to its end with every answer given, and says why; the last step has no way on."""
    page = page_at(lesson.number)
    for n, step in enumerate(lesson.steps, 1):
        given = told_answer(step, step.view) if step.question else ""
        page.session_state["lessons/answers"] = [
            *page.session_state["lessons/answers"],
            Answer(lesson.number, n, step.title, given, True, "Right.", f"at {n}"),
        ]
        page.query_params["step"] = str(n)
        page.run()
        assert not page.exception
        assert f"## {step.title}" in shown(page)
        runs = runs_of(with_setting(step, given))
        assert filled(step.why, runs) in shown(page)
        assert [one.disabled for one in page.button if one.label == "Next"] == [False] * (
            n < len(lesson.steps)
        )


SETTING = next(one.values for one in ASKING if one.values[2].question.kind is Kind.SETTING)


def test_a_setting_that_does_not_do_it_is_not_explained_away():
    number, n, step = SETTING
    page = page_at(number)
    earlier = enumerate(lessons()[number].steps[: n - 1], 1)
    page.session_state["lessons/answers"] = [
        Answer(number, k, "", told_answer(one, one.view), True, "", f"at {k}") for k, one in earlier
    ]
    page.query_params["step"] = str(n)
    page.run()
    next(one for one in page.button if one.label == "Answer and run").click().run()
    assert not page.exception
    assert "Not with this value" in " ".join(block.value for block in page.info)
    assert step.why not in shown(page)
    next(one for one in page.button if one.label == "Show me one").click().run()
    assert not page.exception
    assert step.why in shown(page)
    unchanged = step.view.fields[step.question.field].format(step.view[step.question.field])
    last = page.session_state["lessons/answers"][-2:]
    assert [one.answer for one in last] == [unchanged, step.question.example]


def test_formulas_stand_on_lines_of_their_own():
    """Or the page takes what follows the two dollars for something else than a formula."""
    for path in FOLDER.glob("*.md"):
        assert all(line == "$$" for line in path.read_text("utf-8").split("\n") if "$$" in line), path.name


def test_the_quiz_is_answered_twice_and_told_after_the_second_time():
    page = page_at("quiz")
    why = [step.why for step in quiz().steps]
    assert len(page.radio) == len(why) == 10
    page.button[0].click().run()
    assert "Every question takes an answer" in shown(page)
    for first in (True, False):
        if not first:
            page.toggle[0].set_value(True).run()
        for radio, step in zip(page.radio, quiz().steps, strict=True):
            radio.set_value(0 if first else int(told_answer(step, step.view)))
        page.button[0].click().run()
        assert not page.exception
        assert [text in shown(page) for text in why] == [not first] * 10
    assert "**After:** 10 of 10 right." in shown(page)
    said = [one.said for one in page.session_state["lessons/answers"]]
    assert said == [""] * 10 + ["Right."] * 10


def test_right_answers_stand_in_every_place():
    places = [told_answer(step, step.view) for step in quiz().steps]
    assert max(places.count(place) for place in places) <= 5


def test_an_unknown_lesson_is_named_and_the_list_is_shown():
    page = page_at("77")
    assert "lesson takes one of 01" in shown(page)
    for lesson in lessons().values():
        assert lesson.goal in shown(page)


ANSWER = Answer("01", 1, "One feature, two wishes", "0,0", True, "Spot on.", "2026-01-01T00:00:00+00:00")


def test_a_browser_can_send_anything_and_only_answers_are_taken():
    good = json.loads(as_json([ANSWER]))[0]
    assert read([good]) == [ANSWER]
    bad = [
        None,
        3,
        {},
        {**good, "step": "1"},
        {**good, "more": 1},
        {**good, "said": "x" * 500},
        {**good, "right": 1},
    ]
    assert read(bad) == read("text") == read(None) == read({"a": 1}) == []


def test_answers_of_before_and_of_now_are_each_kept_once():
    later = replace(ANSWER, at="2026-01-02T00:00:00+00:00")
    assert merged([ANSWER], [ANSWER, later]) == [ANSWER, later]


def test_answers_are_taken_along_as_csv_and_json():
    told = replace(ANSWER, said='So, "well"')
    [row] = csv.DictReader(io.StringIO(as_csv([told])))
    assert tuple(row) == NAMES
    assert row["said"] == told.said
    assert json.loads(as_json([told]))[0]["said"] == told.said


def test_formulas_of_the_papers_come_with_their_place():
    """Whoever is named in a lesson is named with the equation, the figure, the section or the algorithm."""
    for lesson in lessons().values():
        for step in lesson.steps:
            for found in re.findall(r"\w+ et al\. 20\d\d[^.]*", f"{step.text} {step.why}".replace("\n", " ")):
                assert re.search(
                    r"equation|figure|section|algorithm|proposition|theorem|page", found, re.I
                ), found
