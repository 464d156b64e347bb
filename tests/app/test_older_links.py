"""Links from before a change of what seeds draw: the same settings, and a quiet word where something is drawn."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from app.older_links import told, what_is_drawn
from app.presets import PRESETS
from app.url_state import decode, encode
from app.view import View
from tests.app.test_page import opened
from toy_problems import DRAWS, PROBLEMS, run

SAID = "An older link: its settings are the same, but seed 3 draws"
POINTS = {"problem": "landscape", "methods": "uniform,mgda"}
# The query of a link without a version, and what it says of it.
LINKS = (
    ({"seed": "3"}, f"{SAID} another network today."),
    ({"problem": "opposite", "starts": "spread", "seed": "3"}, f"{SAID} another network today."),
    (POINTS | {"seed": "3", "starts": "random"}, f"{SAID} another start today."),
    (POINTS | {"seed": "3", "noise": "0.5"}, f"{SAID} other random numbers today."),
    ({"problem": "landscape", "methods": "rlw", "seed": "3"}, f"{SAID} other random numbers today."),
    ({"problem": "landscape", "methods": "mgda,rotograd", "rot_init": "haar", "seed": "3"},
     f"{SAID} other random numbers today."),
    (POINTS | {"seed": "3"}, ""),
    ({"problem": "landscape", "methods": "pcgrad", "seed": "3"}, ""),  # two tasks have one order
    ({}, ""),
)  # fmt: skip


@pytest.mark.parametrize(("query", "wanted"), LINKS)
def test_what_is_told_of_a_link_without_a_version(query: Mapping[str, str], wanted: str) -> None:
    view, notices = decode(query)
    assert notices == ()
    assert told(query, view) == wanted
    assert told(query | {"v": "1"}, view) == (wanted if query else told({"v": "1"}, view))
    assert told(query | {"v": str(DRAWS)}, view) == ""
    assert told(encode(view), view) == ""


@pytest.mark.parametrize("query", [query for query, _ in LINKS])
def test_something_is_drawn_where_another_seed_gives_another_run(query: Mapping[str, str]) -> None:
    view, _ = decode(query)
    configs = [replace(view.config(key), steps=5) for key in view.methods]
    moves = any(not np.array_equal(run(c).z, run(replace(c, seed=c.seed + 1)).z) for c in configs)
    assert moves is bool(what_is_drawn(view))


@pytest.mark.parametrize("title", PRESETS)
def test_every_link_carries_the_version_of_its_draws_and_opens_the_same_without(title: str) -> None:
    view = PRESETS[title].view
    query = encode(view)
    assert query.pop("v", str(DRAWS) if view == View() else "") == str(DRAWS)
    assert decode(query) == (view, ())


def test_the_bare_address_has_no_version() -> None:
    assert encode(View()) == {}
    assert decode({"v": str(DRAWS)}) == (View(), ())


@pytest.mark.parametrize("version", [str(DRAWS + 1), "0", "two", ""])
def test_a_version_that_this_page_does_not_know_is_named(version: str) -> None:
    view, notices = decode({"seed": "3", "v": version})
    assert view["seed"] == 3
    (notice,) = notices
    assert notice.startswith("v takes")
    assert notice.endswith(f"Seeds draw what they draw here, version {DRAWS}.")
    assert told({"seed": "3", "v": version}, view) == ""


def test_the_page_says_it_quietly_until_something_changes() -> None:
    page = opened({"seed": "3"})
    assert [caption.value for caption in page.caption].count(f"{SAID} another network today.") == 1
    assert not page.warning
    page.run()
    assert any(SAID in caption.value for caption in page.caption)
    page.selectbox(key="w:problem").select("landscape").run()
    assert not any(SAID in caption.value for caption in page.caption)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_todays_links_say_nothing(problem: str) -> None:
    page = opened(encode(View().having("problem", problem).having("seed", 3)))
    assert not any("older link" in caption.value for caption in page.caption)
