"""Preferences on the page: the address, the sliders, the star, and the words of a method that does not listen."""

import json
import zlib

import numpy as np
import pytest

from app.preferences import unheard, zeros
from app.sentences import sentence
from app.stage.pack import Run, pack
from app.url_state import decode, encode
from app.view import View
from tests.app.test_page import labels, opened, shown, warnings
from tests.live_controls import change, controls, values
from toy_problems import PROBLEMS, ToyConfig, run
from toy_problems.problems.landscape import LANDSCAPE


def test_a_link_opens_with_its_preferences_and_gives_them_back() -> None:
    query = {"methods": "uniform,cagrad", "preferences": "0.8,0.2", "v": "2"}
    view, notices = decode(query)
    assert not notices
    assert view["preferences"] == (0.8, 0.2)
    assert view.config("cagrad").preferences == (0.8, 0.2)
    assert encode(view) == query
    assert encode(decode({"preferences": "3,1"})[0]) == {"preferences": "0.75,0.25", "v": "2"}
    assert encode(decode({"preferences": "2,2"})[0]) == {}
    assert View().config("uniform").preferences is None


@pytest.mark.parametrize("text", ["1", "1,2,3", "a,b", "-1,2", "0,0", "nan,1", "", "1e999,1"])
def test_a_link_with_no_preferences_says_so(text: str) -> None:
    view, notices = decode({"preferences": text})
    assert view == View()
    assert len(notices) == 1
    assert notices[0].startswith("preferences takes")
    assert notices[0].endswith("Using the default, 0.5,0.5.")


def test_a_task_left_out_is_for_uniform_alone() -> None:
    assert decode({"methods": "uniform,mgda", "preferences": "1,0"})[0]["preferences"] == (1.0, 0.0)
    view, notices = decode({"methods": "uniform,pcgrad", "preferences": "1,0"})
    assert "preferences" not in view.chosen
    assert "positive numbers" in notices[0]
    uniform = View().having("methods", ("uniform",)).having("preferences", (1.0, 0.0))
    assert "preferences" not in uniform.having("methods", ("pcgrad",)).chosen


def test_old_links_keep_opening() -> None:
    view, notices = decode(
        {"methods": "uniform,cagrad", "uniform.task_weights": "1,3", "cagrad.rescale": "1"}
    )
    assert not notices
    assert "cagrad.rescale" not in view.chosen
    assert view.config("uniform").params["task_weights"] == (1.0, 3.0)
    both = view.having(
        "preferences", (0.8, 0.2)
    )  # the method's own older word for them wins over the shared one
    assert both.config("uniform").preferences is None
    assert both.config("cagrad").preferences == (0.8, 0.2)
    assert decode({"methods": "cagrad", "cagrad.rescale": "1+c"})[0]["cagrad.rescale"] == "1+c"


@pytest.mark.parametrize("typed", ["", "-0.1", "1.1", "nan", "much"])
def test_a_typed_share_is_a_share(typed: str) -> None:
    page = change(opened({"methods": "uniform,cagrad"}), **{"preferences.1": typed})
    (said,) = warnings(page)
    assert said.startswith("preferences takes a number from 0 to 1 for a task, got")
    assert shown(page) == View().having("methods", ("uniform", "cagrad"))


def test_a_task_may_count_nothing_where_every_rule_allows_it() -> None:
    assert zeros(View())  # uniform and RotoGrad, which takes none
    assert not zeros(View().having("methods", ("uniform", "cagrad")))


def test_moved_shares_are_in_the_view_and_in_the_address() -> None:
    page = opened({"methods": "uniform,cagrad"})
    names = PROBLEMS["avocado"].task_names(2)
    assert controls(page)["preferences"]["labels"] == list(names)
    assert set(names) <= labels(page)
    change(page, preferences=[0.8, 0.2])
    assert not page.exception
    assert shown(page)["preferences"] == (0.8, 0.2)
    assert values(page)["preferences"] == [0.8, 0.2]
    assert page.query_params["preferences"] in ("0.8,0.2", ["0.8,0.2"])


def test_a_share_keeps_a_little_where_a_rule_needs_that() -> None:
    assert controls(opened())["preferences"]["least"] == 0.0
    assert controls(opened({"methods": "uniform,cagrad"}))["preferences"]["least"] > 0.0


