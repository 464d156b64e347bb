"""The Lab in a real Chromium: launch, watch it finish, reload and see the same; two windows agree."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.accessibility import findings
from tests.browser.conftest import PHONE, WIDE, Visitor, serving, visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TINY = (("Channels of the first stage", 2), ("Test images", 40), ("Training images", 64), ("Epochs", 2))


@pytest.fixture(scope="module")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Starts the app with an empty data folder of its own; returns its address."""
    with serving(MTL_DATA=str(tmp_path_factory.mktemp("lab"))) as address:
        yield address


@pytest.fixture
def visitor(browser: Browser, lab_server: str) -> Iterator[Visitor]:
    """Returns a visitor at a desk."""
    yield from visitors(browser, lab_server, WIDE, "light")


@pytest.fixture
def phone(browser: Browser, lab_server: str) -> Iterator[Visitor]:
    """Returns another visitor, with a phone, at night."""
    yield from visitors(browser, lab_server, PHONE, "dark")


def rows(page: Page) -> Locator:
    """Returns what stands in the queue and in the table."""
    return page.locator("[class*='st-key-lab-run-'], .lab-table tbody tr")


def number(page: Page, label: str, value: int) -> None:
    """Types a number into the form and waits until the form has taken it."""
    box = page.get_by_role("spinbutton", name=label, exact=True)
    box.fill(str(value))
    box.press("Enter")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(box).to_have_value(str(value))


def test_the_empty_lab_says_what_to_do(visitor: Visitor) -> None:
    page = visitor.open(path="lab")
    expect(page.get_by_text("No runs yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Launch 20 runs")).to_be_enabled()


def test_a_run_is_launched_finishes_and_is_the_same_for_everyone(visitor: Visitor, phone: Visitor) -> None:
    page = visitor.open(path="lab")
    seeds = page.get_by_role("textbox", name="Seeds")
    seeds.fill("0")
    seeds.press("Enter")
    expect(page.get_by_role("button", name="Launch 12 runs")).to_be_enabled()
    page.get_by_text("Single-task networks", exact=True).click()
    expect(page.get_by_role("button", name="Launch 2 runs")).to_be_enabled()
    page.get_by_text("Training", exact=True).click()
    for label, value in TINY:
        number(page, label, value)
    page.get_by_role("button", name="Launch 2 runs").click()
    expect(page.get_by_text("2 finished")).to_be_visible()
    expect(page.locator(".lab-table tbody tr")).to_have_count(2)
    expect(page.locator("[data-testid=stPlotlyChart] .main-svg").first).to_be_visible()
    expect(rows(page)).to_have_count(4)
    before = rows(page).all_inner_texts()
    page.reload()
    expect(rows(page)).to_have_text(before, use_inner_text=True)
    other = phone.open(path="lab")
    expect(rows(other)).to_have_text(before, use_inner_text=True)
    widths = other.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]


def test_nothing_stands_in_anyones_way(visitor: Visitor, phone: Visitor) -> None:
    for one in (visitor, phone):
        page = one.open(path="lab")
        expect(page.locator(".lab-table tbody tr")).to_have_count(2)
        expect(page.locator("[data-testid=stPlotlyChart] .main-svg").first).to_be_visible()
        assert findings(page) == []
        page.get_by_role("button", name="More").first.click()
        expect(page.get_by_text("epoch 2 of 2").first).to_be_visible()
        assert findings(page) == []


def test_the_log_and_the_command_are_at_hand(visitor: Visitor) -> None:
    page = visitor.open(path="lab")
    page.get_by_role("button", name="More").first.click()
    expect(page.get_by_text("--method rotograd").first).to_be_visible()
    expect(page.get_by_text("epoch 2 of 2").first).to_be_visible()
    page.get_by_role("button", name="Delete run and checkpoints").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("2 finished")).to_be_visible()
    page.get_by_role("button", name="Delete run and checkpoints").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("1 finished")).to_be_visible()
