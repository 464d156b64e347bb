"""The race shows all methods at the step of the stage, and follows what the stage shows."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import findings
from tests.browser.conftest import Visitor
from tests.browser.test_hand_on_controls import pull
from tests.browser.test_playground import slider

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
RATE = "Rotation learning rate"
OPENED = "methods=uniform,rotograd,pcgrad&look=race&step=100&v=2"
COLOURS = """canvas => {
    const bytes = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(bytes.buffer)).size;
}"""


def opened(visitor: Visitor) -> Page:
    """Returns the page once the race has drawn what the stage shows, brought into the window."""
    page = visitor.open(OPENED)
    expect(slider(page, RATE)).to_be_visible()
    page.locator(".race canvas").scroll_into_view_if_needed()
    expect(page.locator(".race")).to_have_attribute(
        "data-digest", page.locator(".stage").get_attribute("data-digest")
    )
    return page


def test_all_methods_are_named_and_drawn(visitor: Visitor) -> None:
    page = opened(visitor)
    expect(page.locator(".race li")).to_have_text(["Uniform (vanilla)", "RotoGrad", "PCGrad"])
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    assert page.locator(".race canvas").evaluate(COLOURS) > 100
    assert findings(page) == []


def test_the_race_is_at_the_stages_step(visitor: Visitor) -> None:
    page = opened(visitor)
    expect(page.locator(".race")).to_have_attribute("data-step", "100")
    page.locator(".stage").press("ArrowRight")
    expect(page.locator(".race")).to_have_attribute("data-step", "101")


def test_the_race_follows_the_hand(visitor: Visitor) -> None:
    page = opened(visitor)
    before = page.locator(".race").get_attribute("data-digest") or ""
    pull(page, RATE, -0.2)
    expect(page.locator(".race")).not_to_have_attribute("data-digest", before)
    held = page.locator(".stage").get_attribute("data-digest") or ""
    expect(page.locator(".race")).to_have_attribute("data-digest", held)
    page.mouse.up()
    page.wait_for_function("() => new URLSearchParams(location.search).has('lr_rot')")
    visitor.settled()
    expect(page.locator(".race")).to_have_attribute("data-digest", held)
