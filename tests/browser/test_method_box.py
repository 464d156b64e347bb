"""The boxes where methods are chosen: Enter takes the method whose name was typed."""

import pytest
from playwright.sync_api import expect

from mtlcore.registry import METHODS
from tests.browser.conftest import Visitor
from tests.browser.test_sliders import view_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TYPED = {
    "mgda": "mgda", "IMTL": "imtl", "imtl-g": "imtl_g", "gradnorm-z": "gradnorm_z", "aligned-mtl": "aligned_mtl",
    "RotoGrad": "rotograd", "uniform": "uniform", "rotograd v1": "rotograd_v1",
}  # fmt: skip


def test_enter_takes_the_exact_match_first(visitor: Visitor) -> None:
    page = visitor.open("methods=dwa")
    box = page.get_by_role("combobox", name="Methods side by side")
    for words, key in TYPED.items():
        box.press_sequentially(words)
        box.press("Enter")
        page.wait_for_url(lambda address: len(view_of(address).methods) > 1)
        assert view_of(page.url).methods == ("dwa", key), words
        box.press("Backspace")
        page.wait_for_url(lambda address: len(view_of(address).methods) == 1)


def test_enter_takes_the_exact_match_first_in_the_lab(visitor: Visitor) -> None:
    page = visitor.open(path="lab")
    box = page.get_by_role("combobox", name="Methods", exact=True)
    tags = page.locator("[data-testid=stSidebar] [data-tag]")
    expect(tags.first).to_be_visible()
    count = tags.count()
    for words, key in {"mgda": "mgda", "IMTL": "imtl"}.items():
        box.press_sequentially(words)
        box.press("Enter")
        expect(tags).to_have_count(count + 1)
        assert tags.last.inner_text() == METHODS[key].title
        box.press("Backspace")
        expect(tags).to_have_count(count)


def test_a_composed_method_is_previewed_added_and_the_panel_closes(visitor: Visitor) -> None:
    page = visitor.open("methods=dwa")
    page.get_by_role("button", name="Compose a method").click()
    panel = page.get_by_test_id("stPopoverBody")
    expect(panel.locator(".katex-display")).to_have_count(2)
    expect(panel.locator(".katex-display").first).to_contain_text("SO(m)")
    panel.get_by_role("button", name="Add it").click()
    page.wait_for_url(lambda address: view_of(address).methods == ("dwa", "rotation+cagrad@features"))
    expect(panel).to_have_count(0)
