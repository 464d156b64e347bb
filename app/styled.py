"""Puts the style into the page that the server sends first.

Styles that a script sends arrive after the first things to look at, which then jump. Streamlit has no setting for its
first page, but it takes middleware.
"""

from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.style import STYLE

CACHED = ("etag", "last-modified", "accept-ranges")  # of the page without the style


class Styled:
    """ASGI middleware: an HTML page gets STYLE; anything else passes as it is.

    A first page whose address asks for the presentation (`?present=1`) is marked as one: nothing else shows before.
    It stands at the end of the body: Streamlit adds its own rules to the head, and of equals the last one counts.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        asked = Headers(scope=scope) if scope["type"] == "http" else {}
        if "text/html" not in asked.get("accept", ""):
            await self.app(scope, receive, send)
            return
        plain = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
        scope["headers"] = [pair for pair in scope["headers"] if pair[0].lower() not in plain]
        await self.app(scope, receive, _Page(send, _presents(scope)).send)


class _Page:
    """Holds a response back until it is whole, to change it."""

    def __init__(self, send: Send, presents: bool) -> None:
        self._send = send
        self._presents = presents
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
            return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        body = self._body.replace(b"</body>", STYLE.encode() + b"</body>", 1)
        if self._presents:
            body = body.replace(b"<html", b"<html data-presenting", 1)
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(body))
        for name in CACHED:
            del headers[name]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _presents(scope: Scope) -> bool:
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("present", [])
    return bool(scope["path"] == f"{scope.get('root_path', '')}/" and asked == ["1"])


def _is_page(start: Message) -> bool:
    return "text/html" in Headers(raw=start["headers"]).get("content-type", "")
