"""The hand on the playground's page: drags sliders and starts in a real Chromium and reads off what followed when.

Where the page computes the runs itself (`data-engine="page"` on the stage) the picture follows every input of a
drag that goes on; where the server does, it follows the release, and every change is a drag of its own.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from playwright.sync_api import Browser, Page

PATIENCE = 120_000  # milliseconds after which a picture that never follows ends the benchmark
STAGE = ".stage[data-digest]"
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
GOLDEN = (math.sqrt(5) - 1) / 2
TURN = 2 * math.pi * GOLDEN  # between two places of a dragged start: never twice the same, never close by
RADIUS = 40  # CSS pixels that a dragged start goes from where it stood
FRAME = 1000 / 60  # milliseconds
ANY_MOMENT = "async (later) => { await new Promise((done) => setTimeout(done, later)); hand.clear(); }"
NO_ENGINE = "delete self.WebAssembly"

# Listens from a document's first line on. A moment is in milliseconds, as performance.now(): when an input reached
# the browser, when a picture was on the canvas, when a frame began, when the page had followed a release.
WATCH = """
const kinds = ["pointermove", "pointerup"];
const hand = self.hand = { shift: 0, clear() {
    Object.assign(hand, { previews: [], paints: [], frames: [], settled: [], address: location.search });
    for (const kind of kinds) hand[kind] = [];
} };
hand.clear();
for (const kind of kinds)
    addEventListener(kind, (event) => hand[kind].push(event.timeStamp), { capture: true, passive: true });
const observe = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({ type, buffered: true });
observe("mark", ({ name, startTime }) => {
    if (name === "stage-preview") hand.previews.push(startTime);
    if (name === "stage-paint") hand.paints.push(startTime);
});
observe("layout-shift", (shift) => (hand.shift += shift.hadRecentInput ? 0 : shift.value));
// Followed: the address tells the change and no script runs any more.
const idle = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
const tick = (now) => {
    hand.frames.push(now);
    if (location.search !== hand.address && idle()) {
        hand.settled.push(performance.now());
        hand.address = location.search;
    }
    requestAnimationFrame(tick);
};
requestAnimationFrame(tick);
// The first picture and the whole one after the latest input of a kind; nothing until the whole one is there.
hand.answer = (kind) => {
    const begun = hand[kind].at(-1);
    const whole = hand.paints.find((at) => at > begun);
    return whole && [Math.min(whole, ...hand.previews.filter((at) => at > begun)) - begun, whole - begun];
};
hand.followed = () => {
    const at = hand.settled.find((at) => at > hand.pointerup.at(-1));
    return at && at - hand.pointerup.at(-1);
};
"""


@dataclass(frozen=True)
class Told:
    """Milliseconds of each change: until the first picture, until the whole one; and from one frame to the next."""

    first: np.ndarray
    whole: np.ndarray
    gaps: np.ndarray


@contextmanager
def opened(browser: Browser, address: str, query: str = "", server: bool = False) -> Iterator[Page]:
    """Opens the playground in a browser with nothing in its cache and waits until all is there; server: without
    WebAssembly, so that the server computes.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        page.add_init_script(WATCH + (NO_ENGINE if server else ""))
        page.goto(f"{address}/?{query}")
        page.wait_for_selector(STAGE)
        page.wait_for_selector(IDLE)
        yield page
    finally:
        context.close()


def is_live(page: Page) -> bool:
    """Says whether the page computes its runs itself."""
    return page.locator(STAGE).get_attribute("data-engine") == "page"


class Slider:
    """A slider of the sidebar, by its label."""

    def __init__(self, page: Page, label: str) -> None:
        self.input = own = page.get_by_role("slider", name=re.compile(rf"^{label}\b"))
        own.scroll_into_view_if_needed()
        # Streamlit's range input is as wide as its thumb; the slider around it is as wide as its track.
        around = page.locator("[data-testid=stSlider]").filter(has=own)
        track, thumb = (around if around.count() else own).bounding_box(), own.bounding_box()
        assert track is not None
        assert thumb is not None
        self.left, self.width, self.y = track["x"], track["width"], thumb["y"] + thumb["height"] / 2

    def held_at(self) -> tuple[float, float]:
        """Returns where it is taken hold of: the thumb comes to the hand."""
        return self.place(-1)

    def place(self, change: int) -> tuple[float, float]:
        """Returns where the hand goes for a change: in the middle half of the track, far from the one before."""
        return self.left + self.width * (0.25 + 0.5 * ((change * GOLDEN) % 1)), self.y


