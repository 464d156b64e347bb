"""Any transform goes with any rule at any level, on every problem of the Playground, or is refused with a sentence."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.offered import offered, refusal
from app.passages import passages
from app.stage.pack import Run, pack
from app.url_state import decode, encode
from app.view import View
from mtlcore.registry import LEVELS, METHODS, MODIFIERS, RULES, TRANSFORMS
from tests.app.test_page import opened, shown
from toy_problems import PROBLEMS, Outcome, run

TURNING = [key for key in TRANSFORMS if key != "adversarial"]


def runs_everywhere(problem: str, method: str) -> None:
    """Runs a few steps and takes the result all the way: sentence, stage, address bar and back."""
    view = View().having("problem", problem).having("methods", (method,)).having("steps", 10)
    assert view.methods == (method,)
    assert decode(encode(view)) == (view, ())
    trajectory = run(view.config(method))
    assert {status.outcome for status in trajectory.status} == {Outcome.OK}
    assert np.isfinite(trajectory.losses).all()
    assert pack([Run(method, trajectory, passages(trajectory))], PROBLEMS[problem])


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_named_method_runs(problem: str) -> None:
    assert set(METHODS) - set(offered(problem)) == {"adversarial"}
    for method in offered(problem):
        runs_everywhere(problem, method)


@pytest.mark.parametrize("transform", TURNING)
def test_every_rule_goes_with_every_transform(transform: str) -> None:
    problems, row = list(PROBLEMS), TURNING.index(transform)
    for column, rule in enumerate(RULES):
        level = LEVELS[(row + column) % len(LEVELS)]
        runs_everywhere(problems[(row + 2 * column) % len(problems)], f"{transform}+{rule}@{level}")


@pytest.mark.parametrize("method", ["adversarial", "adversarial+cagrad@features"])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_only_the_reference_engine_can_is_said(problem: str, method: str) -> None:
    reason = refusal(problem, method)
    assert reason is not None
    assert f'method="{method}"), engine="reference")' in reason
    view, notices = decode({"problem": problem, "methods": f"uniform,{method}"})
    assert view.methods == View().methods
    assert len(notices) == 1
    assert reason in notices[0]


@pytest.mark.parametrize("modifier", MODIFIERS)
def test_every_rule_of_the_gram_matrix_goes_with_a_modifier(modifier: str) -> None:
    problems, gram = list(PROBLEMS), [key for key, spec in RULES.items() if spec.kind == "gram"]
    for column, rule in enumerate(gram):
        transform, level = TURNING[column % len(TURNING)], LEVELS[column % len(LEVELS)]
        runs_everywhere(problems[column % len(problems)], f"{transform}+{modifier}-{rule}@{level}")


def composing(transform: str, rule: str, level: str, modifier: str = "") -> AppTest:
    """Returns the page with a combination chosen and not yet added."""
    page = opened()
    page.session_state["compose"] = True
    page.run().selectbox(key="compose_transform").select(transform)
    page.selectbox(key="compose_rule").select(rule)
    page.selectbox(key="compose_modifier").select(modifier)
    return page.selectbox(key="compose_level").select(level).run()


def test_a_composed_method_is_a_link() -> None:
    page = composing("affine", "nash_mtl", "last_shared")
    page.button(key="compose_add").click().run()
    assert not page.exception
    assert shown(page).methods[-1] == "affine+nash_mtl@last_shared"
    linked = opened(encode(shown(page)))
    assert shown(linked) == shown(page)


def test_a_modifier_is_a_part_of_the_link_and_brings_its_slider_and_its_formula() -> None:
    page = composing("rotation", "cagrad", "features", "ema")
    assert any(
        r"\beta_w\, w(t-1)" in text.value and "how much of the mean is kept" in text.value
        for text in page.markdown
    )
    page.button(key="compose_add").click().run()
    assert not page.exception
    key = "rotation+ema-cagrad@features"
    assert shown(page).methods[-1] == key
    assert f"{key}.ema_beta" in shown(page).fields
    assert shown(opened(encode(shown(page).having(f"{key}.ema_beta", 0.5))))[f"{key}.ema_beta"] == 0.5


@pytest.mark.parametrize(
    ("rule", "what"), [("dwa", "weighs losses"), ("graddrop", "works element by element")]
)
def test_a_rule_that_takes_no_modifier_says_so(rule: str, what: str) -> None:
    page = composing("rotation", rule, "features", "unit")
    assert not page.exception
    assert page.button(key="compose_add").disabled
    assert any(f"{RULES[rule].title} {what}" in caption.value for caption in page.caption)


def test_a_combination_that_cannot_run_says_why() -> None:
    page = composing("adversarial", "cagrad", "features")
    assert page.button(key="compose_add").disabled
    assert any("reference engine" in caption.value for caption in page.caption)


def test_a_combination_is_added_once() -> None:
    page = composing("rotation", "mgda", "features")
    page.button(key="compose_add").click().run()
    assert page.session_state["compose"] is False
    page.session_state["compose"] = True
    page.run()
    assert page.button(key="compose_add").disabled
    assert any("is shown already" in caption.value for caption in page.caption)


def test_a_rule_that_reads_only_losses_has_no_level() -> None:
    captions = [caption.value for caption in composing("rotation", "stch", "last_shared").caption]
    assert "Smooth Tchebycheff reads the losses only, so the level makes no difference." in captions
