"""Three to five tasks on the Playground: chosen as a person would, drawn alike, legible down to a phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.palette import LIGHT
from tests.browser.accessibility import findings
from tests.browser.conftest import PHONE, WIDE, Visitor, visitors
from tests.browser.test_accessibility import close_the_sidebar, open_the_sidebar
from tests.browser.test_playground import painted_anew, stage, wait_for_query
from toy_problems import PROBLEMS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
FIVE = "methods=uniform,rotograd&tasks=5&step=120"
CROWDS = {
    "three": ("problem=three&methods=mgda,rotograd&step=200", "three", 3),
    "four": ("problem=nonconvex&methods=uniform,rotograd&tasks=4&step=100", "nonconvex", 4),
    "five": (FIVE, "avocado", 5),
}
LEAST = 140  # pixels of a panel's side
PLOT = 34  # of a chart's height between its title and its steps: three marks, one above the other
WRITTEN = """() => {
    window.written = new Set();
    const write = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
        window.written.add(text);
        write.call(this, text, ...at);
    };
}"""


def rows_of(page: Page) -> list[dict[str, Any]]:
    return stage(page).evaluate("(root) => root.stage.layout.rows")


def panels_of(page: Page) -> list[str]:
    return [panel["kind"] for panel in rows_of(page)[0]["panels"]]


def test_the_number_of_tasks_is_chosen_and_every_task_is_drawn(visitor: Visitor) -> None:
    page = visitor.open("methods=uniform,rotograd")
    assert panels_of(page) == ["z", "r0", "r1"]
    before = stage(page).get_attribute("data-digest") or ""
    tasks = page.locator("[data-testid=stSidebar] [data-testid=stButtonGroup]").filter(has_text="Tasks")
    tasks.get_by_text("5", exact=True).click()
    painted_anew(page, before)
    wait_for_query(page, "tasks", "5")
    assert panels_of(page) == ["z", "r0", "r1", "r2", "r3", "r4"]
    said = stage(page).locator(".said").nth(1)
    expect(said).to_have_text(re.compile(r"^Reaches all 5 optima at step \d+\.$"))
    expect(stage(page).locator(".legend")).to_contain_text("downhill: Top avocado")
    for vector in ("Preferences", "Task balance"):
        sliders = page.get_by_role("group", name=vector).get_by_role("slider")
        expect(sliders).to_have_count(5)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("crowd", CROWDS)
def test_all_tasks_are_drawn_alike_and_legible(
    browser: Browser, server: str, crowd: str, size: dict[str, int]
) -> None:
    query, problem, tasks = CROWDS[crowd]
    for visitor in visitors(browser, server, size, "light"):
        visitor.page.add_init_script(f"({WRITTEN})()")
        page = visitor.open(query)
        for row in rows_of(page):
            sides = [min(panel["w"], panel["h"]) for panel in row["panels"] if panel["kind"].startswith("r")]
            assert len(sides) == tasks
            assert max(sides) - min(sides) <= 1 <= LEAST <= min(sides)
            for chart in row["charts"]:
                plot = chart["h"] - 21 - 17 - (17 if chart["w"] < 205 else 0)
                assert plot >= PLOT, chart
        written = set(page.evaluate("[...window.written]"))
        named = [name in written for name in PROBLEMS[problem].task_names(tasks)]
        assert all(named) or not any(named)
        assert {"mean cosine", "excess losses"} <= written
        assert "cosine" not in written
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_task_has_its_colour_in_the_legend(visitor: Visitor) -> None:
    page = visitor.open(FIVE)
    marks = (
        stage(page)
        .locator(".legend path")
        .evaluate_all("(all) => all.map((one) => one.getAttribute('fill'))")
    )
    assert set(LIGHT.tasks) <= set(marks)


def test_axe_finds_nothing_with_five_tasks(any_visitor: Visitor) -> None:
    page = any_visitor.open(f"{FIVE}&look=curves")
    stage(page)
    expect(page.locator("[data-testid=stPlotlyChart] .main-svg").first).to_be_visible()
    assert findings(page) == []
    open_the_sidebar(page)
    assert findings(page) == []
    close_the_sidebar(page)
