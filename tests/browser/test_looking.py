"""How one looks at the runs in a real Chromium: the link, the keys, the room they take, and that nothing jumps."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.presets import PRESETS
from app.url_state import encode
from tests.browser.conftest import PHONE, WIDE, Visitor, visitors
from tests.browser.test_playground import pause, stage, wait_for_query, wait_for_stage

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LARGE = {"width": 1920, "height": 1080}
FOUR = encode(PRESETS["Rules find a compromise, not an optimum"].view)
SIX = {"problem": "landscape", "methods": "uniform,mgda,cagrad,imtl_g,nash_mtl,aligned_mtl"}
SHIFTS = """() => {
    window.shifted = 0;
    const add = (list) => list.getEntries().forEach((one) => (window.shifted += one.hadRecentInput ? 0 : one.value));
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
}"""


def query_of(fields: dict[str, str]) -> str:
    return "&".join(f"{key}={value}" for key, value in fields.items())


@pytest.fixture
def lecturer(browser: Browser, server: str):
    """Returns a visitor at a large screen."""
    yield from visitors(browser, server, LARGE, "light")


def follow(page: Page, start: int) -> None:
    """Clicks a start of the first method."""
    at = stage(page).evaluate(
        """(root, start) => {
            root.stage.canvas.scrollIntoView({ block: "center" });
            return root.stage.startAt(0, start - 1);
        }""",
        start,
    )
    page.mouse.click(at["x"], at["y"])


def go_to(page: Page, frame: int) -> str:
    """Stops the stage at a frame, with the scrub bar; returns the step it shows there."""
    page.get_by_label("Step of the runs").fill(str(frame))
    expect(stage(page)).to_have_attribute("data-frame", str(frame))
    return stage(page).get_attribute("data-step") or ""


def choice_of_start(page: Page) -> Locator:
    return page.locator("[data-testid=stMain] [data-testid=stButtonGroup]").filter(has_text="Start looked at")


def test_exactly_this_opens(visitor: Visitor) -> None:
    page = visitor.open("starts=paper&start=3&step=120&speed=0.5")
    root = stage(page)
    expect(root).to_have_attribute("data-step", "120")
    expect(root).to_have_attribute("data-playing", "false")
    expect(root).to_have_attribute("data-start", "3")
    expect(page.get_by_label("Speed")).to_have_value("0.5")


def test_where_it_stands_how_fast_and_which_start_are_in_the_address(visitor: Visitor) -> None:
    page = visitor.open("starts=paper")
    root = stage(page)
    pause(page)
    wait_for_query(page, "step", root.get_attribute("data-step"))
    wait_for_query(page, "step", go_to(page, 200))
    page.get_by_label("Speed").select_option("4")
    wait_for_query(page, "speed", "4")
    follow(page, 2)
    wait_for_query(page, "start", "2")
    page.get_by_role("button", name="Play").click()
    wait_for_query(page, "step", None)
    expect(root).to_have_attribute("data-playing", "true")


def test_a_quick_second_action_is_not_undone(visitor: Visitor) -> None:
    page = visitor.open("starts=paper&step=10")
    root = stage(page)
    follow(page, 2)
    follow(page, 4)
    page.get_by_label("Speed").select_option("2")
    step = go_to(page, 150)
    wait_for_query(page, "step", step)
    wait_for_query(page, "start", "4")
    wait_for_query(page, "speed", "2")
    visitor.settled()
    assert (root.get_attribute("data-start"), root.get_attribute("data-step")) == ("4", step)
    assert root.get_attribute("data-playing") == "false"


def test_stage_and_curves_follow_one_start(visitor: Visitor) -> None:
    page = visitor.open("starts=paper&look=curves&step=50")
    root = stage(page)
    expect(choice_of_start(page).get_by_text("1", exact=True)).to_be_visible()
    follow(page, 3)
    wait_for_query(page, "start", "3")
    visitor.settled()
    expect(choice_of_start(page).get_by_role("radio", checked=True)).to_have_text("3")
    choice_of_start(page).get_by_text("5", exact=True).click()
    expect(root).to_have_attribute("data-start", "5")
    expect(root).to_have_attribute("data-step", "50")
    wait_for_query(page, "start", "5")


def test_playing_runs_no_script(visitor: Visitor) -> None:
    page = visitor.open("speed=4")
    page.evaluate(
        """() => {
            window.runs = 0;
            const app = document.querySelector("[data-testid=stApp]");
            const count = () => (window.runs += app.dataset.testScriptState === "running" ? 1 : 0);
            new MutationObserver(count).observe(app, { attributes: true });
        }"""
    )
    wait_for_stage(page, "stage => stage.dataset.step > 390")
    wait_for_stage(page, "stage => stage.dataset.step < 100")
    wait_for_stage(page, "stage => stage.dataset.step > 200")
    assert page.evaluate("window.runs") == 0


def test_the_pair_is_chosen_on_the_stage(visitor: Visitor) -> None:
    page = visitor.open(query_of(encode(PRESETS["Rotate half the space (d = 4, m = 2)"].view)))
    root = stage(page)
    expect(root).to_contain_text("Pair 1 of 2 shown; charts are of all 4 dimensions.")
    before = root.get_attribute("data-digest") or ""
    page.get_by_role("button", name="pair 2").click()
    expect(root).not_to_have_attribute("data-digest", before)
    expect(root).to_contain_text("Pair 2 of 2 shown")
    expect(page.get_by_role("button", name="pair 2")).to_have_attribute("aria-pressed", "true")
    wait_for_query(page, "pair", "2")
    expect(page.get_by_role("heading", name="Rotate half the space")).to_be_visible()


def test_space_plays_from_anywhere_but_where_it_is_wanted(visitor: Visitor) -> None:
    page = visitor.open("step=100&look=idea")
    root = stage(page)
    expect(root).to_have_attribute("data-playing", "false")
    page.get_by_role("heading", name="RotoGrad finds both optima").click()
    page.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-step", "101")
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-playing", "true")
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-playing", "false")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    # the pause is in the address: no script is on its way that would draw the sidebar anew under the focus
    page.wait_for_function(
        "stage => new URLSearchParams(location.search).get('step') === stage.dataset.step",
        arg=root.element_handle(),
    )
    visitor.settled()
    held = root.get_attribute("data-step") or ""
    sidebar = page.locator("[data-testid=stSidebar]")
    for wanted in (
        sidebar.locator("input[type=range]").first,
        sidebar.get_by_role("textbox", name="Seed"),
        page.get_by_role("tab", name="Idea"),
        sidebar.get_by_role("combobox").first,  # last: a list that closes gives the focus back a moment later
    ):
        wanted.press("Space")
        expect(root).to_have_attribute("data-playing", "false")
        expect(root).to_have_attribute("data-step", held)
        page.keyboard.press("Escape")  # a space is no number


@pytest.mark.parametrize("fields", [FOUR, SIX], ids=["four", "six on the landscape"])
def test_many_methods_stand_above_the_fold_of_a_large_screen(
    lecturer: Visitor, fields: dict[str, str]
) -> None:
    page = lecturer.open(query_of(fields))
    box = stage(page).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= LARGE["height"]
    room, stands = page.locator("[data-testid=stMain]").bounding_box(), box
    assert room is not None
    assert stands["width"] >= 0.95 * room["width"]


@pytest.mark.parametrize("size", [WIDE, LARGE, PHONE], ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("fields", [{}, FOUR], ids=["first", "four"])
def test_nothing_jumps_while_the_page_opens(
    browser: Browser, server: str, size: dict[str, int], fields: dict[str, str]
) -> None:
    for visitor in visitors(browser, server, size, "light"):
        visitor.page.add_init_script(f"({SHIFTS})()")
        page = visitor.open(query_of(fields))
        stage(page)
        expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
        assert page.evaluate("window.shifted") <= 0.05


def test_the_heading_keeps_its_room(visitor: Visitor) -> None:
    page = visitor.open()
    tops = set()
    for name in list(PRESETS)[:4]:
        page.goto(f"{visitor.address}/?{query_of(encode(PRESETS[name].view))}")
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        tops.add(round((stage(page).bounding_box() or {})["y"]))
    assert len(tops) == 1
