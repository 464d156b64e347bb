"""Records docs/playground.gif: starts the app, opens its first screen, and takes a picture for each frame.

The stage's own clock is set frame by frame, so the recording is smooth on any machine.
"""

import io
import subprocess
import sys
from collections.abc import Iterator
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
FRAMES = 90
MILLISECONDS = 60  # each frame stays, and the last one LAST
LAST = 2500
COLOURS = 96


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


def pictures(page: Page) -> Iterator[Image.Image]:
    """Yields the window at evenly spaced moments of the run on the stage."""
    stage = page.locator(".stage[data-digest]")
    stage.wait_for(timeout=120_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    last = int(stage.get_attribute("data-frames") or 1) - 1
    stage.evaluate("root => root.stage.clock.pause()")
    for i in range(FRAMES):
        stage.evaluate(
            "(root, frame) => { root.stage.clock.seek(frame); root.stage.draw(); }",
            round(i * last / (FRAMES - 1)),
        )
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        yield picture.resize((WIDTH, picture.height * WIDTH // picture.width), Image.Resampling.LANCZOS)


def save(frames: list[Image.Image]) -> None:
    """Writes the frames as a GIF with one palette, taken from the last frame: it holds every colour."""
    palette = frames[-1].quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
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
        save(list(pictures(page)))
        browser.close()
    print(f"{OUT.relative_to(ROOT)}: {FRAMES} frames, {OUT.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
