"""The surface: the wheel scrolls the page, as everywhere else, and leaves the camera alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
EYE = (
    "() => JSON.stringify(document.querySelector('.js-plotly-plot')._fullLayout.scene._scene.getCamera().eye)"
)
TOP = "() => document.querySelector('[data-testid=stMain]').scrollTop"


def test_the_wheel_scrolls_the_page(visitor: Visitor) -> None:
    page = visitor.open("look=surface")
    scene = page.locator("[data-testid=stPlotlyChart] .gl-container canvas").first
    expect(scene).to_be_visible()
    scene.scroll_into_view_if_needed()
    box = scene.bounding_box()
    assert box is not None
    eye, top = page.evaluate(EYE), page.evaluate(TOP)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"before => ({TOP})() < before", arg=top)
    assert page.evaluate(EYE) == eye
