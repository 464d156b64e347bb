"""Every slider shows the value that runs, whatever was changed before: problem, dimension, methods or preset."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from app.presets import PRESETS
from app.url_state import decode
from app.view import View
from tests.browser.conftest import Visitor
from toy_problems import PROBLEMS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SLIDERS = "[data-testid=stSidebar] .live input[type=range]"
SHOWN = """(sliders) => Object.fromEntries(
    sliders.map((slider) => [slider.closest("[data-field]").dataset.field, slider.ariaValueText]))"""


def view_of(address: str) -> View:
    """Returns the view that an address stands for."""
    return decode(parse_qs(urlsplit(address).query))[0]


def running(view: View) -> dict[str, float]:
    """Returns the value of every number of a view, a vector's one by one, by the name of its slider."""
    numbers = {key: view[key] for key, entry in view.fields.items() if entry.param.kind in ("int", "float")}
    vectors = {key: view[key] for key, entry in view.fields.items() if entry.param.kind == "vector"}
    numbers |= {f"{key}.{i}": value for key, vector in vectors.items() for i, value in enumerate(vector)}
    numbers["m"] = view["d"] if numbers.get("m") == -1 else numbers.get("m")
    return numbers


def sliders(page: Page) -> dict[str, float]:
    """Returns what every slider of the sidebar shows, once all of them are there."""
    found = page.locator(SLIDERS)
    expect(found).not_to_have_count(0)
    return {key: float(text) for key, text in found.evaluate_all(SHOWN).items()}


def agree(visitor: Visitor, wanted: Callable[[View], bool]) -> dict[str, float]:
    """Waits for the address of the wanted view; fails where a slider shows anything else than what runs."""
    page = visitor.page
    page.wait_for_url(lambda address: wanted(view_of(address)))
    visitor.settled()
    shown, view = sliders(page), view_of(page.url)
    assert len(shown) > 3
    right = running(view)
    near = {
        key: 5e-4 if key.startswith(("preferences.", "balance.")) else 0.0 for key in shown
    }  # shares show three digits
    assert shown == {key: pytest.approx(right[key], rel=1e-9, abs=near[key]) for key in shown}, (
        f"{view.problem} {view.methods}"
    )
    return shown


def choose(page: Page, label: str, option: str) -> None:
    """Chooses from a drop-down list of the sidebar."""
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def press(page: Page, field: str, key: str) -> None:
    """Presses a key on the slider of a field."""
    page.locator(f"[data-testid=stSidebar] .live [data-field='{field}'] input[type=range]").press(key)


def test_after_every_preset(visitor: Visitor) -> None:
    page = visitor.open(
        "methods=rotograd,cagrad&d=8&m=6&lr_rot=0.0123&steps=777&rot_decay=0.98765&s=0.123&preferences=0.876,0.124"
    )
    agree(visitor, lambda view: view["m"] == 6)
    seen = set()
    for title, preset in PRESETS.items():
        choose(page, "Show", title)
        seen |= set(agree(visitor, lambda view, wanted=preset.view: view.picture == wanted.picture))
    assert {"m", "d", "s", "lr_rot", "steps", "preferences.0", "balance.2"} <= seen


def test_after_every_problem_and_back(visitor: Visitor) -> None:
    page = visitor.open("methods=rotograd,cagrad&d=6&m=4&lr=0.0123&cagrad.c=0.45")
    titles = [PROBLEMS[key].title for key in PROBLEMS]
    for title in [*titles[1:], *titles[::-1]]:
        choose(page, "Problem", title)
        agree(visitor, lambda view, wanted=title: PROBLEMS[view.problem].title == wanted)


def test_after_every_dimension_and_one_key_is_one_step(visitor: Visitor) -> None:
    page = visitor.open("methods=uniform,rotograd&d=8&m=3&pair=4")
    for d, key in ((6, "ArrowLeft"), (4, "ArrowLeft"), (6, "ArrowRight"), (4, "ArrowLeft"), (2, "ArrowLeft")):
        press(page, "d", key)
        m = agree(visitor, lambda view, wanted=d: view["d"] == wanted)["m"]
        assert m == min(3, d)
        if d > 2:
            press(page, "m", "ArrowLeft")
            agree(visitor, lambda view: view["m"] == 2)
            press(page, "m", "ArrowRight")
            agree(visitor, lambda view: view["m"] == 3)


def test_after_every_change_of_methods(visitor: Visitor) -> None:
    page = visitor.open("methods=rotograd&d=4&m=2&lr_rot=0.03")
    box = page.get_by_role("combobox", name="Methods side by side")
    for key, title in (("d_grad", "d-grad"), ("nash_mtl", "Nash-MTL"), ("dwa", "DWA")):
        box.press_sequentially(title)
        box.press("Enter")
        agree(visitor, lambda view, wanted=key: view.methods[-1] == wanted)
    for kept in (3, 2, 1):
        box.press("Backspace")
        agree(visitor, lambda view, wanted=kept: len(view.methods) == wanted)
