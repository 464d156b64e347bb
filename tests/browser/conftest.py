"""A real server and a real Chromium for the tests of this folder."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from app.pages import addresses
from tools.find_browser import MISSING, find_browser

ROOT = Path(__file__).parents[2]
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PATIENCE = 300_000  # milliseconds after which a state that never comes counts as never coming
OTHERS = "|".join(filter(None, addresses()))  # pages besides the first
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def free_port() -> int:
    """Returns a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(script: str = "", **environment: str) -> Iterator[str]:
    """Starts the app as a person would, or a page of its own with the app's settings; yields its address; ends it
    by its id.
    """
    port = free_port()
    command = ["app", f"--port={port}", "--no-browser"]
    if script:
        command = ["streamlit", "run", str(ROOT / script), f"--server.port={port}", "--server.headless=true"]
    folder = ROOT / "app" if script else ROOT
    with listening([sys.executable, "-m", *command], port, folder, {**os.environ, **environment}) as address:
        yield address


@contextmanager
def listening(command: list[str], port: int, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Starts a server's command in a folder; yields its address once it listens; ends it by its id."""
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_until_it_listens(process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE / 1000)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Returns the address of the app."""
    with serving() as address:
        yield address


def wait_until_it_listens(process: subprocess.Popen) -> None:
    """Reads what the server says until it names its address, and keeps its pipe empty from then on."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "http://" in line:
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return
    raise AssertionError("The app did not start:\n" + "".join(said))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Returns the system's Chromium; without one the tests fail and say what to install."""
    path = find_browser()
    if path is None:
        pytest.fail(MISSING, pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Visitor:
    """Someone with a browser window: opens addresses, and remembers every error the page reports."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.errors: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("requestfailed", self._failed)

    def _failed(self, request: Request) -> None:
        # A page that is left lets go of what it was still reading; what is refused or missing fails otherwise.
        own = request.url.startswith(("blob:", self.address))
        if not (own and request.failure == "net::ERR_ABORTED"):
            self.errors.append(f"failed: {request.url} {request.failure}")

    def _heard(self, message: ConsoleMessage) -> None:
        # Opened at a page's own address, Streamlit's front end first asks for its endpoints below it.
        own = re.search(rf"/({OTHERS})/_stcore/", message.location["url"])
        if message.type == "error" and not own:
            self.errors.append(f"console: {message.text}")

    def open(self, query: str = "", path: str = "") -> Page:
        """Opens a page of the app and waits until everything on it is there."""
        self.page.goto(f"{self.address}/{path}{'?' if query else ''}{query}")
        return self.settled()

    def settled(self) -> Page:
        """Waits until the script has run."""
        self.page.wait_for_selector(IDLE, state="attached")  # in front of a class the page is not seen
        return self.page


def visitors(browser: Browser, server: str, size: dict[str, int], scheme: str) -> Iterator[Visitor]:
    """Yields a visitor with a window of this size and scheme; any error the page reported fails the test."""
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="no-preference")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    visitor = Visitor(context.new_page(), server)
    yield visitor
    context.close()
    assert visitor.errors == []


@pytest.fixture
def visitor(browser: Browser, server: str) -> Iterator[Visitor]:
    """Returns a visitor at a desk."""
    yield from visitors(browser, server, WIDE, "light")


@pytest.fixture(params=["wide-light", "wide-dark", "phone-light", "phone-dark"])
def any_visitor(browser: Browser, server: str, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Returns a visitor at a desk or with a phone, by day or by night."""
    size, scheme = request.param.split("-")
    yield from visitors(browser, server, WIDE if size == "wide" else PHONE, scheme)
