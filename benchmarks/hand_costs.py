"""What a change costs beside its time: the server's processor, bytes on the wire, memory of the page; and opening."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.hand_page import IDLE, Slider, drag, follow, is_live, opened
from benchmarks.load import used
from benchmarks.wire import Wire

KEPT = 200  # changes before the first look at the memory: what is kept once is there by then


@dataclass(frozen=True)
class Cost:
    """Milliseconds of the server's processor and bytes on the wire, both ways, of one change that is let go."""

    processor: float
    bytes: float


def cost(page: Page, wire: Wire, pid: int, label: str, changes: int) -> Cost:
    """Returns what so many changes of a slider cost on the average; wire: the page's way to the server; pid: the
    server's process.
    """
    slider = Slider(page, label)
    follow(page, slider, 2)
    (before, _), sent = used(pid), wire.bytes
    follow(page, slider, changes)
    after, _ = used(pid)
    return Cost(1000 * (after - before) / changes, (wire.bytes - sent) / changes)


def openings(browser: Browser, address: str, times: int, server: bool) -> tuple[np.ndarray, np.ndarray]:
    """Returns, of so many visits with nothing in the cache, the milliseconds until the first picture and how far the
    layout shifted until the page was idle.
    """
    taken, shifts = [], []
    for _ in range(times):
        with opened(browser, address, server=server) as page:
            first = (
                "performance.getEntriesByType('mark').find(({ name }) => name.startsWith('stage-')).startTime"
            )
            taken.append(page.evaluate(first))
            shifts.append(page.evaluate("hand.shift"))
    return np.array(taken), np.array(shifts)


@dataclass(frozen=True)
class Growth:
    """Megabytes by which a page grew: what its script holds once the rubbish is collected, and its process."""

    changes: int
    held: float
    process: float


def growth(browser: Browser, page: Page, label: str, changes: int) -> Growth:
    """Returns how a page grew over so many changes of a slider, after those that fill what it keeps anyway."""
    memory = _memory(browser, page)
    _many(page, label, KEPT)
    before = memory()
    _many(page, label, changes)
    held, process = (after - one for after, one in zip(memory(), before, strict=True))
    return Growth(changes, held, process)


# As fast as a hand at its quickest: one input a frame, whether or not the run before is there.
MOVES = """async (range, count) => {
    const [least, most] = [Number(range.min), Number(range.max)];
    for (let i = 0; i < count; i++) {
        range.value = String(least + ((i * 7) % (most - least + 1)));
        range.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
        await new Promise(requestAnimationFrame);
    }
    range.dispatchEvent(new Event("change", { bubbles: true }));
}"""


def _many(page: Page, label: str, changes: int) -> None:
    slider = Slider(page, label)
    if is_live(page):
        slider.input.evaluate(f"(range, count) => ({MOVES})(range, count)", changes)
        page.wait_for_selector(IDLE)
    else:
        drag(page, slider, changes)
    page.evaluate("() => hand.clear()")


def _memory(browser: Browser, page: Page) -> Callable[[], tuple[float, float]]:
    """Returns what tells the megabytes that the page's script holds, buffers and WebAssembly's memory included, and
    those that the page's process uses, its workers included (NaN where there is no /proc).
    """
    session, whole = page.context.new_cdp_session(page), browser.new_browser_cdp_session()
    session.send("HeapProfiler.enable")

    def tell() -> tuple[float, float]:
        for _ in range(2):  # what the first round lets go of, the second collects
            session.send("HeapProfiler.collectGarbage")
        usage = session.send("Runtime.getHeapUsage")
        held = usage["usedSize"] + usage.get("embedderHeapUsedSize", 0) + usage.get("backingStorageSize", 0)
        return held / 1e6, _process(whole)

    return tell


def _process(session: CDPSession) -> float:
    """Returns the megabytes that the largest of a browser's page processes uses."""
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [used(one["id"])[1] for one in processes if one["type"] == "renderer" and Path("/proc").exists()]
    return max(pages, default=float("nan"))
