"""The controls in the page under a hand: by mouse, keyboard and touch, while the server answers, at three widths."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import PHONE, WIDE, Visitor, visitors
from tests.browser.test_accessibility import open_the_sidebar
from tests.browser.test_playground import query, slider, wait_for_query

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LECTURE = {"width": 1920, "height": 1080}
TARGET = 44  # pixels that a finger needs
RATE, BALANCE = "Rotation learning rate", "Task balance s"
WATCH = """slider => {
    window.said = [];
    const note = () => window.said.push(slider.ariaValueText);
    new MutationObserver(note).observe(slider, { attributes: true });
}"""
LISTEN = """slot => {
    window.news = [];
    window.addEventListener(`gradient-balancing:${slot}`, (event) => window.news.push(event.detail));
}"""


def sidebar(page: Page) -> Locator:
    return page.locator("[data-testid=stSidebar]")


def box(page: Page, label: str) -> Locator:
    """Returns the box beside a slider, in which its number can be typed."""
    return sidebar(page).get_by_role("textbox", name=f"{label}, typed")


def grab(page: Page, label: str) -> tuple[float, float, float]:
    """Presses the mouse on a slider's thumb; returns where that is, and how wide the slider."""
    handle = slider(page, label)
    handle.scroll_into_view_if_needed()
    at = handle.bounding_box()
    assert at is not None
    share = handle.evaluate("one => Number(one.value) / Number(one.max)")
    thumb = handle.evaluate(
        "one => parseFloat(getComputedStyle(one).fontSize)"
    )  # about as wide as type is high
    x, y = at["x"] + thumb / 2 + share * (at["width"] - thumb), at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y, at["width"]


def pull(page: Page, label: str, by: float) -> None:
    """Drags a slider by a part of its width and holds it there."""
    x, y, width = grab(page, label)
    page.mouse.move(x + by * width, y, steps=6)


def shown(page: Page, label: str) -> float:
    """Returns the number that a control shows, which its slider says too."""
    text = box(page, label).input_value()
    expect(slider(page, label)).to_have_attribute("aria-valuetext", text)
    return float(text)


def chosen(page: Page) -> dict[str, list[str]]:
    """Returns what the address holds besides the version of the draws."""
    return {key: values for key, values in query(page).items() if key != "v"}


def news(page: Page) -> list[dict[str, Any]]:
    """Returns what the page was told of the hand since LISTEN."""
    return page.evaluate("window.news")


def test_a_drag_is_heard_in_the_page_and_its_end_in_the_address(visitor: Visitor) -> None:
    page = visitor.open()
    expect(slider(page, RATE)).to_be_visible()  # drawn, they tell the stage once that nothing is changed
    page.evaluate(LISTEN, "stage")
    pull(page, RATE, -0.3)
    heard = news(page)
    assert len(heard) > 3
    assert all(one["held"] and set(one["values"]) == {"lr_rot"} for one in heard)
    rates = [one["values"]["lr_rot"] for one in heard]
    assert rates == sorted(rates, reverse=True)
    assert shown(page, RATE) == rates[-1] < 0.05
    assert chosen(page) == {}
    page.mouse.up()
    wait_for_query(page, "lr_rot", f"{rates[-1]:.12g}")
    page.wait_for_function("() => JSON.stringify(window.news.at(-1).values) === '{}'")
    let_go = news(page)[len(heard)]
    assert (let_go["held"], let_go["values"]) == (False, {"lr_rot": rates[-1]})


def test_another_stage_s_controls_are_not_heard(visitor: Visitor) -> None:
    page = visitor.open()
    page.evaluate(LISTEN, "another")
    pull(page, RATE, -0.2)
    page.mouse.up()
    page.wait_for_function("() => new URLSearchParams(location.search).has('lr_rot')")
    assert news(page) == []


def test_a_number_is_typed_with_every_digit_and_a_slip_is_explained(visitor: Visitor) -> None:
    page = visitor.open()
    box(page, RATE).fill("0.0123456789")
    box(page, RATE).press("Enter")
    wait_for_query(page, "lr_rot", "0.0123456789")
    assert shown(page, RATE) == 0.0123456789
    for typed, got in (("99", "99"), ("fast", "'fast'"), ("", "''")):
        box(page, RATE).fill(typed)
        box(page, RATE).press("Tab")
        expect(page.get_by_role("alert")).to_contain_text(f"lr_rot takes a number from 0 to 10, got {got}.")
        expect(box(page, RATE)).to_have_value("0.0123456789")
    box(page, RATE).fill("5")
    box(page, RATE).press("Escape")
    expect(box(page, RATE)).to_have_value("0.0123456789")
    visitor.settled()
    assert chosen(page) == {"lr_rot": ["0.0123456789"]}


