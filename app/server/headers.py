"""The headers of every answer: what a page may load, and who may put it into a page of theirs."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util

from experiments.switches import switched_on

EMBED = "MTL_EMBED"
# What Streamlit's page needs: styles set by scripts, the stage's script as a blob, and WebAssembly for the 64-bit
# numbers of its messages. Its inline script is added by its checksum.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob: 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


class Headers:
    """Adds the headers to every HTTP answer; everything else passes through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does, with the headers added."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers(scope["query_string"]))
            await send(message)

        await self.app(scope, receive, answer)


def headers(query: bytes) -> dict[str, str]:
    """Returns the headers of the answer to a request with this query.

    A page may stand in another one only where the operator allows it (MTL_EMBED=1) and the address asks for it
    (`?embed=true`, which also hides launching).
    """
    asked = parse_qs(query.decode("latin-1")).get("embed", []) == ["true"]
    framed = asked and switched_on(EMBED, unknown=False)
    scripts = " ".join([POLICY["script-src"], *inline_scripts()])
    policy = POLICY | {"script-src": scripts, "frame-ancestors": "*" if framed else "'none'"}
    text = "; ".join(f"{name} {sources}" for name, sources in policy.items())
    return ALWAYS | {"Content-Security-Policy": text} | ({} if framed else {"X-Frame-Options": "DENY"})


@cache
def inline_scripts() -> tuple[str, ...]:
    """Returns the checksums of the scripts that stand in Streamlit's page itself, as the policy names them."""
    with open(f"{file_util.get_static_dir()}/index.html", "rb") as file:
        found = re.findall(rb"<script>(.*?)</script>", file.read(), re.DOTALL)
    return tuple(f"'sha256-{b64encode(sha256(script).digest()).decode()}'" for script in found)
