"""The workbench in a real browser: a tip is pulled, and the table says what Python's rules answer."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import mtlcore
from app.runs import trajectory
from app.view import View
from app.workbench.bench import DEFAULT, Bench, decode
from app.workbench.taken import taken
from mtlcore.param import number_text
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
THREE = "gradients=1.4,0.1;-0.5,1;-0.5,-0.6&methods=cagrad,pcgrad,aligned_mtl,dualproj&losses=1,2,0.5"

IN_ONE_FRAME = """tip => {
    for (const kind of ["keydown", "keydown", "keyup"])
        tip.dispatchEvent(new KeyboardEvent(kind, { key: "ArrowUp", bubbles: true }));
}"""


def opened(visitor: Visitor, query: str = "") -> Page:
    """Opens the workbench and waits until it is drawn."""
    page = visitor.open(query, "workbench")
    page.locator(".bench[data-painted]").wait_for()
    return page


def bench_in(page: Page) -> Bench:
    """Returns the state that the address bar holds."""
    bench, notices = decode(parse_qs(urlsplit(page.url).query))
    assert notices == ()
    return bench


def weights_shown(page: Page, method: str) -> list[float]:
    """Returns the weights in a rule's line of the table."""
    texts = page.locator(f".answers tr[data-method={method}] .weight").all_inner_texts()
    return [float(text.replace("−", "-")) for text in texts]


def expect_python_s_answers(page: Page, bench: Bench) -> None:
    """Waits until every line of the table says what Python's rule answers."""
    for method in bench.methods:
        rule, rows = mtlcore.rule(method), np.array(bench.gradients)
        given = [
            f"{w:.3f}".replace("-0.000", "0.000").replace("-", "−")
            for w in rule.weights(rows @ rows.T, bench.losses)
        ]
        expect(page.locator(f".answers tr[data-method={method}] .weight")).to_have_text(given)


def test_a_tip_is_pulled_by_the_mouse_and_the_table_follows(visitor: Visitor) -> None:
    page = opened(visitor)
    expect_python_s_answers(page, DEFAULT)
    before = weights_shown(page, "mgda")
    tip = page.get_by_role("button", name=re.compile("^Tip of task 1"))
    box = tip.bounding_box()
    assert box
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 120, steps=4)
    expect(page.locator(".answers tr[data-method=mgda] .weight").first).not_to_have_text(f"{before[0]:.3f}")
    assert bench_in(page) == DEFAULT  # Python has not heard of it
    page.mouse.up()
    page.wait_for_url(re.compile("gradients="))
    visitor.settled()
    pulled = bench_in(page)
    assert pulled.gradients[0] != DEFAULT.gradients[0]
    assert pulled.gradients[1] == DEFAULT.gradients[1]
    expect_python_s_answers(page, pulled)


def test_a_tip_is_moved_by_keys_and_a_number_is_typed(visitor: Visitor) -> None:
    page = opened(visitor)
    page.get_by_role("button", name=re.compile("^Tip of task 2")).focus()
    page.locator(".tip").nth(1).evaluate(IN_ONE_FRAME)
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_label("Task 2: x of the gradient")).to_have_value("-0.89")
    expect(page.get_by_label("Task 2: y of the gradient")).to_have_value("1")
    page.get_by_label("Task 1: y of the gradient").fill("-0.75")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"gradients=1.2%2C-0.75%3B-0.89%2C1$"))
    visitor.settled()
    expect_python_s_answers(page, bench_in(page))


def test_a_link_opens_the_state_it_was_made_of(visitor: Visitor) -> None:
    page = opened(visitor, THREE)
    bench = bench_in(page)
    assert len(bench.gradients) == 3
    expect(page.locator(".tip")).to_have_count(3)
    deterministic = bench.having({"methods": [key for key in bench.methods if key != "pcgrad"]})
    expect_python_s_answers(page, deterministic)
    page.get_by_role("button", name="Rank one").click()
    page.wait_for_url(re.compile("gradients=1.2%2C0.6"))
    visitor.settled()
    expect(page.locator(".tip")).to_have_count(2)
    page.reload()
    page.locator(".bench[data-painted]").wait_for()
    expect(page.get_by_label("Task 2: x of the gradient")).to_have_value("-0.6")
    assert bench_in(page).losses == (1.0, 1.0)


def test_a_construction_is_stepped_through_and_its_link_opens_the_step(visitor: Visitor) -> None:
    page = opened(visitor)
    page.get_by_label("How it gets there").select_option(label="PCGrad")
    title = page.locator(".words h3")
    expect(title).to_have_text("Task 1 meets task 2")
    inner = np.dot(*np.array(DEFAULT.gradients))
    expect(page.locator(".words p")).to_contain_text(f"⟨g₁, g₂⟩ = {inner:.2f}".replace("-", "−"))
    for _ in range(2):
        page.get_by_role("button", name="Forward").click()
    expect(title).to_have_text("The update")
    expect(page.get_by_role("button", name="Forward")).to_be_disabled()
    page.wait_for_url(re.compile("how=pcgrad&step=3"))
    page.reload()
    expect(title).to_have_text("The update")
    page.get_by_role("button", name="Back").click()
    expect(title).to_have_text("Task 2 meets task 1")
    page.get_by_label("How it gets there").select_option(label="Uniform")
    expect(title).to_have_text("The answer alone")
    expect(page.locator(".words p")).to_contain_text("its weights are 0.500, 0.500")


def test_the_playground_s_step_is_taken_to_the_workbench(visitor: Visitor) -> None:
    page = visitor.open("step=30&v=2")
    page.get_by_role("link", name="What would every rule do here?").click()
    page.locator(".bench[data-painted]").wait_for()
    visitor.settled()
    view = View().having("step", 30)
    expected = taken(view, trajectory(view.config(view.methods[0])))
    assert bench_in(page) == expected
    expect(page.get_by_label("Task 1: x of the gradient")).to_have_value(
        number_text(expected.gradients[0][0])
    )


def test_a_link_that_says_nonsense_gets_a_sentence(visitor: Visitor) -> None:
    page = opened(visitor, "gradients=1,2;x&methods=cagrad,magic&colour=red")
    notice = page.get_by_test_id("stAlert")
    expect(notice).to_contain_text("gradients takes 2 to 4 points like 1,0.5;-0.5,1")
    expect(notice).to_contain_text("methods takes 1 to 10 different ones of uniform")
    expect(notice).to_contain_text("colour is not a field of this page")
    expect(page.locator(".answers tbody tr")).to_have_count(len(DEFAULT.methods))
