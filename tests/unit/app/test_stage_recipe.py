"""What the page is told of a view's runs is little, complete, and the same for the same view."""

import json
import re

import numpy as np
import pytest

from app.live_words import live_words
from app.passages import LOSSES, passages
from app.presets import PRESETS
from app.runs import trajectory
from app.stage.component import recipe_elements
from app.stage.facts import all_facts, facts, facts_name, written
from app.stage.pack import Run
from app.stage.recipe import fits, kernel_names, parts, recipe, shaping
from app.view import LOOKING, View
from toy_problems import PROBLEMS, ToyConfig, run
from toy_problems.trajectory import Outcome

MOST, MOST_NOW = 5000, 1500  # bytes of a recipe, and of what a change sends of it
TWO_STARTS = ((0.5, -2.0), (-1.0, 2.0))


def told(view: View) -> dict:
    """Returns a view's recipe with its real words."""
    rows = [(key, trajectory(view.config(key))) for key in view.methods]
    return recipe(view, [Run(key, t, passages(t), live_words(t)) for key, t in rows])


@pytest.mark.parametrize("title", PRESETS)
def test_a_change_sends_little(title: str) -> None:
    recipes = [written(told(PRESETS[title].view)) for _ in range(2)]
    assert len(recipes[0].encode()) <= MOST
    assert recipes[0] == recipes[1]


@pytest.mark.parametrize("title", PRESETS)
def test_most_of_it_stays_while_a_rate_changes(title: str) -> None:
    view = PRESETS[title].view
    (stays, now), (still, then) = (parts(told(one)) for one in (view, view.having("lr", view["lr"] / 2)))
    assert written(stays) == written(still)
    assert now["chosen"] != then["chosen"]
    assert len(written(then).encode()) <= MOST_NOW


def test_the_second_part_names_the_first() -> None:
    view = PRESETS["RotoGrad finds both optima"].view
    one, other = (recipe_elements("a slot", told(v)) for v in (view, view.having("lr", view["lr"] / 2)))
    assert one[0] == other[0]
    name = re.search('data-digest="(.*?)"', one[0])[1]
    assert all(f'data-of="{name}"' in now for _, now in (one, other))
    assert one[1] != recipe_elements("a slot", told(view), "a drop")[1]


def test_words_and_texts_are_sent_once() -> None:
    view = View("avocado", ("uniform", "mgda", "pcgrad", "rotograd"))
    sent = told(view)
    assert len(sent["words"]) < len(view.methods)
    assert len(set(sent["texts"])) == len(sent["texts"])
    for key, own in zip(view.methods, sent["passages"], strict=True):
        expected = passages(trajectory(view.config(key)))
        assert [(step, sent["texts"][i]) for step, i in own] == list(map(tuple, expected))


def test_looking_elsewhere_changes_no_run() -> None:
    view = View("avocado", ("rotograd",))
    assert not set(LOOKING) & set(shaping(view))
    assert told(view.having("speed", "2").having("look", "curves")) == told(view)


def test_what_gives_way_to_another_dimension_is_told_beforehand() -> None:
    view = View("avocado", ("rotograd",)).having("d", 8).having("m", 6)
    for dim, moved in fits(view)["d"].items():
        then = view.having("d", int(dim))
        assert moved == {"m": None}
        assert then["m"] == then.fields["m"].default
    assert set(fits(view)["d"]) == {"2", "4"}
    assert fits(View("avocado", ("rotograd",))) == {"d": {}}


def test_facts_are_named_by_their_content() -> None:
    every = all_facts()
    assert len(every) == sum(len(problem.task_counts) for problem in PROBLEMS.values())
    for name, content in every.items():
        assert name == facts_name(content["problem"], len(content["tasks"]))
        assert json.loads(written(content)) == content


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_optima_of_fewer_dimensions_are_the_first_of_the_most(problem: str) -> None:
    spec = PROBLEMS[problem]
    for tasks in spec.task_counts:
        sent = np.array(facts(problem, tasks)["optima"])
        for dim in spec.dims:
            own = np.asarray(spec.optima(dim, tasks))
            kept = own[np.isfinite(own).all(axis=-1)]
            np.testing.assert_array_equal(sent[:, :dim] if len(kept) else sent, kept if len(kept) else [])


def test_a_rule_within_a_modifier_is_named_too() -> None:
    names = kernel_names(View("avocado", ("rotation+unit-cagrad@features",)))
    assert {"rule:cagrad", "modifier:unit", "transform:rotation:begin", "problem:avocado:loss"} <= names
    assert not any(name.startswith("transform:") for name in kernel_names(View("avocado", ("uniform",))))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_pages_own_words_fill_with_numbers_alone(problem: str) -> None:
    defaults = dict(PROBLEMS[problem].defaults) | {"steps": 30}
    one = live_words(
        run(ToyConfig(problem=problem, method="uniform", **defaults | {"starts": "random"})), "A note."
    )
    assert LOSSES in one["way"]
    assert "{step}" in one["solved"]
    assert set(one["stopped"]) == {str(int(outcome)) for outcome in Outcome if outcome != Outcome.OK}
    assert all("{step}" in text for text in one["stopped"].values())
    assert all(text.endswith(" A note.") for text in (one["way"], one["solved"], *one["stopped"].values()))
    assert one["there"] == []


def test_of_several_starts_there_is_a_text_for_every_count() -> None:
    config = ToyConfig(method="uniform", starts=TWO_STARTS, steps=30)
    assert live_words(run(config))["there"] == [
        "None of the 2 starts are at both optima so far.",
        "1 of the 2 starts is at both optima so far.",
        "All 2 starts are at both optima.",
    ]
