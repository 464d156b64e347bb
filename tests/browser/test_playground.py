"""The playground in a real Chromium, driven as a person would. Any error the page reports fails the test."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from app.presets import PRESETS
from app.url_state import encode
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def stage(page: Page) -> Locator:
    """Returns the stage, once it has painted something."""
    board = page.locator(".stage[data-digest]")
    board.wait_for()
    return board


def digest(page: Page) -> str:
    return stage(page).get_attribute("data-digest") or ""


def wait_for_stage(page: Page, true: str) -> None:
    """Waits until a JavaScript function of the stage's element returns true."""
    page.wait_for_function(true, arg=stage(page).element_handle())


def painted_anew(page: Page, before: str) -> str:
    """Waits until the stage has painted something else than `before`; returns what."""
    expect(stage(page)).not_to_have_attribute("data-digest", before)
    return digest(page)


def frame(page: Page) -> int:
    return int(stage(page).get_attribute("data-frame") or -1)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def wait_for_query(page: Page, key: str, value: str | None) -> None:
    """Waits until the address bar holds this value for this key; None: does not hold the key."""
    page.wait_for_function(
        "([key, value]) => new URLSearchParams(location.search).get(key) === value",
        arg=[key, value],
    )


def slider(page: Page, label: str) -> Locator:
    """Returns the range input of a slider in the sidebar, by its label."""
    return page.locator("[data-testid=stSidebar]").get_by_role("slider", name=label, exact=True)


def pause(page: Page) -> None:
    if stage(page).get_attribute("data-playing") == "true":
        page.get_by_role("button", name="Pause").click()
    expect(stage(page)).to_have_attribute("data-playing", "false")


def test_the_first_screen_plays(visitor: Visitor) -> None:
    page = visitor.open()
    expect(page.get_by_role("heading", name="RotoGrad finds both optima")).to_be_visible()
    expect(stage(page)).to_have_attribute("data-playing", "true")
    wait_for_stage(page, "stage => stage.dataset.step > 5")
    stage(page).focus()
    page.keyboard.press("End")
    said = page.locator(".head .said")
    expect(said.first).to_contain_text("Stuck between: excess losses")
    expect(said.last).to_contain_text("Reaches both optima at step")


def test_both_methods_stand_above_the_fold(visitor: Visitor) -> None:
    page = visitor.open()
    box = stage(page).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 800


def test_the_rotation_learning_rate_changes_the_picture_and_the_address(visitor: Visitor) -> None:
    page = visitor.open()
    before = digest(page)
    slider(page, "Rotation learning rate").press("ArrowLeft")
    after = painted_anew(page, before)
    wait_for_query(page, "lr_rot", "0.09")
    expect(stage(page)).to_have_attribute("data-playing", "true")
    slider(page, "Rotation learning rate").press("ArrowRight")
    assert painted_anew(page, after) == before
    wait_for_query(page, "lr_rot", None)


def test_play_pause_and_step(visitor: Visitor) -> None:
    page = visitor.open()
    pause(page)
    at = frame(page)
    page.get_by_role("button", name="Step forward").click()
    expect(stage(page)).to_have_attribute("data-frame", str(at + 1))
    page.get_by_role("button", name="Step back").click()
    page.get_by_role("button", name="Step back").click()
    expect(stage(page)).to_have_attribute("data-frame", str(at - 1))
    page.get_by_role("button", name="Play").click()
    expect(stage(page)).to_have_attribute("data-playing", "true")
    wait_for_stage(page, f"stage => stage.dataset.frame > {at + 3}")


def z_panel_start(page: Page) -> tuple[float, float]:
    """Returns where on the screen the first start of the first row stands."""
    at = stage(page).evaluate("root => root.stage.startAt(0, 0)")
    return at["x"], at["y"]


def test_a_dragged_start_runs_again_and_is_in_the_address(visitor: Visitor) -> None:
    page = visitor.open()
    pause(page)
    before = digest(page)
    x, y = z_panel_start(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 20, y - 30, steps=4)
    page.mouse.up()
    after = painted_anew(page, before)
    page.wait_for_function("() => new URLSearchParams(location.search).has('starts')")
    visitor.settled()
    page.reload()
    visitor.settled()
    assert painted_anew(page, "") == after


def test_an_address_opens_the_same_picture(visitor: Visitor) -> None:
    chosen = "methods=rotograd,cagrad&cagrad.c=0.7&lr_rot=0.03&m=2&d=4&pair=2&seed=5&look=share&starts=1,0.5,-1,2&v=2"
    page = visitor.open(chosen)
    first = digest(page)
    assert query(page) == parse_qs(chosen)
    expect(page.get_by_text('params={"c": 0.7}')).to_be_visible()
    page.reload()
    visitor.settled()
    assert digest(page) == first
    assert query(page) == parse_qs(chosen)


def test_back_returns_to_what_was_chosen_before(visitor: Visitor) -> None:
    page = visitor.open()
    before = digest(page)
    slider(page, "Rotation learning rate").press("ArrowLeft")
    painted_anew(page, before)
    wait_for_query(page, "lr_rot", "0.09")
    visitor.settled()
    page.go_back()
    expect(stage(page)).to_have_attribute("data-digest", before)


def test_another_page_and_back_keeps_what_was_chosen(visitor: Visitor) -> None:
    page = visitor.open("lr_rot=0.02")
    before = digest(page)
    page.get_by_role("link", name="Methods").click()
    expect(page.get_by_role("heading", name="Methods", exact=True)).to_be_visible()
    page.get_by_role("link", name="Playground").click()
    assert digest(page) == before
    wait_for_query(page, "lr_rot", "0.02")


def test_garbage_in_the_address_is_named(visitor: Visitor) -> None:
    page = visitor.open("lr=fast&m=1")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("lr takes a number from 1e-06 to 10, got 'fast'")
    expect(notice).to_contain_text("Using the default, 0.003")
    assert stage(page).is_visible()


@pytest.mark.parametrize("look", ["Curves", "Surface", "Sweep", "Share"])
def test_a_tab_opens_and_is_in_the_address(visitor: Visitor, look: str) -> None:
    page = visitor.open()
    page.get_by_role("tab", name=look).click()
    wait_for_query(page, "look", look.lower())
    if look == "Share":
        expect(page.get_by_text("run(ToyConfig(").first).to_be_visible()
        return
    if look == "Sweep":
        page.get_by_role("button", name="Run the sweep").click()
    expect(page.locator("[data-testid=stPlotlyChart] .main-svg").first).to_be_visible()


@pytest.mark.parametrize("where", ["", "lab", "methods", "about"])
def test_nothing_overflows(any_visitor: Visitor, where: str) -> None:
    page = any_visitor.open(path=where)
    if not where:
        stage(page)
    widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]


def test_the_stage_follows_the_theme(any_visitor: Visitor, request: pytest.FixtureRequest) -> None:
    page = any_visitor.open()
    wanted = request.node.callspec.params["any_visitor"].split("-")[1]
    expect(stage(page)).to_have_attribute("data-theme", wanted)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_opens_without_an_error(visitor: Visitor, name: str) -> None:
    chosen = "&".join(f"{key}={value}" for key, value in encode(PRESETS[name].view).items())
    page = visitor.open(chosen)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    stage(page)


def test_every_control_has_a_name(visitor: Visitor) -> None:
    page = visitor.open("d=4")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("[data-testid=stSidebar] :is(input, select, button)")]
            .filter((element) => element.offsetParent && !element.ariaLabel && !element.labels?.length
                && !element.getAttribute("aria-labelledby") && !element.textContent.trim() && !element.title)
            .map((element) => element.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
