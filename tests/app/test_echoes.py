"""A change of the page's own controls is not undone by what another widget showed before it."""

from app.presets import PRESETS
from tests.app.test_page import opened, shown
from tests.live_controls import change

FIRST, SECOND = list(PRESETS)[:2]


def test_a_second_change_before_the_first_was_shown_keeps_the_first() -> None:
    page = opened()
    change(page, lr_rot=0.0123)
    assert page.selectbox(key="w:preset").value not in PRESETS
    page.selectbox(key="w:preset").set_value(FIRST)  # what the browser still shows, in the same request
    change(page, seed=7)
    assert (shown(page)["lr_rot"], shown(page)["seed"]) == (0.0123, 7)


def test_a_preset_is_chosen_back_by_hand_at_once() -> None:
    page = opened()
    change(page, lr_rot=0.0123)
    page.selectbox(key="w:preset").set_value(FIRST).run()
    assert shown(page).picture == PRESETS[FIRST].view.picture


def test_another_choice_in_the_same_request_is_one() -> None:
    page = opened()
    change(page, lr_rot=0.0123)
    page.selectbox(key="w:preset").set_value(SECOND)
    change(page, seed=7)
    assert shown(page).problem == PRESETS[SECOND].view.problem
    assert shown(page)["lr_rot"] != 0.0123
