"""Who may launch, and how much."""

import hmac
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass

TOKEN, CLASSROOM = "MTL_LAUNCH_TOKEN", "MTL_CLASSROOM"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "x-forwarded-host", "cf-connecting-ip")


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
) -> Permission:
    """Returns whether this visitor may launch.

    client: the visitor's address, None where the server knows none because it is this machine. server: the
    address the server listens on, "" for all. headers: the request's, to notice a proxy and a page that was
    opened under a foreign name. token: what the visitor typed. From this machine to a server that only this
    machine reaches nothing more is asked; anything else needs the token in MTL_LAUNCH_TOKEN. MTL_CLASSROOM=1
    hides launching from everyone.
    """
    if os.environ.get(CLASSROOM, "").lower() in ("1", "true", "yes"):
        return Permission(False, "Launching is switched off here (classroom).", hidden=True)
    if _loopback(client, none=True) and _loopback(server) and not _came_from_elsewhere(headers or {}):
        return Permission(True)
    secret = os.environ.get(TOKEN, "")
    if not secret:
        return Permission(
            False,
            f"This server can be reached from elsewhere: launching needs {TOKEN} to be set where "
            "it was started.",
        )
    if hmac.compare_digest(token.encode(), secret.encode()):
        return Permission(True)
    return Permission(
        False,
        "The launch token is not right." if token else "Launching needs the launch token.",
        needs_token=True,
    )


def _came_from_elsewhere(headers: Mapping[str, str]) -> bool:
    given = {name.lower(): value for name, value in headers.items()}
    if any(name in given for name in _FORWARDED):
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
