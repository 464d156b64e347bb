"""The committed bundle is made of the front end's sources as they are, and handed out under its content's name."""

import asyncio
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from starlette.responses import PlainTextResponse

from app import frontend
from app.palette import as_json
from app.server.assets import FOREVER, Assets

MANIFEST = json.loads((frontend.DIST / "manifest.json").read_text(encoding="utf-8"))
PALETTES = frontend.FOLDER / "palettes.js"


def test_the_bundle_is_of_todays_sources():
    stale = [
        name
        for name, digest in MANIFEST["sources"].items()
        if sha256((frontend.FOLDER / name).read_bytes()).hexdigest() != digest
    ]
    assert not stale, "run make frontend"


def test_the_bundle_is_the_one_of_the_manifest():
    for name, digest in MANIFEST["files"].items():
        assert sha256((frontend.DIST / name).read_bytes()).hexdigest() == digest


def test_every_module_is_in_the_bundle():
    modules = {path.relative_to(frontend.FOLDER).as_posix() for path in frontend.FOLDER.rglob("*.js")}
    types_alone = {
        name
        for name in modules
        if (frontend.FOLDER / name).read_text(encoding="utf-8").endswith("\nexport {};\n")
    }
    bundled = set(MANIFEST["sources"])
    assert modules - bundled - types_alone - {f"dist/{name}" for name in MANIFEST["files"]} == set()


def test_the_palettes_are_those_of_python():
    text = PALETTES.read_text(encoding="utf-8")
    assert json.loads(text[text.index("{") : text.rindex(";")]) == json.loads(json.dumps(as_json()))


def ask(path: str, *headers: tuple[bytes, bytes]) -> tuple[int, dict[str, str], bytes]:
    """Returns status, headers and body of the answer to a request for a path; "passed" is the app's own."""
    messages = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        messages.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "query_string": b""}
    call = Assets(PlainTextResponse("passed"))(scope, receive, send)
    with ThreadPoolExecutor(1) as thread:  # a browser's tests leave a loop running in their own
        thread.submit(asyncio.run, call).result()
    told = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], told, b"".join(m.get("body", b"") for m in messages[1:])


@pytest.mark.parametrize("base", ["", "/playground"])
def test_the_bundle_is_handed_out_for_good(base):
    status, headers, body = ask(f"{base}/{frontend.address('frontend.js')}")
    assert status == 200
    assert body == (frontend.DIST / "frontend.js").read_bytes()
    assert headers["content-type"].startswith("text/javascript")
    assert headers["cache-control"] == FOREVER


def test_the_bundle_travels_compressed():
    _, headers, body = ask(f"/{frontend.address('frontend.js')}", (b"accept-encoding", b"br, gzip"))
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == (frontend.DIST / "frontend.js").read_bytes()


@pytest.mark.parametrize("name", ["0123456789abcdef/frontend.js", f"{frontend.stamp()}/other.js"])
def test_of_another_version_nothing_is(name):
    assert ask(f"/frontend/{name}")[0] == 404


@pytest.mark.parametrize("path", ["/", "/lab", "/frontend", f"/frontend/{frontend.stamp()}/../main.py"])
def test_everything_else_passes(path):
    assert ask(path)[2] == b"passed"
