"""Controls in the page derive from the fields, and what they change is checked by the fields, whoever sends it."""

import json
import math
from typing import Any

import pytest

from app.live.component import read_change
from app.live.layout import groups, values
from app.live.sizes import sizes
from app.offered import offered
from app.presets import PRESETS
from app.view import MAX_METHODS, View
from tests.app.test_page import opened, shown, warnings
from tests.live_controls import change, controls, send, told
from toy_problems import PROBLEMS

METHODS = {problem: offered(problem) for problem in PROBLEMS}
VIEWS = [preset.view for preset in PRESETS.values()] + [
    View().having("problem", problem).having("tasks", tasks).having("methods", METHODS[problem][i : i + MAX_METHODS])
    for problem in PROBLEMS
    for tasks in PROBLEMS[problem].task_counts
    for i in range(0, len(METHODS[problem]), MAX_METHODS)
]  # fmt: skip
NOT_A_RUN_S = {
    "look",
    "curve",
    "of",
    "across",
    "up",
    "seeds",
    "swept",
    "start",
    "step",
    "speed",
    "record_every",
}
CHOSEN_ELSEWHERE = {"starts", "tasks"}


def drawn(view: View) -> dict[str, dict[str, Any]]:
    return {one["key"]: one for group in groups(view) for one in group["controls"]}


@pytest.mark.parametrize(
    "view", VIEWS, ids=lambda view: f"{view.problem}-{view['tasks']}-{'-'.join(view.methods)}"
)
def test_every_number_that_acts_has_one_control_with_its_range(view: View) -> None:
    told = drawn(view)
    assert len(told) == sum(len(group["controls"]) for group in groups(view))
    own = {key for key in view.fields if "." in key and not key.endswith(".task_weights")}
    assert own | {"lr", "steps", "noise", "seed", "optimizer"} <= set(told)
    assert not set(told) & (NOT_A_RUN_S | CHOSEN_ELSEWHERE)
    assert json.loads(json.dumps(groups(view), allow_nan=False)) == groups(view)
    for key, one in told.items():
        param = view.fields[key].param
        assert one["kind"] == ("shares" if key in ("preferences", "balance") else param.kind)
        assert (one["label"], one.get("help", "")) == (param.label, param.help)
        if "low" in one:
            assert (one["low"], one["high"]) == (param.low, param.high)
            assert (one.get("step", 0) > 0) != (one.get("scale") == "log")
            assert one.get("first", 1.0) > 0.0
        if one["kind"] == "choice":
            assert one["choices"] == list(param.choices)


@pytest.mark.parametrize(
    "view", VIEWS, ids=lambda view: f"{view.problem}-{view['tasks']}-{'-'.join(view.methods)}"
)
def test_what_is_shown_is_what_runs_and_is_taken_back(view: View) -> None:
    shown = values(view, groups(view))
    assert set(drawn(view)) <= set(shown)
    for key, value in shown.items():
        entry = view.fields[key]
        taken = entry.parse(value) if isinstance(value, str) else entry.check(value)
        assert taken == pytest.approx(view[key], rel=1e-15) if isinstance(value, list) else taken == view[key]


@pytest.mark.parametrize(
    "method", ["rotograd", "rotation_blocks+cagrad@features", "rotation_task+uniform@features"]
)
def test_sizes_take_what_the_view_takes_and_fall_back_as_it_does(method: str) -> None:
    told = sizes("avocado", (method,), 2)
    start = View().having("methods", (method,))
    for key, one in told.items():
        for name, taken in one["takes"].items():
            view = start
            for by, value in zip(one["by"], map(int, name.split(",")), strict=True):
                view = view.having(by, value)
                assert view[by] == value
            low, high = int(view.fields[key].param.low), int(view.fields[key].param.high)
            for value in range(low, high + 1):
                tried = view.having(key, value)
                whole = one.get("whole") == -1 and value == view["d"]  # which -1 stands for
                assert (tried[key] == value) == (value in taken or value == view.fields[key].default or whole)
            assert all(view.having(key, value)[key] == value for value in taken)
    assert told["m"]["whole"] == -1


def test_one_change_of_several_fields_is_taken_in_its_order() -> None:
    page = change(opened({"d": "4"}), d=8, m=6, lr=0.01)
    assert (shown(page)["d"], shown(page)["m"], shown(page)["lr"]) == (8, 6, 0.01)
    assert not page.warning


def test_the_page_is_told_which_change_was_heard_last() -> None:
    page = opened()
    assert told(page)["heard"] == ""
    send(page, {"id": "mine-7", "values": {"lr": 0.01}})
    assert told(page)["heard"] == "mine-7"
    page.selectbox(key="w:problem").select("nonconvex").run()
    assert told(page)["heard"] == "mine-7"


def test_a_refused_value_is_heard_too() -> None:
    page = send(opened(), {"id": "mine-1", "values": {"lr": 99}})
    assert told(page)["heard"] == "mine-1"
    assert told(page)["values"]["lr"] == 0.003
    assert warnings(page) == ["lr takes a number from 1e-06 to 10, got 99."]


def test_groups_that_the_page_has_are_not_sent_again() -> None:
    page = opened()
    digest = told(page)["digest"]
    send(page, {"id": "mine-1", "values": {"lr": 0.01}, "has": digest})
    assert "groups" not in told(page)
    assert len(json.dumps(told(page))) < 700
    page.selectbox(key="w:problem").select("landscape").run()
    assert told(page)["digest"] != digest
    assert controls(page)


@pytest.mark.parametrize(
    "sent",
    [None, 3, "lr", [], {}, {"values": 3}, {"values": [1]}, {"id": 3, "values": {"": 1, "no": 2, "x.y": 1, "lr.0": 1}}]
    + [{"values": {"lr": value}} for value in (None, [], {}, [1], {"a": 1}, True, "", "1e999", "x" * 1000)]
    + [{"values": {"preferences": value}} for value in (None, 0, [], [1], [1, 2, 3], [0, 0], ["a", 1], {}, [[1], 1])]
    + [{"values": {"preferences.0": value}} for value in (None, [], {}, 3)]
    + [{"values": {"optimizer": value}} for value in (None, 1, [], "none")]
    + [{"values": {"d": value}} for value in (3, 1e9, 4.5, "three")],
)  # fmt: skip
def test_a_browser_can_send_anything(sent: Any) -> None:
    page = send(opened(), sent)
    assert not page.exception
    assert shown(page) == View()
    assert all(" takes " in text for text in warnings(page))


def test_what_is_no_change_is_not_read() -> None:
    assert read_change({"id": 1, "values": {"lr": math.pi}}).values == {"lr": math.pi}
    assert read_change({"id": 1}) is read_change([]) is read_change(None) is None
