"""Sizes that depend on each other, as the blocks of a rotation do: what is offered, refused, let go."""

import pytest

from app.sweep_tab import sweep_values
from app.url_state import decode
from app.view import View
from tests.app.test_page import opened, shown, warnings
from tests.live_controls import change, controls

METHOD = "rotation_blocks+rotograd_scale@features"
VIEW = View().having("methods", (METHOD,)).having("d", 6)


def test_the_subspace_is_chosen_in_whole_blocks() -> None:
    page = opened({"methods": METHOD, "d": "6", "block": "3"})
    subspace = controls(page)["m"]
    assert subspace["by"] == ["d", "block"]
    assert subspace["takes"]["6,3"] == [0, 3, subspace["whole"]]
    page = change(page, m=3)
    assert not page.exception
    assert shown(page)["m"] == 3
    assert controls(opened({"methods": "rotograd", "d": "6"}))["m"]["takes"]["6"] == [0, 1, 2, 3, 4, 5, -1]


@pytest.mark.parametrize("typed", [4, "4"])
def test_a_block_that_does_not_divide_is_refused_and_the_old_one_stays(typed: int | str) -> None:
    page = opened({"methods": METHOD, "d": "6", "block": "3"})
    assert controls(page)["block"]["takes"]["6"] == [1, 2, 3, 6]
    page = change(page, block=typed)
    assert not page.exception
    assert shown(page)["block"] == 3
    assert warnings(page) == ["block takes a divisor of the 6 dimensions that rotate, got 4."]


def test_a_sweep_tries_what_suits() -> None:
    assert sweep_values(VIEW, "m") == (0, 2, 4, 6)
    assert sweep_values(VIEW, "block") == (1, 2, 3, 6)


def test_fewer_dimensions_let_go_of_a_block_that_no_longer_fits() -> None:
    assert VIEW.having("block", 3).having("d", 4).config(METHOD).params["block"] == 2
    assert VIEW.having("block", 3).having("m", 3).having("d", 4)["m"] == 3  # one block of four dimensions
    assert VIEW.having("m", 4).having("block", 3)["m"] == -1


def test_a_link_with_a_block_that_does_not_divide_says_so() -> None:
    view, notices = decode({"methods": METHOD, "d": "6", "block": "4"})
    assert any("divisor of the 6 dimensions" in notice for notice in notices)
    assert view.config(view.methods[0])
