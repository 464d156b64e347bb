"""The controls on a Streamlit page: mounts them, tells them what holds, and hands on what a person changed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import streamlit as st

from app import frontend
from app.echoes import heed
from app.live.specs import Spec

_mount = st.components.v2.component("gradient_balancing_controls", js=frontend.loader("controls"))


@dataclass(frozen=True)
class Change:
    """What a person changed: fields' new values in the order of the changes, unchecked.

    id: new each time. has: the digest of the groups that the page holds, which need not be sent again.
    """

    id: str
    values: Mapping[str, Any]
    has: str = ""


NONE = Change("", {})


def live_controls(
    groups: Sequence[Spec],
    values: Mapping[str, Any],
    slot: str,
    key: str,
    on_change: Callable[[Mapping[str, Any]], None],
) -> None:
    """Draws the groups of controls, showing `values`.

    While a person moves one, the stage of this `slot` hears it in the page. When they let go, `on_change` is called
    with the changed fields' values, unchecked and in the order of the changes, before the script runs again.
    """
    last: Change = st.session_state.get(last_key(key), NONE)
    digest = f"{crc32(json.dumps(groups).encode()):08x}"
    data: dict[str, Any] = {"slot": slot, "heard": last.id, "digest": digest, "values": dict(values)}
    if digest != last.has:
        data["groups"] = list(groups)
    heed(key, "change")
    _mount(key=key, data=data, on_change_change=lambda: take_change(key, on_change))


def read_change(sent: Any) -> Change | None:
    """Returns what the browser sent as a change, None where it is not one: a browser can send anything."""
    if not isinstance(sent, Mapping) or not isinstance(sent.get("values"), Mapping):
        return None
    values = {str(name): value for name, value in sent["values"].items()}
    return Change(str(sent.get("id", "")), values, str(sent.get("has", "")))


def last_key(key: str) -> str:
    """Returns where the session keeps the last change of a part of the page."""
    return f"{key}/last change"


def take_change(key: str, on_change: Callable[[Mapping[str, Any]], None]) -> None:
    """Hands on what changed, and remembers its id: the controls keep what they changed after it."""
    change = read_change(st.session_state.get(key, {}).get("change"))
    if change is not None:
        st.session_state[last_key(key)] = change
        on_change(change.values)
