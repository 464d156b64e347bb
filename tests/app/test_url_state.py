"""The query string and the view say the same: what is written reads back, what is garbage is named."""

import math
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.controls import START_WORDS
from app.field_kinds import StartsField
from app.fields import LOOKS
from app.offered import offered
from app.url_state import decode, encode
from app.view import MAX_METHODS, View
from mtlcore import FieldError
from mtlcore.registry import METHODS
from tests.parameter_values import values
from toy_problems import PROBLEMS, ToyConfig


@st.composite
def views(draw: st.DrawFn) -> View:
    problem = draw(st.sampled_from(list(PROBLEMS)))
    some = st.lists(st.sampled_from(offered(problem)), min_size=1, max_size=MAX_METHODS, unique=True)
    view = View().having("problem", problem).having("methods", tuple(draw(some)))
    view = view.having("d", draw(st.sampled_from(PROBLEMS[problem].dims)))
    for key in draw(st.lists(st.sampled_from(list(view.fields)), unique=True)):
        if key not in view.fields:  # more tasks have no s
            continue
        entry = view.fields[key]
        if isinstance(entry, StartsField):
            coordinate = st.floats(-15, 15)
            points = st.lists(st.tuples(*[coordinate] * view["d"]), min_size=1, max_size=3)
            view = view.having(key, draw(st.one_of(points, st.sampled_from(entry.param.choices))))
        elif key != "d":
            numbers = values(entry.param)
            if entry.param.kind == "vector":  # as many as the problems have tasks, and not all of them 0
                numbers = st.tuples(*[st.floats(0.0, 1e6)] * 2).filter(any)
            view = view.having(key, draw(numbers))
    return view


@given(views())
def test_what_is_written_reads_back(view: View) -> None:
    query = dict(parse_qsl(urlencode(encode(view)), keep_blank_values=True))
    again, notices = decode(query)
    assert notices == ()
    assert again == view


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_field_reads_what_it_writes(problem: str) -> None:
    for method in offered(problem):
        view = View().having("problem", problem).having("methods", (method,))
        for entry in view.fields.values():
            assert entry.parse(entry.format(entry.default)) == entry.default
            with pytest.raises(FieldError, match=f"^{entry.key} takes ") as caught:
                entry.parse("1,,x;")
            assert (caught.value.owner, caught.value.field) == ("", entry.key)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_old_links_to_a_problems_own_starts_open_them_without_a_word(problem: str) -> None:
    own = PROBLEMS[problem].starts_name
    view, notices = decode({"problem": problem, "starts": "paper"})
    assert (notices, view["starts"]) == ((), own)
    assert view == View().having("problem", problem).having("starts", own)
    assert own in START_WORDS
    assert ("Paper" in START_WORDS[own]) == (problem == "landscape")


def test_gradient_noise_is_in_the_address() -> None:
    view, notices = decode({"noise": "0.3"})
    assert notices == ()
    assert [view.config(key).noise for key in view.methods] == [0.3, 0.3]
    assert encode(view) == {"noise": "0.3", "v": "2"}
    assert "noise" not in encode(view.having("noise", 0))


@given(views())
def test_what_is_written_is_only_what_differs(view: View) -> None:
    query = encode(view)
    assert set(query) - {"problem", "methods", "v"} == set(view.chosen)
    assert encode(View()) == {}


@given(st.dictionaries(st.text(), st.text(), max_size=6))
def test_no_query_breaks_the_page(query: dict[str, str]) -> None:
    view, notices = decode(query)
    assert len(notices) >= 0
    for key in view.methods:
        assert isinstance(view.config(key), ToyConfig)


@given(st.sampled_from([*View().fields, "problem", "methods", "cagrad.c", "d"]), st.text())
def test_no_value_of_a_known_key_breaks_the_page(key: str, text: str) -> None:
    view, _ = decode({"methods": "rotograd,cagrad", key: text})
    for method in view.methods:
        assert isinstance(view.config(method), ToyConfig)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"lr": "fast"}, ["lr", "'fast'", "1e-06", "10", "0.003"]),
        ({"lr": "nan"}, ["lr", "nan"]),
        ({"lr": "1e9"}, ["lr", "1000000000.0"]),
        ({"steps": "12.5"}, ["steps", "whole number", "12.5"]),
        ({"steps": "999999"}, ["steps", "999999", "5000"]),
        ({"optimizer": "lion"}, ["optimizer", "sgd, adam", "'lion'"]),
        ({"problem": "banana"}, ["problem", "avocado, nonconvex, landscape, opposite", "'banana'"]),
        ({"methods": "magic"}, ["methods", "'magic'", "rotograd"]),
        ({"methods": "rotation+magic"}, ["rule", "'magic'"]),
        ({"methods": "uniform,uniform"}, ["methods", "1 to 8 different", "'uniform,uniform'"]),
        ({"methods": "uniform,mgda,pcgrad,cagrad,rotograd,rlw,imtl_g,nash_mtl,graddrop"}, ["methods", "1 to 8"]),
        ({"methods": ""}, ["methods"]),
        ({"colour": "red"}, ["colour", "not a field"]),
        ({"cagrad.c": "0.3"}, ["cagrad.c", "not among the methods shown"]),
        ({"methods": "cagrad", "cagrad.q": "0.3"}, ["cagrad", "'q'", "c"]),
        ({"m": "5"}, ["m", "-1 to 2", "5"]),
        ({"d": "3"}, ["d", "3"]),
        ({"problem": "landscape", "d": "4"}, ["d", "4"]),
        ({"pair": "2"}, ["pair", "2"]),
        ({"starts": "1,2;3"}, ["starts", "1.0, 2.0"]),
        ({"starts": "1,x"}, ["starts", "'1,x'"]),
        ({"starts": "nan,1"}, ["starts", "nan"]),
        ({"starts": "1,999"}, ["starts", "-18 to 18", "999"]),
        ({"starts": ";".join(["1,2"] * 9)}, ["starts", "1 to 8"]),
        ({"methods": "uniform", "uniform.task_weights": "1,2,3"}, ["task_weights", "3"]),
        ({"lr": ["1", "2"]}, ["lr", "2 times"]),
    ],
)  # fmt: skip
def test_garbage_gives_the_default_and_is_named(query: dict[str, str], named: list[str]) -> None:
    view, notices = decode(query)
    assert len(notices) == 1
    for word in named:
        assert word in notices[0]
    for key in set(query) & set(view.fields):
        assert key not in view.chosen


