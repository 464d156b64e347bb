"""A visitor without a browser: speaks Streamlit's messages over its WebSocket."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

LIMIT = 64 << 20  # bytes of one message


def triggered(component: str, name: str, value: Any) -> WidgetState:
    """Returns what the page tells the server when a component, by its id, triggers an event, once."""
    event = json.dumps([{"event": name, "value": value}])
    return WidgetState(id=_make_trigger_id(component, "events"), json_trigger_value=event)


class Visitor:
    """One session of a running app. elements: what each message showed, by its place on the page.

    states: what the widgets that this visitor has touched hold, by their id. theme: the colours of the settings.
    """

    def __init__(
        self, address: str, origin: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self.url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
        self.origin, self.headers = origin or address, headers or {}
        self.elements: dict[tuple[int, ...], Any] = {}
        self.states: dict[str, WidgetState] = {}
        self.query = ""
        self.theme = CustomThemeConfig()
        self.socket: ClientConnection

    async def __aenter__(self) -> "Visitor":
        """Connects. Raises websockets' InvalidStatus where the server refuses."""
        self.socket = await connect(
            self.url, origin=Origin(self.origin), subprotocols=[Subprotocol("streamlit")], max_size=LIMIT,
            additional_headers=self.headers, proxy=None, open_timeout=None, ping_interval=None,
        )  # fmt: skip
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hangs up."""
        await self.socket.close()

    async def open(self, query: str = "", page: str = "") -> int:
        """Opens a page with a query, as an address does, and returns the bytes that came until its script ended."""
        self.query, self.states, self.elements = query, {}, {}
        return await self.rerun(page=page)

    async def change(self, key: str, **value: Any) -> int:
        """Puts a value into the widget with this key, as change("w:problem", string_value="three")."""
        self.touch(key, **value)
        return await self.rerun()

    def touch(self, key: str, **value: Any) -> None:
        """Puts a value into the widget with this key without telling the server yet."""
        found = self.widget(key)
        self.states[found] = WidgetState(id=found, **value)

    def let_go(self, change: str, **values: Any) -> None:
        """Changes fields by the controls in the page without telling the server yet; `change` is new each time."""
        found = self.widget("live")
        state = triggered(found, "change", {"id": change, "values": values})
        self.states |= {state.id: state, found: WidgetState(id=found, json_value="{}")}

    def widget(self, key: str) -> str:
        """Returns the id of the widget with this key. Raises KeyError where the page has none."""
        for element in self.elements.values():
            found = getattr(getattr(element, element.WhichOneof("type") or "", None), "id", "")
            if found.endswith(f"-{key}"):
                return str(found)
        raise KeyError(f"No widget on this page has the key {key!r}.")

    def shown(self, kind: str) -> list[Any]:
        """Returns the elements of one kind on the page, as "markdown" or "exception"."""
        return [getattr(e, kind) for e in self.elements.values() if e.WhichOneof("type") == kind]

    async def send(self, page: str = "") -> None:
        """Asks for a rerun and does not wait for it."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = page
        message.rerun_script.widget_states.widgets.extend(self.states.values())
        self.states = {
            key: state for key, state in self.states.items() if not state.HasField("json_trigger_value")
        }
        await self.socket.send(message.SerializeToString())

    async def rerun(self, page: str = "") -> int:
        """Runs the page's script and returns the bytes that came until it ended."""
        await self.send(page)
        return await self.until_finished()

    async def until_finished(self) -> int:
        """Reads what the server sends until a script has run to its end; returns the bytes."""
        size = 0
        while True:
            data = await self.socket.recv()
            assert isinstance(data, bytes)
            size += len(data)
            message = ForwardMsg.FromString(data)
            if message.WhichOneof("type") == "delta" and message.delta.WhichOneof("type") == "new_element":
                self.elements[tuple(message.metadata.delta_path)] = message.delta.new_element
            if message.WhichOneof("type") == "new_session":
                self.theme = message.new_session.custom_theme
            if message.WhichOneof("type") == "page_info_changed":
                self.query = message.page_info_changed.query_string
            if message.WhichOneof("type") == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise RuntimeError("The page's script does not compile.")
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return size


async def visit(address: str, query: str = "", page: str = "") -> Visitor:
    """Returns a visitor who has opened a page once and gone: what was shown stays to be read."""
    async with Visitor(address) as visitor:
        await visitor.open(query, page)
    return visitor


def visited(address: str, query: str = "", page: str = "") -> Visitor:
    """Returns the same outside an event loop."""
    with ThreadPoolExecutor(1) as pool:  # a thread of its own: the caller's may have a loop that runs
        return pool.submit(asyncio.run, visit(address, query, page)).result()
