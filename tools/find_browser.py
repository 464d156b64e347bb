"""Prints the Chromium and the Firefox that the browser tests drive; with --install, gets those that are not there.

A Chromium is needed and a Firefox is wanted: without one its smoke test is skipped and says so. Looked for on the
PATH, then in macOS's Applications, a Chromium at last among Playwright's own downloads. Installed as the system's
package where that is possible (root, apt-get), else a Chromium as Playwright's own, a Firefox not at all.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FIREFOX = ("firefox-esr", "firefox")
MACOS_CHROMIUM = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MACOS_FIREFOX = ("/Applications/Firefox.app/Contents/MacOS/firefox",)
MISSING = """\
No Chromium was found and none could be installed, so the browser tests cannot run.
Install Chromium or Google Chrome so that it is on the PATH, or run: python -m playwright install chromium"""
NO_FIREFOX = """\
No Firefox was found and none could be installed, so the page is not tried in Firefox.
Install Firefox so that it is on the PATH (Debian: apt-get install firefox-esr)."""


def find_browser() -> str | None:
    """Returns the path of a Chromium that starts, or None."""
    return _first_that_starts(_chromiums())


def find_firefox() -> str | None:
    """Returns the path of a Firefox that starts, or None."""
    return _first_that_starts((*_on_the_path(FIREFOX), *MACOS_FIREFOX))


def _first_that_starts(paths: Iterator[str] | tuple[str, ...]) -> str | None:
    return next((path for path in paths if Path(path).exists() and _starts(path)), None)


def _chromiums() -> Iterator[str]:
    yield from _on_the_path(CHROMIUM)
    yield from MACOS_CHROMIUM
    if own := _playwrights_own():
        yield own


def _on_the_path(names: tuple[str, ...]) -> Iterator[str]:
    yield from (path for name in names if (path := shutil.which(name)))


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
    _install_packages("chromium", "fonts-dejavu-core")
    if find_browser():
        return
    print("Installing Playwright's own Chromium", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def install_firefox() -> None:
    """Installs Debian's Firefox for root with apt-get; elsewhere nothing."""
    _install_packages("firefox-esr")


def _install_packages(*names: str) -> None:
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return
    print(f"Installing the system's {names[0]} package", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names],
        check=False, env=quiet, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def main() -> int:
    """Prints the browsers' paths, or what to do where one is missing; returns 1 where there is no Chromium."""
    if "--install" in sys.argv[1:]:
        if not find_browser():
            install_browser()
        if not find_firefox():
            install_firefox()
    browser, firefox = find_browser(), find_firefox()
    print(f"Browser: {browser}" if browser else MISSING, file=sys.stdout if browser else sys.stderr)
    print(f"Firefox: {firefox}" if firefox else NO_FIREFOX, file=sys.stdout if firefox else sys.stderr)
    return 0 if browser else 1


if __name__ == "__main__":
    sys.exit(main())
