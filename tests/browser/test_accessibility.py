"""axe-core finds nothing on any page, by day and by night, at a desk and on a phone; test_lab asks it with runs."""

import pytest
from playwright.sync_api import Page, expect

from app.pages import addresses
from tests.browser.accessibility import findings
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
CHOSEN = "methods=rotograd,cagrad,rotograd_v1&d=4&m=2&lr=fast&starts=1,2&steps=20&seeds=1"


def open_the_sidebar(page: Page) -> None:
    """Opens the panel of controls, which a phone hides at first, and every group in it."""
    button = page.get_by_test_id("stExpandSidebarButton")
    if button.count():
        button.click()
    groups = page.locator("[data-testid=stSidebar] details summary")
    expect(groups).not_to_have_count(0)
    for group in groups.all():
        group.click()
    expect(page.locator("[data-testid=stSidebar] details:not([open])")).to_have_count(0)


def close_the_sidebar(page: Page) -> None:
    """Closes the panel of controls where it covers the page."""
    page.locator("[data-testid=stSidebarCollapseButton] button").click()


def test_the_playground(any_visitor: Visitor) -> None:
    page = any_visitor.open(CHOSEN)
    page.locator(".stage[data-digest]").wait_for()
    assert findings(page) == []
    open_the_sidebar(page)
    assert findings(page) == []
    page.get_by_role("button", name="Compose a method").click()
    page.get_by_role("button", name="Add it").wait_for()
    assert findings(page) == []
    page.keyboard.press("Escape")
    close_the_sidebar(page)
    for tab in ("Curves", "Surface", "Sweep", "Share"):
        page.get_by_role("tab", name=tab).click()
        any_visitor.settled()
        if tab == "Sweep":
            page.get_by_role("button", name="Run the sweep").click()
        if tab != "Share":
            expect(page.locator("[data-testid=stPlotlyChart] .main-svg").first).to_be_visible()
        assert findings(page) == [], tab


@pytest.mark.parametrize("where", addresses()[1:])
def test_the_other_pages(any_visitor: Visitor, where: str) -> None:
    page = any_visitor.open(path=where)
    for group in page.locator(".stMain [data-testid=stExpander] summary").all()[:3]:
        group.click()
    assert findings(page) == []
    if where == "lab":
        open_the_sidebar(page)
        assert findings(page) == []


def test_every_page_has_one_title_and_no_level_is_left_out(visitor: Visitor) -> None:
    for where in addresses():
        page = visitor.open(path=where)
        if where in ("", "methods", "about"):
            page.locator(".stMain .katex").first.wait_for()
        page.locator("h1").wait_for(state="attached")
        levels = page.locator(".stMain").evaluate(
            "main => [...main.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((h) => Number(h.tagName[1]))"
        )
        assert levels.count(1) == 1
        assert levels[:2] == [1, 2], where
        assert all(below - above <= 1 for above, below in zip(levels, levels[1:], strict=False)), where
