"""Sizes that depend on each other, as the blocks of a rotation do: what is offered, refused, let go."""

import pytest
from test_page import opened, shown, warnings

from app.sweep_tab import sweep_values
from app.url_state import decode
from app.view import View

METHOD = "rotation_blocks+rotograd_scale@features"
VIEW = View().having("methods", (METHOD,)).having("d", 6)


def test_the_subspace_is_chosen_in_whole_blocks() -> None:
    page = opened({"methods": METHOD, "d": "6", "block": "3"})
    (subspace,) = (one for one in page.sidebar.slider if one.label == "Subspace size m")
    assert (subspace.min, subspace.max, subspace.step) == (0, 6, 3)
    page = subspace.set_value(3).run()
    assert not page.exception
    assert shown(page)["m"] == 3
    (subspace,) = (
        one
        for one in opened({"methods": "rotograd", "d": "6"}).sidebar.slider
        if one.label == "Subspace size m"
    )
    assert subspace.step == 1


@pytest.mark.parametrize("exact", [False, True])
def test_a_block_that_does_not_divide_is_refused_and_the_old_one_stays(exact: bool) -> None:
    page = opened({"methods": METHOD, "d": "6", "block": "3"})
    if exact:
        page = page.toggle(key="exact").set_value(True).run()
    boxes = page.sidebar.number_input if exact else page.sidebar.slider
    (block,) = (one for one in boxes if one.label == "Block size b")
    page = block.set_value(4).run()
    assert not page.exception
    assert shown(page)["block"] == 3
    assert "block takes a divisor of the 6 dimensions that rotate, got 4." in " ".join(
        [*warnings(page), *(one.value for one in page.toast), *(one.value for one in page.error)]
    )


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
