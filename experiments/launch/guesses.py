"""Guesses of the launch token: each wrong one makes the next wait longer."""

import hmac
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256

FREE = 5  # wrong guesses before the first wait: people mistype
LONGEST = 300.0  # seconds of the longest wait
KEPT = 4096  # wrong guesses that are known again


class Guesses:
    """Compares guesses with the secret, all visitors together: one process has one memory of wrong guesses.

    After FREE wrong guesses the next one is looked at after 1 second, then 2, 4, ... up to LONGEST; a right one
    starts anew. A page asks again and again with what was typed once, so a wrong guess that is known counts once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._wrong, self._until = 0, -math.inf
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def wait(self) -> float:
        """Returns the seconds until another guess is looked at, 0 where it is now."""
        return max(0.0, self._until - self._clock())

    def right(self, token: str, secret: str) -> bool:
        """Returns whether the token is the secret; while one has to wait, no guess is, be it right or wrong."""
        pair = sha256(f"{len(secret)} {secret} {token}".encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if pair in self._known or self.wait() > 0:
                return False
            if same(token, secret):
                self._wrong, self._until = 0, -math.inf
                return True
            self._count(pair)
            return False

    def _count(self, pair: bytes) -> None:
        self._known[pair] = None
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        self._wrong += 1
        if self._wrong >= FREE:
            self._until = self._clock() + min(2.0 ** min(self._wrong - FREE, 30), LONGEST)


def same(token: str, secret: str) -> bool:
    """Returns whether two texts are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(
        token.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass")
    )