def test_one_bad_field_leaves_the_others() -> None:
    view, notices = decode({"lr": "fast", "lr_rot": "0.2", "methods": "rotograd,cagrad", "cagrad.c": "0.4"})
    assert len(notices) == 1
    assert view.methods == ("rotograd", "cagrad")
    assert (view["lr_rot"], view["cagrad.c"], view["lr"]) == (0.2, 0.4, 0.003)


def test_shared_and_own_parameters_reach_their_runs() -> None:
    view, _ = decode(
        {"methods": "rotograd,cagrad", "cagrad.c": "0.4", "lr_rot": "0.2", "m": "1", "seed": "7"}
    )
    rotograd, cagrad = map(view.config, view.methods)
    assert (rotograd.params["lr_rot"], rotograd.params["m"], rotograd.seed) == (0.2, 1, 7)
    assert (cagrad.params["c"], cagrad.seed) == (0.4, 7)
    assert "lr_rot" not in cagrad.params


def test_a_single_runs_configuration_is_a_query_too() -> None:
    view, notices = decode({"problem": "landscape", "method": "mgda", "steps": "100", "record_every": "2"})
    assert (notices, view.methods) == ((), ("mgda",))
    assert view.config("mgda").record_every == 2


def test_a_plus_typed_into_the_address_bar_is_a_plus() -> None:
    view, notices = decode({"methods": "rotation mgda@features"})
    assert (notices, view.methods) == ((), ("rotation+mgda@features",))


def test_two_coordinates_are_repeated_over_the_pairs() -> None:
    view, notices = decode({"starts": "1,-2", "d": "4"})
    assert (notices, view["starts"]) == ((), ((1.0, -2.0, 1.0, -2.0),))


def test_a_new_problem_brings_its_own_settings_and_keeps_the_methods_ones() -> None:
    view = View().having("lr", 0.1).having("lr_rot", 0.5).having("d", 4).having("problem", "landscape")
    assert (view["lr"], view["steps"], view["d"], view["lr_rot"]) == (0.001, 35_000, 2, 0.5)


def test_fewer_dimensions_drop_what_no_longer_fits() -> None:
    view = (
        View().having("d", 8).having("m", 6).having("pair", 4).having("starts", [(1.0,) * 8]).having("d", 4)
    )
    assert (view["m"], view["pair"], view["starts"]) == (-1, 1, "random")


@pytest.mark.parametrize("look", LOOKS)
def test_looking_elsewhere_is_the_same_picture(look: str) -> None:
    assert View().having("look", look).picture == View()


@pytest.mark.parametrize("problem", list(PROBLEMS))
def test_a_run_keeps_about_four_hundred_records(problem: str) -> None:
    view = View().having("problem", problem)
    for steps in (1, 399, 400, 801, 5_000):
        config = view.having("steps", steps).config("uniform")
        assert math.ceil(steps / config.record_every) <= 800


def test_every_named_method_is_offered_somewhere() -> None:
    assert set().union(*map(offered, PROBLEMS)) >= {key for key in METHODS if key != "adversarial"}


def test_how_one_looks_at_the_runs_is_in_the_link_and_changes_no_picture() -> None:
    view = View()
    looked = view
    for key, value in (("start", 3), ("step", 100), ("speed", "0.5"), ("swept", True), ("look", "sweep")):
        looked = looked.having(key, value)
    query = encode(looked)
    assert query == {
        "look": "sweep", "swept": "true", "start": "3", "step": "100", "speed": "0.5", "v": "2",
    }  # fmt: skip
    assert decode(query) == (looked, ())
    assert looked.picture == view


def test_a_step_beyond_the_run_is_forgotten_and_so_is_a_sweep_of_other_settings() -> None:
    paused = View().having("step", 300).having("swept", True)
    assert paused.having("steps", 200)["step"] == -1
    assert paused.having("steps", 350)["step"] == 300
    assert paused.having("problem", "nonconvex")["step"] == -1
    for key, value in (
        ("lr", 0.01),
        ("of", 1),
        ("seeds", 10),
        ("methods", ("rotograd",)),
        ("problem", "nonconvex"),
    ):
        assert not paused.having(key, value)["swept"]
    for key, value in (("step", 4), ("start", 2), ("speed", "2"), ("look", "curves"), ("curve", "losses")):
        assert paused.having(key, value)["swept"]