class Start:
    """The first start of the first row, on the stage."""

    def __init__(self, page: Page) -> None:
        self.stage = page.locator(STAGE)
        # The canvas of many methods is taller than the window: the start comes to the middle as far as it can.
        middle = "(main, y) => main.scrollBy({ top: y - innerHeight / 2, behavior: 'instant' })"
        page.get_by_test_id("stMain").evaluate(middle, self.held_at()[1])
        self.x, self.y = self.held_at()

    def held_at(self) -> tuple[float, float]:
        """Returns where it stands."""
        at = self.stage.evaluate("root => root.stage.startAt(0, 0)")
        return at["x"], at["y"]

    def place(self, change: int) -> tuple[float, float]:
        """Returns where the hand goes for a change: around where the start stood when the page was opened."""
        return self.x + RADIUS * math.cos(change * TURN), self.y + RADIUS * math.sin(change * TURN)


Held = Slider | Start


def drag(page: Page, held: Held, changes: int) -> Told:
    """Returns what the page told of so many changes, each made when the picture of the one before was whole."""
    return _held_on(page, held, changes) if is_live(page) else _one_by_one(page, held, changes)


def _held_on(page: Page, held: Held, changes: int) -> Told:
    """One drag, whose every input changes the picture. A hand knows nothing of the frames of a display: inputs are
    spread over a frame's whole length, while a browser that is waited for would be asked at the beginning of one.
    """
    page.mouse.move(*held.held_at())
    page.mouse.down()
    page.mouse.move(*held.place(-1), steps=4)  # a start that is not moved far enough is not dragged
    answers, gaps = [], []
    for change in range(changes):
        page.evaluate(ANY_MOMENT, FRAME * ((change * GOLDEN) % 1))
        page.mouse.move(*held.place(change))
        answers.append(_answer(page, "pointermove"))
        gaps.extend(page.evaluate("hand.frames.slice(1).map((at, i) => at - hand.frames[i])"))
    page.mouse.up()
    page.wait_for_selector(IDLE)
    return Told(*np.array(answers).T, np.array(gaps))


def _one_by_one(page: Page, held: Held, changes: int) -> Told:
    """A drag for each change: the picture follows its release."""
    answers, gaps = [], []
    for change in range(changes):
        page.evaluate("hand.clear()")
        once(page, held, change)
        answers.append(_answer(page, "pointerup"))
        page.wait_for_selector(IDLE)
        gaps.extend(page.evaluate("hand.frames.slice(1).map((at, i) => at - hand.frames[i])"))
    return Told(*np.array(answers).T, np.array(gaps))


def once(page: Page, held: Held, change: int) -> None:
    """Takes hold, goes to the place of this change, lets go."""
    page.mouse.move(*held.held_at())
    page.mouse.down()
    page.mouse.move(*held.place(change), steps=3)
    page.mouse.up()


def _answer(page: Page, kind: str) -> list[float]:
    """Waits for the picture of the latest pointer event of a kind. A range's own input events would not do: they
    bear the time of the frame in which they are handed out, not that at which the hand moved.
    """
    return page.wait_for_function("kind => hand.answer(kind)", arg=kind).json_value()


def follow(page: Page, held: Held, changes: int) -> np.ndarray:
    """Returns the milliseconds from each release until the address told it and no script ran any more."""
    taken = []
    for change in range(changes):
        page.evaluate("hand.clear()")
        once(page, held, change)
        taken.append(page.wait_for_function("() => hand.followed()").json_value())
    return np.array(taken)


def play_while_dragging(page: Page, held: Held, inputs: int) -> np.ndarray:
    """Returns the milliseconds from one frame to the next while the runs play and a hand drags as fast as it can
    be moved, without a release.
    """
    page.locator(STAGE).evaluate("root => { root.stage.clock.play(); root.stage.redraw(); }")
    page.mouse.move(*held.held_at())
    page.mouse.down()
    page.evaluate("hand.clear()")
    for change in range(inputs):
        page.mouse.move(*held.place(change))
    gaps = np.diff(page.evaluate("hand.frames"))
    page.mouse.up()
    page.wait_for_selector(IDLE)
    return gaps