@pytest.mark.parametrize(("tasks", "key"), [(2, "s"), (3, "balance"), (5, "balance")])
def test_every_number_of_tasks_has_its_balance(tasks: int, key: str) -> None:
    page = opened({"tasks": str(tasks)})
    assert [one for one in controls(page) if one in ("s", "balance")] == [key]
    if key == "s":
        return
    assert (controls(page)[key]["total"], values(page)[key]) == (tasks, [1.0] * tasks)
    moved = [2.0, *[(tasks - 2.0) / (tasks - 1)] * (tasks - 1)]
    change(page, balance=moved)
    assert shown(page)["balance"] == pytest.approx(moved)
    (said,) = warnings(change(page, **{"balance.0": "9"}))
    assert said == f"balance takes a number from 0 to {tasks} for a task, got 9."


def test_where_no_method_listens_there_is_nothing_to_move() -> None:
    assert not set(PROBLEMS["avocado"].task_names(2)) & labels(opened({"methods": "mgda,imtl_g"}))
    assert set(PROBLEMS["avocado"].task_names(2)) <= labels(
        opened({"methods": "mgda", "preferences": "0.8,0.2"})
    )


def test_a_method_that_takes_none_says_so_only_where_some_are_chosen() -> None:
    told = "MGDA takes no preferences: it finds its own weights."
    assert unheard(ToyConfig(method="mgda", preferences=(0.8, 0.2))) == told
    assert unheard(ToyConfig(method="mgda", preferences=(2, 2))) == unheard(ToyConfig(method="mgda")) == ""
    assert unheard(ToyConfig(method="cagrad", preferences=(0.8, 0.2))) == ""


def landscape(method: str, **changes: object) -> ToyConfig:
    return ToyConfig(problem="landscape", method=method, **{**PROBLEMS["landscape"].defaults, **changes})


def header(config: ToyConfig) -> dict:
    """Returns what the stage is told of a run, besides its series."""
    payload = pack([Run("A method", run(config))], PROBLEMS[config.problem])
    content = payload[9:] if payload[8:9] == b"0" else zlib.decompress(payload[9:])
    return json.loads(content[4 : 4 + int.from_bytes(content[:4], "little")])


@pytest.mark.parametrize("p", [None, (0.2, 0.8), (0.8, 0.2)])
@pytest.mark.parametrize("method", ["aligned_mtl", "mgda"])
def test_the_stage_draws_one_star_that_moves_with_the_preferences(
    method: str, p: tuple[float, float] | None
) -> None:
    config = landscape(method, steps=100, s=0.4, preferences=p)
    star, at = header(config)["star"], LANDSCAPE.lowest_point(config.shares, config.scales)
    np.testing.assert_allclose(star["theta"], at)
    losses = [PROBLEMS["landscape"].formula(np, at[None], k, config.scales) for k in range(2)]
    np.testing.assert_allclose(star["objective"], losses)


def test_there_is_no_star_behind_a_network_or_a_turning_view() -> None:
    assert header(ToyConfig(steps=10))["star"] is None
    turning = landscape("rotograd", steps=100, params={"lr_rot": 0.01})
    assert header(turning)["star"] is None


def test_level_curves_are_those_of_the_weighted_sum() -> None:
    curves = [
        header(landscape("mgda", steps=10, preferences=p))["levels"][0]["values"] for p in (None, (0.8, 0.2))
    ]
    assert curves[0] != curves[1]


def test_the_sentence_measures_from_the_star() -> None:
    wished = landscape("aligned_mtl", steps=150_000, record_every=500, preferences=(0.8, 0.2))
    assert (
        sentence(run(wished))
        == "All 5 starts reach the Pareto front, all of them near the best weighted loss."
    )
    plain = landscape("aligned_mtl", steps=35_000, record_every=100)
    assert sentence(run(plain)) == "All 5 starts reach the Pareto front, all of them near the best mean loss."


def test_the_page_takes_as_many_steps_on_the_landscape_as_its_star_needs() -> None:
    view, notices = decode({"problem": "landscape", "methods": "cagrad", "steps": "150000"})
    assert not notices
    assert view["steps"] == 150_000
    assert "150,000" in view.fields["steps"].param.help
    assert "150,000" not in View().fields["steps"].param.help
