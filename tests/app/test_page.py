"""The page as a script: what a person sees at first, after each preset, and after a bad link."""

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.fields import LOOKS
from app.pages import find_pages
from app.plain_text import JOINER
from app.presets import PRESETS
from app.runs import starts_of
from app.series import QUANTITIES
from app.url_state import encode
from app.view import View
from tests import live_controls
from tests.live_controls import change
from toy_problems import PROBLEMS

PAGES = Path(__file__).parents[2] / "app" / "app_pages"
TIMEOUT = 300  # seconds after which a page counts as stuck, on however busy a machine


def opened(query: dict[str, str] | None = None) -> AppTest:
    """Returns the playground as it is after its first run from an address."""
    page = AppTest.from_file(str(PAGES / "playground.py"), default_timeout=TIMEOUT)
    for key, value in (query or {}).items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def title(page: AppTest) -> str:
    return page.markdown[0].value.removeprefix("## ")


def told(page: AppTest) -> dict:
    """Returns what the stage is told: the recipe of the runs, which the page computes itself."""
    elements = [block.proto.body for block in page.get("html") if "data-stage-slot" in block.proto.body]
    stays, now = (json.loads(html.unescape(re.search(">(.*)</i>", one)[1])) for one in elements)
    return stays | now


def shown(page: AppTest) -> View:
    return page.session_state["view"]


def warnings(page: AppTest) -> list[str]:
    """Returns the notices as a person reads them: without what keeps Markdown from reading them."""
    return [one.value.replace("\\", "").replace(JOINER, "") for one in page.warning]


def labels(page: AppTest) -> set[str]:
    """Returns the labels of everything in the sidebar that can be changed."""
    kinds = ("slider", "select_slider", "selectbox", "number_input", "text_input", "toggle", "button_group")
    return {widget.label for kind in kinds for widget in page.sidebar.get(kind)} | live_controls.names(page)


def test_the_first_screen_is_vanilla_beside_rotograd() -> None:
    page = opened()
    assert title(page) == "RotoGrad finds both optima"
    assert shown(page) == View()
    assert [method["key"] for method in told(page)["methods"]] == ["uniform", "rotograd"]
    assert not page.warning


def test_a_preset_that_rests_on_a_seed_says_how_many_would_do() -> None:
    lucky = "Quick enough, slow enough (lr_rot 0.03)"
    said = [caption.value for caption in opened(encode(PRESETS[lucky].view)).caption]
    assert any("This is seed 6. Of 100 seeds" in text and "RotoGrad 39 (30 to 49" in text for text in said)
    for page in (opened({"problem": "landscape"}), opened({"lr_rot": "0.02"})):
        assert not any("Of 100 seeds" in caption.value for caption in page.caption)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_opens_from_the_list_and_from_its_link(name: str) -> None:
    page = opened()
    page.selectbox(key="w:preset").select(name).run()
    assert not page.exception
    assert not page.warning
    assert title(page) == name
    linked = opened(encode(PRESETS[name].view))
    assert title(linked) == name
    assert told(linked) == told(page)


def test_a_bad_link_gets_one_notice_that_names_everything() -> None:
    page = opened({"lr": "fast", "colour": "red", "lr_rot": "0.2"})
    assert len(page.warning) == 1
    assert "lr takes a number from 1e-06 to 10, got 'fast'" in warnings(page)[0]
    assert "colour is not a field" in warnings(page)[0]
    assert (shown(page)["lr"], shown(page)["lr_rot"]) == (0.003, 0.2)


def test_a_notice_goes_with_the_next_change() -> None:
    page = opened({"lr": "fast"})
    change(page, lr=0.01)
    assert not page.warning
    assert shown(page)["lr"] == 0.01


def test_a_slider_changes_the_run() -> None:
    page = opened()
    before = told(page)
    change(page, lr_rot=0.01)
    assert shown(page)["lr_rot"] == 0.01
    assert told(page) != before
    assert title(page) != "RotoGrad finds both optima"


def test_only_controls_that_act_are_shown() -> None:
    assert {"Rotation learning rate", "Subspace size m"} <= labels(opened())
    without = labels(opened({"methods": "uniform,pcgrad"}))
    assert not {"Rotation learning rate", "Subspace size m", "Rotation decay"} & without
    assert "Rotation learning rate" not in labels(opened({"methods": "uniform,rotograd_scale"}))
    assert "Feature dimension d" not in labels(opened({"problem": "landscape"}))
    assert "Pair of dimensions shown" in labels(opened({"d": "4"}))
    assert "Pair of dimensions shown" not in labels(opened())


def test_every_own_parameter_has_a_control() -> None:
    page = opened({"methods": "cagrad,mgda", "cagrad.c": "0.4"})
    assert live_controls.values(page)["cagrad.c"] == 0.4
    change(page, **{"cagrad.c": 0.7})
    assert shown(page)["cagrad.c"] == 0.7


def test_a_number_is_kept_with_every_digit() -> None:
    page = opened({"lr_rot": "0.0123"})
    assert live_controls.values(page)["lr_rot"] == 0.0123
    change(page, lr_rot=0.0456)
    assert shown(page)["lr_rot"] == live_controls.values(page)["lr_rot"] == 0.0456


