"""A stock Firefox, driven over WebDriver BiDi (https://w3c.github.io/webdriver-bidi/) as a person would.

Firefox speaks the protocol itself, as JSON over a WebSocket, so that what the app already needs to be tested
(websockets) is enough: no driver program, no browser build of somebody's own. Playwright cannot take a stock Firefox.
"""

import itertools
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

SIGN = "WebDriver BiDi listening on "
HEARD = ("log.entryAdded", "network.responseCompleted", "network.fetchError")
# The page's functions may call these. deep: the elements of a selector, in open shadow roots, too.
GIVEN = """
const deep = (selector, root = document) => [...root.querySelectorAll(selector),
    ...[...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ? deep(selector, one.shadowRoot) : [])];
const frame = () => new Promise(requestAnimationFrame);
const until = async (holds) => { let found; while (!(found = holds())) await frame(); return found; };
"""
# Nothing is asked of other machines, and pages are light whatever the desktop is.
SETTINGS = """\
user_pref("app.normandy.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("layout.css.prefers-color-scheme.content-override", 1);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disabled", true);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
"""


class ProtocolError(RuntimeError):
    """Firefox refused a command, or a function in the page threw."""


class Session:
    """A connection to a running Firefox. events: what it told without being asked."""

    def __init__(self, socket: ClientConnection, patience: float) -> None:
        self.socket, self.patience = socket, patience
        self.numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Returns what a command gives. Raises ProtocolError where Firefox refuses it, TimeoutError after the
        session's patience.
        """
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv(timeout=self.patience))
            if message["type"] == "event":
                self.events.append(message)
            elif message["id"] == number:
                if message["type"] == "error":
                    raise ProtocolError(f"{method}: {message['error']}: {message['message']}")
                return message["result"]


class Tab:
    """A tab of its own cookies and storage, of this size in CSS pixels."""

    def __init__(self, session: Session, width: int, height: int) -> None:
        self.session = session
        user = session.call("browser.createUserContext")["userContext"]
        self.id = session.call("browsingContext.create", type="tab", userContext=user)["context"]
        size = {"width": width, "height": height}
        session.call("browsingContext.setViewport", context=self.id, viewport=size)

    def open(self, address: str) -> None:
        """Goes to an address and waits until the document and what it names are loaded."""
        self.session.call("browsingContext.navigate", context=self.id, url=address, wait="complete")

    def evaluate(self, function: str, *arguments: Any) -> Any:
        """Returns what a JavaScript function, or the promise it returns, gives for these arguments, as JSON. It may
        call `deep` and `until`. Raises ProtocolError where it throws.
        """
        result = self.session.call(
            "script.callFunction",
            functionDeclaration=f"async (text) => {{{GIVEN}\n"
            f"return JSON.stringify(await ({function})(...JSON.parse(text)) ?? null); }}",
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self.id},
            awaitPromise=True,
        )
        if result["type"] == "exception":
            raise ProtocolError(f"{result['exceptionDetails']['text']} in {function}")
        return json.loads(result["result"]["value"])

    def wait_for(self, function: str, *arguments: Any) -> Any:
        """Waits, frame by frame, until a JavaScript function gives something true; returns that."""
        return self.evaluate(f"(...given) => until(() => ({function})(...given))", *arguments)

    def drag(self, *points: tuple[float, float]) -> None:
        """Presses the mouse at the first of these points of the window, goes through the others, lets go."""
        self.press_mouse(points[0])
        for point in points[1:]:
            self.move_mouse(point)
        self.release_mouse()

    def press_mouse(self, point: tuple[float, float]) -> None:
        """Goes to a point of the window and presses the mouse's button there."""
        self._mouse(_move(point), {"type": "pointerDown", "button": 0})

    def move_mouse(self, point: tuple[float, float]) -> None:
        """Goes to a point of the window with the mouse."""
        self._mouse(_move(point))

    def release_mouse(self) -> None:
        """Lets the mouse's button go."""
        self._mouse({"type": "pointerUp", "button": 0})

    def _mouse(self, *steps: dict[str, Any]) -> None:
        self._act({"type": "pointer", "id": "mouse", "actions": list(steps)})

    def press(self, key: str) -> None:
        """Presses a key of the keyboard, by its character (WebDriver's code points for those without)."""
        strokes = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": strokes})

    def _act(self, device: dict[str, Any]) -> None:
        self.session.call("input.performActions", context=self.id, actions=[device])

    def errors(self) -> list[str]:
        """Returns what went wrong in this tab so far: errors in its console, answers refused or missing."""
        self.evaluate("() => null")  # what happened before is told before this is answered
        return [
            told
            for event in self.session.events
            if self.id in (event["params"].get("context"), event["params"].get("source", {}).get("context"))
            and (told := _complaint(event["method"], event["params"]))
        ]


def _move(point: tuple[float, float]) -> dict[str, Any]:
    return {"type": "pointerMove", "x": round(point[0]), "y": round(point[1])}


def _complaint(method: str, params: dict[str, Any]) -> str:
    """Returns an event as an error in words, or nothing where all is well."""
    if method == "log.entryAdded":
        return f"console: {params['text']}" if params["level"] == "error" else ""
    url = params["request"]["url"]
    if method == "network.fetchError":
        # A page that is left lets go of what it was still reading.
        left = params["errorText"] == "NS_BINDING_ABORTED"
        return "" if left else f"failed: {url} {params['errorText']}"
    status = params["response"]["status"]
    return f"failed: {url} {status}" if status >= 400 else ""


@contextmanager
def firefox(program: str, profile: Path, patience: float) -> Iterator[Session]:
    """Starts a Firefox without a window, with a profile in this empty folder; yields the session; ends it.

    patience: seconds after which an answer that does not come counts as never coming.
    """
    (profile / "user.js").write_text(SETTINGS, encoding="utf-8")
    command = [program, "--headless", "--no-remote", f"--profile={profile}", "--remote-debugging-port=0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        with connect(f"{_door(process)}/session", max_size=None, proxy=None, ping_interval=None) as socket:
            session = Session(socket, patience)
            session.call("session.new", capabilities={})
            session.call("session.subscribe", events=list(HEARD))
            yield session
            session.call("browser.close")
    finally:
        process.terminate()
        process.wait(timeout=patience)


def _door(process: subprocess.Popen[str]) -> str:
    """Returns the address at which Firefox listens, and keeps its pipe empty from then on."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if SIGN in line:
            threading.Thread(target=_drain, args=(process,), daemon=True).start()
            return line.partition(SIGN)[2].strip()
    raise AssertionError("Firefox did not start:\n" + "".join(said))


def _drain(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    with process.stdout as said:
        for _ in said:
            pass
