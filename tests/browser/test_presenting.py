"""In front of a class: the stage takes the window, everything on it is legible, keys do what a hand would."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import AXE
from tests.browser.conftest import PHONE, Visitor, visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HALL = {"width": 1920, "height": 1080}
STAGE, CHROME = ".stage[data-digest]", "[data-testid=stSidebar], [data-testid=stHeader], [data-testid=stTabs]"
METHODS = ("uniform", "uniform,rotograd", "uniform,rotograd,mgda", "uniform,rotograd,pcgrad,cagrad")
# What a class sees of the stage: the size of every text, and what reaches out of the window or of its scrolling box.
SEEN = """(stage) => {
  const shown = [...stage.querySelectorAll("*")].filter((one) => one.checkVisibility({visibilityProperty: true})
    && !one.closest("dialog, [popover], .unseen"));
  const words = shown.filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const board = stage.querySelector(".board");
  return {
    sizes: words.map((one) => [one.textContent.trim().slice(0, 30), parseFloat(getComputedStyle(one).fontSize)]),
    outside: shown.filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5
      || one.getBoundingClientRect().bottom > innerHeight + 0.5).map((one) => one.outerHTML.slice(0, 80)),
    scrolls: board.scrollHeight - board.clientHeight,
    drawn: Math.min(...stage.stage.layout.rows.flatMap((row) => row.charts.map((chart) => chart.marks)))
      * stage.stage.board.zoom,
  };
}"""
FRAME = "(stage) => stage.stage.clock.position"


@pytest.fixture(params=["light", "dark"])
def lecturer(browser: Browser, server: str, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Returns someone with a projector."""
    yield from visitors(browser, server, HALL, request.param)


@pytest.fixture
def student(browser: Browser, server: str) -> Iterator[Visitor]:
    """Returns someone with a phone."""
    yield from visitors(browser, server, PHONE, "light")


def asked(page: Page, name: str) -> list[str]:
    """Returns what the address says of a field."""
    return parse_qs(urlsplit(page.url).query).get(name, [])


def presented(page: Page) -> None:
    """Waits until the stage has the window."""
    expect(page.locator(f"{STAGE}[data-presenting]")).to_be_visible()
    for part in page.locator(CHROME).all():
        expect(part).not_to_be_visible()


def test_a_key_enters_and_another_leaves(lecturer: Visitor) -> None:
    page = lecturer.open()
    expect(page.locator(STAGE)).to_be_visible()
    before = page.locator(STAGE).bounding_box()
    page.keyboard.press("p")
    presented(page)
    expect(page.get_by_role("heading", name="RotoGrad finds both optima")).to_be_visible()
    page.wait_for_url(lambda address: "present=1" in address)
    page.reload()  # it survives that
    presented(page)
    assert AXE.run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(page.locator(f"{STAGE}:not([data-presenting])")).to_be_visible()
    expect(page.locator("[data-testid=stSidebar]")).to_be_visible()
    page.wait_for_url(lambda address: "present" not in address)
    assert page.locator(STAGE).bounding_box() == before


@pytest.mark.parametrize("methods", METHODS)
def test_everything_is_on_one_screen_and_legible(browser: Browser, server: str, methods: str) -> None:
    for lecturer in visitors(browser, server, HALL, "light"):
        page = lecturer.open(f"methods={methods}&present=1&embed=true")
        presented(page)
        seen = page.locator(STAGE).evaluate(SEEN)
        assert [one for one in seen["sizes"] if one[1] < 24.0 - 1e-6] == []
        assert len(seen["sizes"]) > 6
        assert seen["drawn"] >= 24.0 - 1e-6
        assert seen["outside"] == []
        assert seen["scrolls"] <= 0
        title = page.locator(".st-key-heading h2")
        assert float(title.evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)")) >= 24.0


def test_keys_turn_presets_freeze_darken_and_list_themselves(lecturer: Visitor) -> None:
    page = lecturer.open("present=1")
    presented(page)
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Vanilla sits between")).to_be_visible()
    assert asked(page, "present") == ["1"]
    lecturer.settled()
    stage, veil = page.locator(STAGE), page.locator(".veil")
    page.keyboard.press("f")
    expect(veil).to_be_visible()
    at = stage.evaluate(FRAME)
    page.mouse.click(300, 60)  # on the bar's first buttons, were it not frozen
    page.keyboard.press("ArrowRight")
    page.keyboard.press("b")
    expect(veil).to_have_css("background-color", "rgb(0, 0, 0)")
    page.keyboard.press(".")
    expect(veil).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    assert stage.evaluate(FRAME) == at
    page.keyboard.press("Escape")
    expect(veil).not_to_be_visible()
    expect(page.locator(f"{STAGE}[data-presenting][data-playing=true]")).to_be_visible()
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keys")
    expect(listed.get_by_role("row", name="freeze the picture")).to_be_visible()
    page.keyboard.press("Escape")
    expect(listed).not_to_be_visible()
    presented(page)
    page.keyboard.press("l")
    page.mouse.move(500, 400)
    box = page.locator(".laser").bounding_box()
    assert box
    assert abs(box["x"] + box["width"] / 2 - 500) < 1
    assert abs(box["y"] + box["height"] / 2 - 400) < 1


def test_controls_stand_below_the_stage_and_move_it(lecturer: Visitor) -> None:
    page = lecturer.open("present=1")
    presented(page)
    page.keyboard.press("c")
    strip = page.get_by_role("region", name="Controls")
    expect(strip).to_be_visible()
    expect(page.locator("html")).to_have_attribute("style", re.compile(r"--controls-height: [1-9]"))
    above, below = page.locator(STAGE).bounding_box(), strip.bounding_box()
    assert above
    assert below
    assert above["y"] + above["height"] <= below["y"] + 1
    assert abs(below["y"] + below["height"] - HALL["height"]) < 1
    slider = strip.get_by_label("Rotation learning rate", exact=True)
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda address: "lr_rot=" in address)
    assert asked(page, "present") == ["1"]
    page.keyboard.press("c")
    expect(strip).not_to_be_visible()


def test_on_a_phone_the_controls_are_a_sheet_below_the_picture(student: Visitor) -> None:
    page = student.open()
    page.locator(STAGE).get_by_role("button", name="Controls").click()
    sheet = page.get_by_role("region", name="Controls")
    expect(sheet).to_be_visible()
    canvas, below = page.locator(f"{STAGE} canvas").bounding_box(), sheet.bounding_box()
    assert canvas
    assert below
    assert 0 <= canvas["y"] <= below["y"] - 200
    digest = page.locator(STAGE).get_attribute("data-digest")
    sheet.get_by_label("Rotation learning rate", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f'{STAGE}:not([data-digest="{digest}"])')).to_be_visible()
    assert AXE.run(page).response["violations"] == []
    sheet.get_by_role("button", name="Hide the controls").click()
    expect(sheet).not_to_be_visible()