@pytest.mark.parametrize(("typed", "got"), [("", "''"), ("99", "99"), ("fast", "'fast'"), (None, "nothing")])
def test_a_typed_number_that_cannot_be_is_refused_and_the_old_one_stays(typed: str | None, got: str) -> None:
    page = change(opened({"lr_rot": "0.0123"}), lr_rot=typed)
    assert warnings(page) == [f"lr_rot takes a number from 0 to 10, got {got}."]
    assert live_controls.values(page)["lr_rot"] == shown(page)["lr_rot"] == 0.0123


def test_all_dimensions_stay_all_when_d_grows() -> None:
    page = change(opened({"d": "4", "m": "2"}), m=-1)
    assert shown(page)["m"] == -1
    change(page, d=6)
    assert (shown(page)["m"], shown(page)["d"]) == (-1, 6)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_change_of_problem_keeps_what_still_fits(problem: str) -> None:
    page = opened({"lr_rot": "0.2", "d": "4"})
    page.selectbox(key="w:problem").select(problem).run()
    assert not page.exception
    assert shown(page).problem == problem
    assert shown(page)["lr_rot"] == 0.2


def test_methods_are_chosen_side_by_side() -> None:
    page = opened()
    page.multiselect(key="w:methods").set_value(["rotograd", "mgda", "cagrad"]).run()
    assert shown(page).methods == ("rotograd", "mgda", "cagrad")
    page.multiselect(key="w:methods").set_value([]).run()
    assert shown(page).methods == ("cagrad",)


def test_a_method_can_be_composed() -> None:
    page = opened()
    page.session_state["compose"] = True
    page.run().selectbox(key="compose_transform").select("rotation")
    page.selectbox(key="compose_rule").select("mgda")
    page.selectbox(key="compose_level").select("features").run()
    page.button(key="compose_add").click().run()
    assert not page.exception
    assert shown(page).methods == ("uniform", "rotograd", "rotation+mgda@features")


def test_typed_starts_run_and_a_slip_is_explained() -> None:
    page = opened({"starts": "1,2;-1,0.5"})
    assert page.text_input(key="w:start_points").value == "1, 2; -1, 0.5"
    page.text_input(key="w:start_points").set_value("0, 1").run()
    assert shown(page)["starts"] == ((0.0, 1.0),)
    page.text_input(key="w:start_points").set_value("900, 1").run()
    assert "from -24 to 24 on avocado, got 900" in warnings(page)[0]
    page.text_input(key="w:start_points").set_value("0, here").run()
    assert "0, here" in warnings(page)[0]
    assert shown(page)["starts"] == ((0.0, 1.0),)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_tab_opens_on_every_problem(look: str, problem: str) -> None:
    page = opened({"look": look, "problem": problem})
    assert not page.warning
    charts = page.get("plotly_chart")
    drawn = look == "curves" or (look == "surface" and PROBLEMS[problem].batch == 1)
    assert len(charts) == drawn


def test_the_link_and_the_python_call_are_offered() -> None:
    page = opened({"look": "share", "lr_rot": "0.2"})
    link, python = (code.value for code in page.code)
    assert "lr_rot=0.2" in link
    assert 'method="rotograd", params={"lr_rot": 0.2}' in python


@pytest.mark.parametrize("name", find_pages())
def test_the_other_pages_open(name: str) -> None:
    page = AppTest.from_file(str(PAGES.parent / "navigation.py"), default_timeout=TIMEOUT).run()
    page.switch_page(f"app_pages/{name}.py").run()
    assert not page.exception
    assert page.markdown


def test_methods_can_be_found_by_words() -> None:
    page = AppTest.from_file(str(PAGES / "methods.py"), default_timeout=TIMEOUT).run()
    page.text_input[0].set_value("uniform linear").run()
    assert any("vanilla" in text.value.lower() for text in page.markdown)
    page.text_input[0].set_value("no method says this").run()
    assert page.info


def test_a_notice_shows_what_the_address_held_as_text() -> None:
    page = opened({"problem": "[click](http://example.org)"})
    assert "[click](http://example.org)" in warnings(page)[0]
    (notice,) = page.warning
    assert "](http" not in notice.value  # no link for Markdown to make


def test_the_slider_of_gradient_noise_changes_the_run() -> None:
    page = opened()
    before = told(page)
    assert live_controls.controls(page)["noise"]["label"] == "Gradient noise"
    assert live_controls.values(page)["noise"] == 0
    change(page, noise=1)
    assert not page.exception
    assert shown(page)["noise"] == 1.0
    assert told(page) != before


@pytest.mark.parametrize("curve", ["rates", "condition"])
def test_the_curves_tab_says_what_it_shows_or_why_it_shows_nothing(curve: str) -> None:
    page = opened({"look": "curves", "curve": curve, "methods": "uniform,graddrop"})
    if curve == "rates":
        assert QUANTITIES[curve].missing in [block.value for block in page.info]
        assert not page.get("plotly_chart")
    else:
        said = [block.value for block in page.caption]
        assert f"{QUANTITIES[curve].note} GradDrop: not known after the rule." in said
        assert page.get("plotly_chart")


@pytest.mark.parametrize("query", [{"seed": "7"}, {"problem": "landscape"}, {"d": "4", "seed": "3"}])
def test_typing_starts_begins_with_those_that_run(query: dict[str, str]) -> None:
    page = opened(query)
    before = starts_of(shown(page).config("rotograd"))
    page.button_group(key="w:start_word").set_value("typed").run()
    assert shown(page)["starts"] == before
    assert starts_of(shown(page).config("rotograd")) == pytest.approx(np.array(before), abs=1e-9)
