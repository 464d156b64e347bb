"""What the real server lets in, and where a browser lets its page stand."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from app.server.headers import EMBED
from tests.browser.conftest import PATIENCE, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGES = ("", "?look=curves", "?look=surface", "?look=sweep", "?look=share", "lab", "methods", "about")
LISTEN = """document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});"""


def answer(address: str, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    """Returns status, policy and content of the server's answer to one request."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc)) as connection:
        connection.request(method, path)
        found = connection.getresponse()
        return found.status, found.getheader("Content-Security-Policy", ""), found.read()


@pytest.mark.parametrize(
    "path", ["/", "/lab", "/?embed=true", "/_stcore/health", "/favicon.png", "/nothing.js"]
)
def test_every_answer_forbids_framing_and_foreign_sources(server, path):
    _, policy, _ = answer(server, path)
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'self'" in policy
    assert not {"*", "http:", "https:", "'unsafe-eval'"} & set(policy.split())


def test_nothing_can_be_uploaded(server):
    status, _, said = answer(server, "/_stcore/upload_file/session/file", "PUT")
    assert (status, said) == (403, b"Nothing can be uploaded here.")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_works_under_its_policy(visitor, path):
    """The visitor fails the test for whatever the page reports, the policy's violations among it."""
    visitor.page.add_init_script(LISTEN)
    page = visitor.open(path=path)
    if path in ("?look=curves", "?look=surface"):
        expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    if path in ("", "methods", "about"):
        expect(page.locator(".katex").first).to_be_visible()
    if not path.isalpha():
        expect(page.locator("canvas").first).to_be_visible()
    fonts = "[...document.fonts].filter(font => font.status === 'error').map(font => font.family)"
    assert page.evaluate(fonts) == []


class Elsewhere(BaseHTTPRequestHandler):
    """A foreign page, for its port is another one, that puts the address in its query into a frame."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        frame = f'<iframe src="{unquote(urlsplit(self.path).query)}" width="900" height="700"></iframe>'
        self.wfile.write(frame.encode())

    def log_message(self, *_: object) -> None:
        """Keeps its requests to itself."""


@pytest.fixture
def frame(browser: Browser) -> Iterator[Callable[[str], tuple[Page, list[str]]]]:
    """Returns what opens a foreign page with an address in a frame, and collects why requests failed."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as elsewhere, browser.new_context() as context:
        Thread(target=elsewhere.serve_forever, daemon=True).start()
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)

        def opened(address: str) -> tuple[Page, list[str]]:
            page, failed = context.new_page(), []
            page.on("requestfailed", lambda request: failed.append(str(request.failure)))
            page.goto(f"http://127.0.0.1:{elsewhere.server_port}/?{quote(address)}")
            return page, failed

        yield opened
        elsewhere.shutdown()


@pytest.mark.parametrize("query", ["", "?embed=true"])
def test_a_foreign_page_frames_nothing(frame, server, query):
    page, failed = frame(f"{server}/{query}")
    assert failed == ["net::ERR_BLOCKED_BY_RESPONSE"]
    assert page.frames[1].url.startswith("chrome-error://")


def test_a_frame_that_is_asked_for_and_allowed_shows_the_page_and_hides_launching(frame, tmp_path):
    with serving(MTL_DATA=str(tmp_path), **{EMBED: "on"}) as address:
        page, failed = frame(f"{address}/lab?embed=true")
        inside = page.frame_locator("iframe")
        expect(inside.get_by_text("What is trained on this machine shows here")).to_be_visible()
        expect(inside.get_by_role("button", name="Launch")).to_have_count(0)
        assert failed == []
        _, failed = frame(f"{address}/lab")
        assert failed == ["net::ERR_BLOCKED_BY_RESPONSE"]
