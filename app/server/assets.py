"""Hands out the front end's bundle."""

import gzip
import re
from functools import cache

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app import frontend

ADDRESS = re.compile(r"/frontend/([0-9a-f]{16})/([a-z.]+)$")  # behind whatever path the app is served under
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """ASGI middleware: the bundle's files by their address, which names their content; anything else passes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        asked = ADDRESS.search(scope["path"]) if scope["type"] == "http" else None
        if asked is None:
            await self.app(scope, receive, send)
            return
        packed = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        await _answer(asked[1], asked[2], packed)(scope, receive, send)


def _answer(stamp: str, name: str, packed: bool) -> Response:
    if name not in frontend.FILES or stamp != frontend.stamp():
        return PlainTextResponse("There is no such file in this version of the app: reload the page.", 404)
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(_body(name, packed), media_type=frontend.FILES[name][0], headers=headers)


@cache
def _body(name: str, packed: bool) -> bytes:
    plain = frontend.FILES[name][1]()
    return gzip.compress(plain, 9) if packed else plain
