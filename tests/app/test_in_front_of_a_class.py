"""A view shown in front of a class: a word in its address, which goes from preset to preset and changes no run."""

import asyncio
from typing import Any

import pytest

from app import controls
from app.older_links import told
from app.presets import PRESETS
from app.styled import Styled
from app.url_state import decode, encode
from app.view import View

PAGE = b'<!doctype html><html lang="en"><head></head><body></body></html>'
TITLES = list(PRESETS)


def test_the_address_says_it_and_nothing_else_changes() -> None:
    view, notices = decode({"present": "1"})
    assert view["present"] == 1
    assert notices == ()
    assert encode(view)["present"] == "1"
    assert view.picture == View().picture
    assert view.config("rotograd") == View().config("rotograd")


@pytest.mark.parametrize("text", ["2", "yes", ""])
def test_what_is_no_such_word_is_said(text: str) -> None:
    view, (notice,) = decode({"present": text})
    assert view["present"] == 0
    assert "present" in notice


def test_a_hand_written_address_is_no_older_link() -> None:
    assert told({"present": "1"}, View()) == ""
    assert told({"present": "1", "lr": "0.01"}, View()) != ""


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[View]:
    """Returns the views chosen one after another, the last one shown."""
    views = [View()]
    monkeypatch.setattr(controls.session, "view", lambda: views[-1])
    monkeypatch.setattr(controls.session, "choose", views.append)
    return views


def test_presets_are_turned_like_pages_and_stay_in_front_of_the_class(chosen: list[View]) -> None:
    chosen.append(View().having("present", 1))
    for by in (1, 1, -1, -1, -1, 1):
        controls.turn_preset(by)
    shown = [1, 2, 1, 0, len(TITLES) - 1, 0]
    assert [view.picture for view in chosen[2:]] == [PRESETS[TITLES[at]].view.picture for at in shown]
    assert all(view["present"] == 1 for view in chosen[2:])


def test_of_a_view_of_ones_own_the_first_preset_is_next_and_the_last_before(chosen: list[View]) -> None:
    for by, at in ((1, 0), (-1, -1)):
        chosen.append(View().having("lr", 0.0123))
        controls.turn_preset(by)
        assert chosen[-1].picture == PRESETS[TITLES[at]].view.picture


def page_at(path: str, query: str) -> bytes:
    """Returns the page that a browser is sent for an address."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        kind = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": kind})
        await send({"type": "http.response.body", "body": PAGE})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "path": path, "query_string": query.encode(), "headers": [(b"accept", b"text/html")],
    }  # fmt: skip
    asyncio.run(Styled(app)(scope, None, send))  # type: ignore[arg-type]  # nothing is received
    return sent[-1]["body"]


def test_the_first_page_knows_it_before_any_script_has_run() -> None:
    assert b"<html data-presenting " in page_at("/", "present=1")
    assert b"<html data-presenting " in page_at("/", "embed=true&present=1")
    for path, query in (("/", ""), ("/", "present=0"), ("/lab", "present=1")):
        assert b"<html data-presenting" not in page_at(path, query)
