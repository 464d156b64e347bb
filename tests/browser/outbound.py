"""Runs the real server while everything that would leave this machine is recorded, and prints what was, as JSON.

    python tests/browser/outbound.py ADDRESS [namespace]

ADDRESS is what the server listens on. With `namespace` it runs inside `unshare -n`, brings the namespace's own
loopback up, and counts the packets that had no way out.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "lab")]

from ray_head import loopback_up  # noqa: E402
from websockets.exceptions import InvalidStatus  # noqa: E402

from app.pages import addresses  # noqa: E402
from tests.browser.conftest import free_port, wait_until_it_listens  # noqa: E402
from tools.streamlit_client import Visitor  # noqa: E402

# Loaded by Python before anything else of the server: notes every address that is looked up or connected to.
HOOK = """
import os, sys
def hook(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        found = args[0] if event.startswith("socket.get") else args[1]
        with open(os.environ["OUTBOUND_NOTES"], "a") as notes:
            notes.write(f"{event} {found}\\n")
sys.addaudithook(hook)
"""
NEAR = ("127.0.0.1", "localhost", "::1", "None", "/")
PAGES = addresses()


class Recorder(BaseHTTPRequestHandler):
    """A proxy that notes what it is asked for and gives nothing."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.requestline)
        self.send_error(502)

    do_CONNECT = do_POST = do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Keeps its requests to itself."""


async def visit(address: str) -> list[int]:
    """Opens every page as a visitor, and three sockets from a foreign page; returns how those were answered."""
    for page in PAGES:
        async with Visitor(address) as visitor:
            await visitor.open("", page)
    answers = []
    for origin in ("http://evil.example", "https://evil.example:444", "null"):
        try:
            async with Visitor(address, origin):
                answers.append(101)
        except InvalidStatus as error:
            answers.append(error.response.status_code)
    return answers


def no_route() -> int:
    """Returns how many packets of this namespace had no way out."""
    names, values = [
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line[:3] == "Ip:"
    ]
    return int(values[names.index("OutNoRoutes")])


def main(listen: str, inside: bool) -> None:
    """Prints foreign: the answers to foreign pages; proxied, outbound and lost: what would have left."""
    if inside:
        loopback_up()
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        notes, port = Path(folder) / "notes", free_port()
        Path(folder, "sitecustomize.py").write_text(HOOK)
        notes.touch()
        through = f"http://127.0.0.1:{proxy.server_port}"
        told = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"), through)
        own = {
            "PYTHONPATH": folder,
            "OUTBOUND_NOTES": str(notes),
            "MTL_DATA": folder,
            "NO_PROXY": "",
            "no_proxy": "",
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "app", f"--port={port}", f"--address={listen}", "--no-browser"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **told, **own},
        )  # fmt: skip
        try:
            wait_until_it_listens(server)
            foreign = asyncio.run(visit(f"http://127.0.0.1:{port}"))
        finally:
            server.terminate()
            server.wait()
        far = [line for line in notes.read_text().splitlines() if not any(near in line for near in NEAR)]
    found = {
        "foreign": foreign,
        "proxied": Recorder.asked,
        "outbound": far,
        "lost": no_route() if inside else 0,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], "namespace" in sys.argv)
