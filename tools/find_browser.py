"""Prints the Chromium that the browser tests drive; with --install, gets one where there is none.

Looked for in this order: on the PATH, in macOS's Applications, among Playwright's own downloads. Installed as
the system's package when that is possible (root, apt-get), else as Playwright's own.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = """\
No Chromium was found and none could be installed, so the browser tests cannot run.
Install Chromium or Google Chrome so that it is on the PATH, or run: python -m playwright install chromium"""


def find_browser() -> str | None:
    """Returns the path of a Chromium that starts, or None."""
    return next((path for path in _candidates() if Path(path).exists() and _starts(path)), None)


def _candidates() -> Iterator[str]:
    yield from (path for name in NAMES if (path := shutil.which(name)))
    yield from MACOS
    if own := _playwrights_own():
        yield own


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _starts(path: str) -> bool:
    """Says whether the program answers; a distribution's placeholder for another package system does not."""
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def install_browser() -> None:
    """Installs a Chromium: the system's package for root with apt-get, else Playwright's own."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing the system's chromium package", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
            check=False, env=quiet, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        if find_browser():
            return
    print("Installing Playwright's own Chromium", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    """Prints the browser's path and returns 0, or explains what to do and returns 1."""
    if not find_browser() and "--install" in sys.argv[1:]:
        install_browser()
    browser = find_browser()
    print(f"Browser: {browser}" if browser else MISSING, file=sys.stdout if browser else sys.stderr)
    return 0 if browser else 1


if __name__ == "__main__":
    sys.exit(main())
