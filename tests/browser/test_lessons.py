"""A lesson as a student does it, by keyboard alone: nothing of a run is there before its question is answered."""

import json
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.accessibility import findings
from tests.browser.conftest import WIDE, Visitor, visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SHIFT = """() => new Promise((done) => new PerformanceObserver((list) =>
    done(list.getEntries().reduce((sum, one) => sum + (one.hadRecentInput ? 0 : one.value), 0))
).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => done(0), 500))"""


def press(page: Page, target: Locator, *keys: str) -> None:
    """Presses Tab until the target has the focus, then the keys."""
    target.wait_for()
    for _ in range(60):
        if target.evaluate("one => one.getRootNode().activeElement === one"):
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail("Tab never comes to what is wanted.")
    for key in keys:
        page.keyboard.press(key)


def nothing_is_given_away(page: Page, why: str) -> None:
    """The start is there, and nothing after it: not by the keys, not in what the page has got."""
    stage = page.locator(".stage[data-frames='1']")
    stage.wait_for()
    stage.focus()
    for key in ("End", "Space", "PageDown"):
        page.keyboard.press(key)
    expect(stage).to_have_attribute("data-step", "0")
    expect(page.locator(".stage .bar")).to_be_hidden()
    expect(page.locator("[data-kind=now], [data-kind=recipe]")).to_have_count(0)
    expect(page.get_by_text(why)).to_have_count(0)
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    frames = stage.evaluate(
        "root => root.stage.scene.runs.map((run) => [run.steps.length, run.paths[0].x.length])"
    )
    assert {length for run in frames for length in run} == {1}


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_a_lesson_is_done_by_keyboard_with_a_wrong_and_a_right_answer(any_visitor: Visitor) -> None:
    page = any_visitor.open("lesson=01", "lessons")
    nothing_is_given_away(page, "where the two gradients are opposite")
    assert findings(page) == []
    stage = page.locator(".stage")
    press(page, stage, *["Shift+ArrowRight"] * 5)
    guess = stage.evaluate("root => root.stage.guess.point")
    expect(button(page, "Answer and run")).to_be_enabled()
    press(page, button(page, "Answer and run"), "Enter")
    expect(page.get_by_text("Further off than you thought")).to_be_visible()
    expect(page.get_by_text("where the two gradients are opposite")).to_be_visible()
    page.locator(".stage:not([data-frames='1'])").wait_for()
    kept = stage.evaluate("root => root.stage.guess.point")
    assert kept == pytest.approx(guess, abs=1e-3)
    assert findings(page) == []

    press(page, button(page, "Next"), "Enter")
    nothing_is_given_away(page, "one lowest point here")
    press(page, page.get_by_role("radio").first, "Space")
    press(page, button(page, "Answer and run"), "Enter")
    expect(page.get_by_text("one lowest point here")).to_be_visible()
    press(page, button(page, "Try again"), "Enter")
    nothing_is_given_away(page, "one lowest point here")


def test_a_click_is_a_guess_and_what_was_answered_outlasts_the_visit(visitor: Visitor) -> None:
    page = visitor.open("lesson=01", "lessons")
    stage = page.locator(".stage[data-frames='1']")
    stage.wait_for()
    at = stage.evaluate("root => root.stage.clientAt(0, [-0.6, 0])")
    page.mouse.click(at["x"], at["y"])
    button(page, "Answer and run").click()
    expect(page.get_by_text("Spot on.")).to_be_visible()
    visitor.settled()
    page.wait_for_function(
        "() => JSON.parse(localStorage['gradient-balancing/answers'] ?? '[]').length === 1"
    )
    page = visitor.open("", "lessons")
    expect(page.get_by_text(re.compile("1 of . questions answered"))).to_be_visible()
    with page.expect_download() as download:
        button(page, "Download JSON").click()
    [answer] = json.loads(download.value.path().read_text())
    assert (answer["lesson"], answer["step"], answer["right"]) == ("01", 1, True)


def test_the_first_visit_offers_the_first_lesson_once_and_moves_nothing(
    browser: Browser, server: str
) -> None:
    for visitor in visitors(browser, server, WIDE, "light"):
        page = visitor.open()
        page.locator(".stage[data-digest]").wait_for()
        offer = page.get_by_role("link", name=re.compile("The first lesson takes"))
        expect(offer).to_be_visible()
        assert page.evaluate(SHIFT) <= 0.05
        page.reload()
        visitor.settled()
        page.locator(".stage[data-digest]").wait_for()
        expect(offer).to_have_count(0)
        page.evaluate("localStorage.clear()")
        page.reload()
        offer.click()
        expect(page.get_by_role("heading", name="One feature, two wishes")).to_be_visible()


def test_the_quiz_and_a_lesson_stand_still_as_they_open_and_axe_finds_nothing(any_visitor: Visitor) -> None:
    page = any_visitor.open("lesson=quiz", "lessons")
    page.get_by_role("radio").last.wait_for(state="attached")
    assert page.evaluate(SHIFT) <= 0.05
    assert findings(page) == []
    page = any_visitor.open("lesson=01", "lessons")
    page.locator(".stage[data-frames='1']").wait_for()
    assert page.evaluate(SHIFT) <= 0.05
    page = any_visitor.open("lesson=08", "lessons")
    page.locator(".stage[data-frames='1']").wait_for()
    assert findings(page) == []
