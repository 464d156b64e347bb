"""The controls that are drawn in the page, for tests without a browser: what they are told, and a person's change."""

import json
from itertools import count
from typing import Any

from streamlit.testing.v1 import AppTest

from tools.streamlit_client import triggered

_CHANGES = count(1)


def told(page: AppTest) -> dict[str, Any]:
    """Returns everything that the controls were told."""
    return json.loads(_proto(page).json)


def controls(page: AppTest) -> dict[str, dict[str, Any]]:
    """Returns what each control was told of its field, by key."""
    return {one["key"]: one for group in told(page)["groups"] for one in group["controls"]}


def values(page: AppTest) -> dict[str, Any]:
    """Returns what the controls show, by key."""
    return told(page)["values"]


def names(page: AppTest) -> set[str]:
    """Returns what the controls are called, one of several sliders by its own name."""
    return {name for one in controls(page).values() for name in one.get("labels", [one["label"]])}


def change(page: AppTest, **changed: Any) -> AppTest:
    """Changes fields as a hand in the page does that lets go; returns the page after its script has run."""
    return send(page, {"id": f"hand-{next(_CHANGES)}", "values": changed})


def send(page: AppTest, value: Any) -> AppTest:
    """Sends what a browser might send as a change."""
    states = page._tree.get_widget_states()
    states.widgets.append(triggered(_proto(page).id, "change", value))
    return page._run(states)


def _proto(page: AppTest) -> Any:
    protos = (one.proto for one in page.get("bidi_component"))
    (found,) = (proto for proto in protos if proto.component_name == "gradient_balancing_controls")
    return found
