"""How quickly a changed control is painted, and how evenly the animation runs, in a real Chromium.

Control to paint: from the key press on the rotation learning rate's slider to the stage's mark that the new
run is on the canvas. Frame gap: from one animation frame to the next while the RotoGrad preset plays.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tools.find_browser import MISSING, find_browser

ROOT = Path(__file__).parents[1]
CHANGES = 60
FRAMES = 600
ASKED = {"p50": 150.0, "p95": 250.0, "gap": 25.0}  # milliseconds

WATCH = """() => {
    window.paints = [];
    const times = (list) => list.getEntriesByName("stage-paint").map((mark) => mark.startTime);
    const keep = (list) => window.paints.push(...times(list));
    new PerformanceObserver(keep).observe({ entryTypes: ["mark"] });
    document.addEventListener("keydown", (event) => { window.pressed = event.timeStamp; }, true);
}"""
GAPS = """(count) => new Promise((done) => {
    const gaps = [];
    let before;
    const tick = (now) => {
        if (before !== undefined) gaps.push(now - before);
        before = now;
        gaps.length < count ? requestAnimationFrame(tick) : done(gaps);
    };
    requestAnimationFrame(tick);
})"""


@contextmanager
def server() -> Iterator[str]:
    """Starts the app on a free port and yields its address."""
    with server_process() as (_, address):
        yield address


@contextmanager
def server_process() -> Iterator[tuple[subprocess.Popen, str]]:
    """Starts the app on a free port and yields its process and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app", f"--port={port}", "--no-browser"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        next(line for line in process.stdout if "http://" in line)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()


def control_to_paint(page: Page) -> np.ndarray:
    """Returns the milliseconds from key press to paint, for alternating changes of one slider."""
    page.evaluate(WATCH)
    handle = page.get_by_role("slider", name="Rotation learning rate", exact=True)
    taken = []
    for change in range(CHANGES):
        seen = page.evaluate("window.paints.length")
        handle.press("ArrowLeft" if change % 2 == 0 else "ArrowRight")
        page.wait_for_function("seen => window.paints.length > seen", arg=seen)
        taken.append(page.evaluate("window.paints.at(-1) - window.pressed"))
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    return np.array(taken)


def main() -> None:
    """Prints what was measured beside what was asked."""
    path = find_browser()
    if path is None:
        sys.exit(MISSING)
    with server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.wait_for_selector(".stage[data-digest]", timeout=300_000)
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        taken = control_to_paint(page)
        gaps = np.array(page.evaluate(GAPS, FRAMES))
        browser.close()
    print("The RotoGrad preset, 1280 x 800, headless Chromium")
    print(f"{'milliseconds':<28}{'measured':>10}{'asked':>10}")
    for name, value, asked in (
        ("control to paint, p50", np.median(taken), ASKED["p50"]),
        ("control to paint, p95", np.quantile(taken, 0.95), ASKED["p95"]),
        ("frame gap, p95", np.quantile(gaps, 0.95), ASKED["gap"]),
    ):
        print(f"{name:<28}{value:>10.1f}{asked:>10.1f}")


if __name__ == "__main__":
    main()
