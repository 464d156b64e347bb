"""Who may launch, and how much."""

import ipaddress
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass

from experiments.launch.guesses import Guesses, same
from experiments.switches import switched_on

TOKEN, CLASSROOM = "MTL_LAUNCH_TOKEN", "MTL_CLASSROOM"
# What a proxy, a load balancer or a content network may add to a request that passes through it.
_FORWARDED = frozenset(
    {
        *("forwarded", "via", "client-ip", "true-client-ip", "x-client-ip", "x-real-ip", "x-remote-ip"),
        *("x-remote-addr", "x-cluster-client-ip", "x-proxyuser-ip", "x-appengine-user-ip"),
        *("fastly-client-ip", "fly-client-ip", "cdn-loop"),
    }
)
_FORWARDING = ("x-forwarded", "x-original-", "x-envoy-", "x-amzn-", "x-azure-", "x-vercel-", "cf-")
_GUESSES = Guesses()


@dataclass(frozen=True)
class Permission:
    """Whether launching, cancelling, resuming and deleting are allowed, and the sentence that says why not.

    hidden: nothing about launching is to be shown. needs_token: a token that is right would do.
    """

    granted: bool
    reason: str = ""
    hidden: bool = False
    needs_token: bool = False


@dataclass(frozen=True)
class Limits:
    """How much may be asked for: runs that wait or run, epochs and batch of each."""

    queued: int
    epochs: int
    batch: int


def limits() -> Limits:
    """Returns the limits: MTL_MAX_QUEUED, MTL_MAX_EPOCHS and MTL_MAX_BATCH, or 200 runs, 300 epochs, 1024
    images.
    """
    asked = {"MTL_MAX_QUEUED": 200, "MTL_MAX_EPOCHS": 300, "MTL_MAX_BATCH": 1024}
    return Limits(*(_number(name, default) for name, default in asked.items()))


def allowed(
    client: str | None = None,
    server: str = "127.0.0.1",
    headers: Mapping[str, str] | None = None,
    token: str = "",
    proved: bool = False,
    guesses: Guesses = _GUESSES,
) -> Permission:
    """Returns whether this visitor may launch.

    client: the visitor's address, None where the server knows none because it is this machine. server: the
    address the server listens on, "" for all. headers: the request's, to notice a proxy and a page that was
    opened under a foreign name. token: what the visitor typed; proved: whether this visitor's token was right
    before, so that other people's wrong guesses do not make this one wait. Where MTL_LAUNCH_TOKEN is set, it is
    asked of everyone. Where it is not, only a visitor on this machine may launch, and only when nothing says that
    the request came through a proxy. MTL_CLASSROOM=1 hides launching from everyone.
    """
    if switched_on(CLASSROOM, unknown=True):
        return Permission(False, "Launching is switched off here (classroom).", hidden=True)
    if secret := os.environ.get(TOKEN, ""):
        return _by_token(token, secret, proved, guesses)
    if _loopback(client, none=True) and _loopback(server) and not _came_from_elsewhere(headers or {}):
        return Permission(True)
    return Permission(
        False,
        f"This server can be reached from elsewhere: launching needs {TOKEN} to be set where it was started.",
    )


def who_may_launch(server: str) -> str:
    """Returns a sentence for the operator: who may launch on a server that listens on this address."""
    if switched_on(CLASSROOM, unknown=True):
        return f"Nobody may launch: {CLASSROOM} is on."
    if os.environ.get(TOKEN, ""):
        return f"Whoever knows the token in {TOKEN} may launch."
    if not _loopback(server):
        return f"Nobody may launch: the server listens beyond this machine and {TOKEN} is not set."
    return (
        f"Everyone on this machine may launch, without a token. Set {TOKEN} before you forward this port: a "
        "forwarder that adds no header cannot be told from a visitor on this machine."
    )


def _by_token(token: str, secret: str, proved: bool, guesses: Guesses) -> Permission:
    if not token:
        return Permission(False, "Launching needs the launch token.", needs_token=True)
    if (proved and same(token, secret)) or guesses.right(token, secret):
        return Permission(True)
    wait = math.ceil(guesses.wait())
    later = f"Too many launch tokens were wrong: the next one is looked at in {wait} seconds."
    return Permission(False, later if wait else "The launch token is not right.", needs_token=True)


def _came_from_elsewhere(headers: Mapping[str, str]) -> bool:
    given = {name.lower(): value for name, value in headers.items()}
    if any(name in _FORWARDED or name.startswith(_FORWARDING) for name in given):
        return True
    host = given.get("host", "localhost").strip()
    name = host[1 : host.find("]")] if host.startswith("[") else host.split(":")[0]
    return not _loopback(name)


def _loopback(address: str | None, none: bool = False) -> bool:
    if address is None:
        return none
    if address.lower() == "localhost":
        return True
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{name} takes a whole number from 1, got {text!r}.")
    return int(text)
