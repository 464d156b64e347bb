"""A door before a server that counts the bytes that go through it, as they are on the wire: compressed, both ways."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

PIECE = 1 << 16  # bytes handed on at a time


class Wire(ThreadingTCPServer):
    """Forwards every connection to the server at an address. own: what a browser opens in its place."""

    daemon_threads = True

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self.place = (place.hostname or "", place.port or 80)
        self.bytes = 0
        super().__init__(("127.0.0.1", 0), Door)
        self.own = f"http://127.0.0.1:{self.server_address[1]}"

    def hand_on(self, one: socket.socket, other: socket.socket) -> None:
        """Hands on what comes from one to the other until one of them leaves."""
        with suppress(OSError):
            while piece := one.recv(PIECE):
                self.bytes += len(piece)
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)


class Door(BaseRequestHandler):
    """One connection."""

    server: Wire

    def handle(self) -> None:
        with socket.create_connection(self.server.place) as there:
            back = threading.Thread(target=self.server.hand_on, args=(there, self.request), daemon=True)
            back.start()
            self.server.hand_on(self.request, there)
            back.join()


@contextmanager
def counted(address: str) -> Iterator[Wire]:
    """Yields a door before the server at an address."""
    with Wire(address) as wire:
        threading.Thread(target=wire.serve_forever, daemon=True).start()
        yield wire
        wire.shutdown()