def test_the_die_draws_another_seed(visitor: Visitor) -> None:
    page = visitor.open("seed=123456")
    seed = sidebar(page).get_by_role("textbox", name="Seed", exact=True)
    expect(seed).to_have_value("123456")
    page.evaluate("Math.random = () => 0.25")
    sidebar(page).get_by_role("button", name="Draw another Seed").click()
    wait_for_query(page, "seed", "250")
    expect(seed).to_have_value("250")
    seed.press("ArrowUp")
    wait_for_query(page, "seed", "251")


def test_keys_move_by_one_stop_and_a_held_key_is_told_once(visitor: Visitor) -> None:
    page = visitor.open()
    slider(page, BALANCE).press("ArrowRight")
    wait_for_query(page, "s", "0.51")
    slider(page, BALANCE).press("End")
    wait_for_query(page, "s", "0.98")
    box(page, BALANCE).press("ArrowDown")
    wait_for_query(page, "s", "0.97")
    visitor.settled()
    page.evaluate(LISTEN, "stage")
    slider(page, BALANCE).focus()
    for _ in range(5):
        page.keyboard.down("ArrowLeft")
    page.keyboard.up("ArrowLeft")
    wait_for_query(page, "s", "0.92")
    assert [one["values"]["s"] for one in news(page)[:5]] == [0.96, 0.95, 0.94, 0.93, 0.92]
    told = {one["id"] for one in news(page)}
    assert len(told) == 2  # the one before, and one for all five


def test_every_control_is_reached_by_the_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.open()
    slider(page, RATE).focus()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(
            "() => { const deep = (one) => one?.shadowRoot ? deep(one.shadowRoot.activeElement) : one;"
            " return deep(document.activeElement)?.closest('[data-field]')?.dataset.field; }"
        ))  # fmt: skip
    assert {"m", "lr", "steps", "optimizer", "noise", "seed", "d", "s", "preferences.1"} <= reached


class SlowServer:
    """What the server says to a page, held back on demand: its answers come as late as a test wants."""

    def __init__(self, page: Page) -> None:
        self.holds = False
        self.said: list[str | bytes] = []
        page.route_web_socket(re.compile("/_stcore/stream"), self._route)

    def _route(self, page: WebSocketRoute) -> None:
        self.page = page
        server = page.connect_to_server()
        server.on_message(lambda message: self.said.append(message) if self.holds else page.send(message))

    def answer(self) -> None:
        """Lets through what was held back."""
        self.holds = False
        for message in self.said:
            self.page.send(message)
        self.said.clear()


def test_a_second_drag_is_not_undone_by_the_answer_to_the_first(visitor: Visitor) -> None:
    server = SlowServer(visitor.page)
    page = visitor.open()
    server.holds = True
    pull(page, RATE, -0.2)
    page.mouse.up()
    first = shown(page, RATE)
    pull(page, RATE, -0.2)
    second = shown(page, RATE)
    assert second < first
    slider(page, RATE).evaluate(WATCH)
    server.answer()
    wait_for_query(page, "lr_rot", f"{first:.12g}")
    page.wait_for_function("() => window.said.length > 0")
    visitor.settled()
    assert {float(text) for text in page.evaluate("window.said")} == {
        second
    }  # not even for a moment the first
    server.holds = True
    page.mouse.up()
    pull(page, BALANCE, 0.2)
    balance = shown(page, BALANCE)
    page.mouse.up()
    server.answer()
    wait_for_query(page, "s", f"{balance:.12g}")
    wait_for_query(page, "lr_rot", f"{second:.12g}")
    assert {float(text) for text in page.evaluate("window.said")} == {second}
    assert (shown(page, RATE), shown(page, BALANCE)) == (second, balance)


def test_quick_changes_all_arrive(visitor: Visitor) -> None:
    page = visitor.open()
    for label in (RATE, "Learning rate", "Steps", "Gradient noise", BALANCE):
        slider(page, label).press("ArrowRight")
    wanted = {"lr_rot": ["0.11"], "lr": ["0.0032"], "steps": ["450"], "noise": ["0.001"], "s": ["0.51"]}
    for key, (value,) in wanted.items():
        wait_for_query(page, key, value)
    assert chosen(page) == wanted


def test_the_back_button_and_a_preset_win_over_what_was_changed(visitor: Visitor) -> None:
    page = visitor.open()
    slider(page, RATE).press("ArrowLeft")
    wait_for_query(page, "lr_rot", "0.09")
    visitor.settled()
    page.go_back()
    expect(box(page, RATE)).to_have_value("0.1")
    page.go_forward()
    expect(box(page, RATE)).to_have_value("0.09")
    page.get_by_role("combobox", name="Show", exact=True).click()
    page.get_by_role("option", name="Too quick to follow (lr_rot 0.3)").click()
    expect(box(page, RATE)).to_have_value("0.3")


