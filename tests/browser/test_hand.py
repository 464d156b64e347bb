"""The hand leads: the page computes what is dragged, with Python's own bits, and goes on when the server is away."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from app.presets import PRESETS
from app.stage.pack import FRAMES
from app.url_state import decode, encode
from app.view import View
from tests.browser.conftest import PATIENCE, ROOT, WIDE, Visitor, free_port, wait_until_it_listens
from tests.browser.test_hand_on_controls import RATE, pull
from tests.browser.test_playground import query
from toy_problems.compiled.layout import record_count
from toy_problems.compiled.stage.columns import cloud_frames
from toy_problems.compiled.stage.run import run_path
from toy_problems.plans import plans_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
STAGE = ".stage[data-engine=page][data-preview=false]"
HERE, AWAY = "computed in this page", "the server is away: computed in this page"


def native(view: View) -> str:
    """Returns the name that the stage gives to what it has computed, of what Python's kernels compute."""
    words = []
    for key in view.methods:
        config = view.config(key)
        plans = plans_of(config)
        for plan in plans:
            tasks, inputs = config.tasks, config.problem_spec.batch
            frames = min(record_count(config.steps, config.record_every), FRAMES[0])
            few = cloud_frames(frames, len(plans), inputs) if inputs > 1 else 0
            series = np.zeros((frames, 13 + 9 * tasks))
            cloud = np.zeros((few, 2 * inputs if few else 0))
            run_path(
                plan,
                view["pair"] - 1,
                config.problem_spec.known_optima(config.d, tasks),
                series,
                cloud,
                np.zeros(6, dtype=np.int64),
                np.zeros(config.d),
            )
            words.append(series.view(np.uint32).ravel())
    every = np.concatenate(words).tolist()
    return f"{reduce(lambda name, word: (name ^ word) * 0x01000193 & 0xFFFFFFFF, every, 0x811C9DC5):08x}"


def digest(page: Page) -> str:
    """Returns the name of what is drawn."""
    return page.locator(STAGE).get_attribute("data-digest") or ""


@contextmanager
def until_killed(port: int) -> Iterator[str]:
    """Yields the address of an app that goes away at once, as a machine switched off does: it waits for no visitor."""
    command = [sys.executable, "-m", "app", f"--port={port}", "--no-browser"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_until_it_listens(process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def wait_for_key(page: Page, key: str) -> None:
    """Waits until the address bar holds some value for this key."""
    page.wait_for_function("key => new URLSearchParams(location.search).has(key)", arg=key)


@pytest.mark.parametrize("title", PRESETS)
def test_a_preset_has_the_same_bits_in_the_page_and_in_python(visitor: Visitor, title: str) -> None:
    view = PRESETS[title].view
    page = visitor.open("&".join(f"{key}={value}" for key, value in encode(view).items()))
    expect(page.locator(STAGE)).to_have_attribute("data-digest", native(view))


def test_the_picture_follows_the_slider_and_stays_as_it_is_let_go(visitor: Visitor) -> None:
    page = visitor.open()
    before = digest(page)
    pull(page, RATE, -0.2)
    expect(page.locator(STAGE)).not_to_have_attribute("data-digest", before)
    assert "lr_rot" not in query(page)  # Python has not heard of it
    held = digest(page)
    page.mouse.up()
    wait_for_key(page, "lr_rot")
    visitor.settled()
    assert digest(page) == held
    chosen = float(query(page)["lr_rot"][0])
    assert held == native(View().having("lr_rot", chosen))


def test_the_runs_before_are_kept_by_a_button_and_nothing_moves_for_it(visitor: Visitor) -> None:
    page = visitor.open()
    button, scrub = page.locator(".stage .keep"), page.locator(".stage .scrub")
    place = scrub.bounding_box()
    expect(button).not_to_be_visible()
    drawn = "root => Boolean(root.stage.live.before)"
    assert not page.locator(STAGE).evaluate(drawn)
    before = digest(page)
    pull(page, RATE, -0.2)
    expect(page.locator(STAGE)).not_to_have_attribute("data-digest", before)
    assert page.locator(STAGE).evaluate(drawn)
    page.mouse.up()
    wait_for_key(page, "lr_rot")
    visitor.settled()
    assert not page.locator(STAGE).evaluate(drawn)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.locator(STAGE).evaluate(drawn)
    assert page.locator(STAGE).evaluate("root => root.stage.live.before.digest") == before
    assert scrub.bounding_box() == place
    button.click()
    assert not page.locator(STAGE).evaluate(drawn)


def test_a_start_takes_the_picture_along_and_is_python_s_when_it_is_let_go(visitor: Visitor) -> None:
    page = visitor.open()
    before = digest(page)
    at = page.locator(STAGE).evaluate("root => root.stage.startAt(0, 0)")
    page.mouse.move(at["x"], at["y"])
    page.mouse.down()
    page.mouse.move(at["x"] - 40, at["y"] + 25, steps=5)
    expect(page.locator(STAGE)).not_to_have_attribute("data-digest", before)
    held = digest(page)
    page.mouse.up()
    wait_for_key(page, "starts")
    visitor.settled()
    assert digest(page) == held
    view, notices = decode(query(page))
    assert (held, notices) == (native(view), ())


def test_the_hand_leads_while_the_server_is_away_and_the_server_hears_of_it_afterwards(
    browser: Browser,
) -> None:
    port = free_port()
    context = browser.new_context(viewport=WIDE)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    with until_killed(port) as address:
        page.goto(address)
        expect(page.locator(".engine")).to_have_text(HERE)
        page.locator(STAGE).wait_for()
    expect(page.locator(".engine")).to_have_text(AWAY)
    before = digest(page)
    pull(page, RATE, -0.2)
    expect(page.locator(STAGE)).not_to_have_attribute("data-digest", before)
    page.mouse.up()
    held = digest(page)
    with until_killed(port):
        expect(page.locator(".engine")).to_have_text(HERE)
        wait_for_key(page, "lr_rot")
        assert digest(page) == held
        context.close()


def test_without_the_engine_the_server_draws(visitor: Visitor) -> None:
    visitor.page.add_init_script(
        "WebAssembly.compileStreaming = () => Promise.reject(new Error('switched off'))"
    )
    page = visitor.open()
    page.locator(".stage[data-engine=server][data-digest]").wait_for()
    expect(page.locator(".engine")).to_have_text("computed on the server")
