"""The playground in a stock Firefox: what a person does first works there, too, and its console stays silent."""

import os
from collections.abc import Iterator

import pytest

from tests.browser.bidi import Session, Tab, firefox
from tests.browser.conftest import PATIENCE, WIDE
from tools.find_browser import NO_FIREFOX, find_firefox

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAINTED = "() => deep('.stage[data-digest]').length"
START = "(run, start) => deep('.stage')[0].stage.startAt(run, start)"
QUERY = "(key) => new URLSearchParams(location.search).get(key)"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Returns a running Firefox. Without one the tests are skipped, but in CI they fail."""
    program = find_firefox()
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_FIREFOX)
    with firefox(program, tmp_path_factory.mktemp("firefox"), PATIENCE / 1000) as running:
        yield running


@pytest.fixture
def tab(session: Session) -> Iterator[Tab]:
    """Returns a tab at a desk; any error the page reported fails the test."""
    opened = Tab(session, **WIDE)
    yield opened
    assert opened.errors() == []
    session.call("browsingContext.close", context=opened.id)


def open_stage(tab: Tab, server: str, query: str = "") -> None:
    """Opens the playground and waits until the stage has painted and the script has run."""
    tab.open(f"{server}/?{query}")
    tab.wait_for(PAINTED)
    settle(tab)


def settle(tab: Tab) -> None:
    tab.wait_for("() => deep('[data-testid=stApp][data-test-script-state=notRunning]').length")


def stage(tab: Tab, name: str) -> str:
    """Returns one of the stage's data attributes."""
    return tab.evaluate("(name) => deep('.stage')[0].dataset[name] ?? ''", name)


def wait_for_stage(tab: Tab, true: str, *arguments: object) -> None:
    """Waits until a JavaScript function of the stage's data attributes and these arguments returns true."""
    tab.wait_for(f"(...given) => ({true})(deep('.stage')[0].dataset, ...given)", *arguments)


def pressed(tab: Tab, name: str) -> None:
    """Clicks the stage's button of this name."""
    x, y = tab.wait_for(
        """(name) => {
            const button = deep(".stage button").find((one) => (one.ariaLabel ?? one.textContent).trim() === name);
            const box = button?.getBoundingClientRect();
            return box && [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        name,
    )
    tab.drag((x, y))


def test_the_first_screen_plays_and_pauses(tab: Tab, server: str) -> None:
    open_stage(tab, server)
    wait_for_stage(tab, "(stage) => stage.playing === 'true' && stage.step > 5")
    pressed(tab, "Pause")
    wait_for_stage(tab, "(stage) => stage.playing === 'false'")
    frame = stage(tab, "frame")
    pressed(tab, "Step forward")
    wait_for_stage(tab, "(stage, frame) => Number(stage.frame) === frame", int(frame) + 1)


def test_what_goes_wrong_in_a_page_is_heard(session: Session, server: str) -> None:
    tab = Tab(session, **WIDE)
    tab.open(f"{server}/_stcore/health")
    assert tab.errors() == []
    tab.evaluate(
        """async () => {
            console.error("said");
            await fetch("/media/none.png");
            setTimeout(() => { throw new Error("thrown"); });
        }"""
    )
    tab.evaluate("() => new Promise((done) => setTimeout(done))")
    errors = " ".join(tab.errors())
    missed = [part for part in ("said", "thrown", "none.png 404") if part not in errors]
    assert missed == [], errors
    session.call("browsingContext.close", context=tab.id)


def test_the_stage_is_painted(tab: Tab, server: str) -> None:
    open_stage(tab, server, "step=100")
    colours = tab.evaluate(
        """() => {
            const canvas = deep(".stage canvas")[0];
            const bytes = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return new Set(new Uint32Array(bytes.buffer)).size;
        }"""
    )
    assert colours > 1000  # some five thousand, of lines and letters; one where nothing is drawn


def test_a_dragged_start_runs_again_and_is_in_the_address(tab: Tab, server: str) -> None:
    open_stage(tab, server, "step=100")
    before = stage(tab, "digest")
    at = tab.evaluate(START, 0, 0)
    tab.drag((at["x"], at["y"]), (at["x"] - 10, at["y"] - 15), (at["x"] - 20, at["y"] - 30))
    wait_for_stage(tab, "(stage, before) => stage.digest !== before", before)
    starts = tab.wait_for(QUERY, "starts")
    settle(tab)
    after = stage(tab, "digest")
    open_stage(tab, server, f"step=100&starts={starts}")
    assert stage(tab, "digest") == after


def slider(tab: Tab, label: str) -> tuple[float, float, float]:
    """Brings a slider of the sidebar into view; returns where its track begins and ends, and how far down it is."""
    box = tab.wait_for(
        """(label) => {
            const range = deep("input[type=range]")
                .find((one) => [one.ariaLabel, ...[...one.labels].map((each) => each.textContent)].includes(label));
            range?.scrollIntoView({ block: "center", behavior: "instant" });
            const { left, right, top, height } = range?.getBoundingClientRect() ?? {};
            return range && [left, right, top + height / 2];
        }""",
        label,
    )
    return tuple(box)


def test_the_picture_moves_under_the_hand(tab: Tab, server: str) -> None:
    open_stage(tab, server, "step=100")
    tab.wait_for("() => deep('.stage .engine')[0].textContent === 'computed in this page'")
    first, last, y = slider(tab, "Rotation learning rate")
    seen = [stage(tab, "digest")]
    tab.press_mouse((first + 0.3 * (last - first), y))
    for part in (0.4, 0.5, 0.6):
        tab.move_mouse((first + part * (last - first), y))
        wait_for_stage(tab, "(stage, seen) => !seen.includes(stage.digest)", seen)
        seen.append(stage(tab, "digest"))
    assert tab.evaluate(QUERY, "lr_rot") is None  # the hand has not let go, and Python has heard of nothing
    tab.release_mouse()
    rate = tab.wait_for(QUERY, "lr_rot")
    settle(tab)
    assert stage(tab, "digest") == seen[-1]
    open_stage(tab, server, f"step=100&lr_rot={rate}")
    assert stage(tab, "digest") == seen[-1]


def test_a_key_on_a_slider_changes_the_picture_and_the_address(tab: Tab, server: str) -> None:
    open_stage(tab, server)
    before = stage(tab, "digest")
    first, last, y = slider(tab, "Rotation learning rate")
    tab.drag(((first + last) / 2, y))
    rate = tab.wait_for(QUERY, "lr_rot")
    settle(tab)
    tab.press("\ue012")  # arrow left
    wait_for_stage(tab, "(stage, before) => stage.digest !== before", before)
    assert tab.wait_for(f"(before) => ({QUERY})('lr_rot') !== before && ({QUERY})('lr_rot')", rate)