def test_sizes_follow_the_dimension_while_it_is_dragged(visitor: Visitor) -> None:
    page = visitor.open("d=8&m=5")
    page.evaluate(LISTEN, "stage")
    pull(page, "Feature dimension d", -0.9)
    assert (shown(page, "Feature dimension d"), shown(page, "Subspace size m")) == (2, 2)
    assert news(page)[-1]["values"] == {"d": 2, "m": -1}
    page.mouse.up()
    wait_for_query(page, "d", None)
    wait_for_query(page, "m", None)


def test_shares_of_one_task_are_taken_from_the_others(visitor: Visitor) -> None:
    page = visitor.open("methods=uniform,cagrad&tasks=3")
    shares = page.get_by_role("group", name="Preferences").get_by_role("textbox")
    shares.first.fill("0.5")
    shares.first.press("Enter")
    wait_for_query(page, "preferences", "0.5,0.25,0.25")
    assert [one.input_value() for one in shares.all()] == ["0.5", "0.25", "0.25"]
    balances = page.get_by_role("group", name="Task balance").get_by_role("textbox")
    balances.last.fill("2")
    balances.last.press("Enter")
    wait_for_query(page, "balance", "0.5,0.5,2")
    shares.first.fill("1.5")
    shares.first.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(
        "preferences takes a number from 0 to 1 for a task, got 1.5."
    )
    expect(shares.first).to_have_value("0.5")


def test_choices_are_taken(visitor: Visitor) -> None:
    page = visitor.open("methods=rotograd,cagrad")
    open_the_sidebar(page)
    sidebar(page).get_by_role("radiogroup", name="Optimiser", exact=True).get_by_text("adam").click()
    wait_for_query(page, "optimizer", "adam")
    visitor.settled()
    expect(sidebar(page).locator("details[open]")).to_have_count(3)  # they stay open
    sidebar(page).get_by_role("radio", name="1+c", exact=True).press("ArrowRight")
    wait_for_query(page, "cagrad.rescale", "1+c^2")


@pytest.fixture
def toucher(browser: Browser, server: str) -> Iterator[Visitor]:
    """Returns a visitor with a finger on a phone."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce")
    context.set_default_timeout(300_000)
    visitor = Visitor(context.new_page(), server)
    yield visitor
    context.close()
    assert visitor.errors == []


def test_a_finger_drags_and_finds_what_it_needs(toucher: Visitor) -> None:
    page = toucher.open("methods=rotograd,cagrad")
    open_the_sidebar(page)
    targets = ".live :is(input[type=range], .box, .text, select, .die, summary, .option)"
    heights = sidebar(page).locator(targets).evaluate_all(
        "all => all.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().height)"
    )  # fmt: skip
    assert len(heights) > 20
    assert min(heights) >= TARGET - 0.5
    handle = slider(page, RATE)
    handle.scroll_into_view_if_needed()
    at = handle.bounding_box()
    assert at is not None
    page.evaluate(LISTEN, "stage")
    finger = page.context.new_cdp_session(page)
    share = handle.evaluate("one => Number(one.value) / Number(one.max)")
    x, y = at["x"] + 8 + share * (at["width"] - 16), at["y"] + at["height"] / 2
    for kind, places in (("Start", [x]), ("Move", [x - 20]), ("Move", [x - 60]), ("End", [])):
        points = [{"x": place, "y": y} for place in places]
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    page.wait_for_function("() => new URLSearchParams(location.search).has('lr_rot')")
    assert any(one["held"] for one in news(page))
    assert shown(page, RATE) < 0.1


@pytest.mark.parametrize("size", [WIDE, LECTURE, PHONE], ids=["wide", "lecture", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_sidebar(
    browser: Browser, server: str, size: dict[str, int], scheme: str
) -> None:
    for visitor in visitors(browser, server, size, scheme):
        page = visitor.open("methods=rotograd,cagrad,fairgrad&tasks=5&d=4&lr_rot=0.0123456789012345")
        open_the_sidebar(page)
        expect(sidebar(page).locator(".live details[open]")).to_have_count(4)
        assert sidebar(page).locator(".live").evaluate(
            "root => [...root.querySelectorAll('*')].filter((one) => one.checkVisibility({visibilityProperty: true})"
            " && one.getBoundingClientRect().right > root.getBoundingClientRect().right + 0.5)"
            ".map((one) => one.outerHTML.slice(0, 120))"
        ) == []  # fmt: skip


def test_help_is_said_and_shown(visitor: Visitor) -> None:
    page = visitor.open()
    text = "Step size of the rotations' own optimiser"
    tip = sidebar(page).locator("[data-field=lr_rot] [role=tooltip]")
    expect(tip).to_be_hidden()
    assert text in slider(page, RATE).evaluate(
        "one => one.getRootNode().getElementById(one.getAttribute('aria-describedby')).textContent"
    )
    sidebar(page).get_by_role("button", name=f"About {RATE}").hover()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text(text)
