"""Records docs/playground.gif: starts the app, opens its first screen, and takes a picture at each step of two drags.

The stage stands at the runs' end. The rotation learning rate is dragged from too slow to quick enough, then the start
is pulled along; the recording waits for the page at every step, so it is smooth on any machine.
"""

import io
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.find_browser import MISSING, find_browser  # noqa: E402

OUT = ROOT / "docs/playground.gif"
PORT = 8637
WINDOW: ViewportSize = {"width": 1280, "height": 800}
WIDTH = 960  # pixels of the picture
DRAGGED, PULLED = 50, 40  # pictures of the slider's way and of the start's
SLIDER = "Rotation learning rate"
FROM, TO = 0.4, 0.72  # of the slider's width
PULL = (-90, 40)  # how far the start is taken, in pixels of the window; it comes back half of the way
MILLISECONDS = 70  # each frame stays, and the last one LAST
LAST = 2500
COLOURS = 128


@contextmanager
def served() -> Iterator[str]:
    """Yields the address of a running app, which ends with the block."""
    command = [sys.executable, "-m", "app", f"--port={PORT}", "--no-browser"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        next(line for line in process.stdout or [] if "http://" in line)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        process.terminate()
        process.communicate()


def picture(page: Page) -> Image.Image:
    """Returns the window as it is once the page has drawn what it was told."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    taken = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    return taken.resize((WIDTH, taken.height * WIDTH // taken.width), Image.Resampling.LANCZOS)


def line(start: tuple[float, float], end: tuple[float, float], count: int) -> Iterator[tuple[float, float]]:
    """Yields evenly spread points from one to another."""
    for i in range(count):
        share = i / (count - 1)
        yield start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def pictures(page: Page) -> Iterator[Image.Image]:
    """Yields the window at every step of the slider's drag and of the start's."""
    stage = page.locator(".stage[data-engine=page][data-digest]")
    stage.wait_for(timeout=120_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    stage.evaluate(
        "root => { root.stage.clock.pause(); root.stage.controls.move(root.stage.clock.frames - 1); }"
    )
    box = page.get_by_role("slider", name=SLIDER).bounding_box()
    assert box is not None
    ends = [(box["x"] + share * box["width"], box["y"] + box["height"] / 2) for share in (FROM, TO)]
    yield from dragged(page, line(ends[0], ends[1], DRAGGED))
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    at = stage.evaluate("root => root.stage.startAt(1, 0)")
    begin = (at["x"], at["y"])
    away = (begin[0] + PULL[0], begin[1] + PULL[1])
    back = ((begin[0] + away[0]) / 2, (begin[1] + away[1]) / 2)
    yield from dragged(page, [*line(begin, away, PULLED // 2), *line(away, back, PULLED // 2)])


def dragged(page: Page, points: Iterable[tuple[float, float]]) -> Iterator[Image.Image]:
    """Yields the window at every point of a drag, the button held."""
    for i, (x, y) in enumerate(points):
        page.mouse.move(x, y)
        if i == 0:
            page.mouse.down()
        yield picture(page)
    page.mouse.up()
    yield picture(page)


def save(frames: list[Image.Image]) -> None:
    """Writes the frames as a GIF with one palette, taken from the last frame: it holds every colour."""
    palette = frames[-1].quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    plain = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    durations = [MILLISECONDS] * (len(plain) - 1) + [LAST]
    plain[0].save(OUT, save_all=True, append_images=plain[1:], duration=durations, loop=0, optimize=True)


def main() -> int:
    """Records the picture and says how large it is; returns 0."""
    path = find_browser()
    if path is None:
        print(MISSING, file=sys.stderr)
        return 1
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport=WINDOW, color_scheme="light")
        page.goto(address)
        frames = list(pictures(page))
        save(frames)
        browser.close()
    print(f"{OUT.relative_to(ROOT)}: {len(frames)} frames, {OUT.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
