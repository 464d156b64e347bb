"""Every letter of every formula on a card has a meaning, and a card says only what its formulas use."""

import re

import pytest

from app.cards import method_text, network_step, problem_text
from app.notation import COMMON, SILENT, Notation, entries, meaning, symbols
from mtlcore.registry import METHODS, MODIFIERS, RULES, TRANSFORMS, method_spec
from toy_problems import PROBLEMS

STEP = network_step(METHODS["uniform"])
FORMULAS: dict[str, tuple[str, Notation]] = {
    **{f"rule {key}": (RULES[key].equation, RULES[key].notation) for key in RULES},
    **{f"modifier {key}": (MODIFIERS[key].equation, MODIFIERS[key].notation) for key in MODIFIERS},
    **{f"problem {key}": (PROBLEMS[key].equation, PROBLEMS[key].notation) for key in PROBLEMS},
    **{
        f"transform {key}": (" ".join((spec.equation, spec.objective, spec.step, STEP)), spec.notation)
        for key, spec in TRANSFORMS.items()
    },
}


@pytest.mark.parametrize("name", FORMULAS)
def test_every_symbol_is_explained(name: str) -> None:
    formula, own = FORMULAS[name]
    notation = {**COMMON, **own}
    silent = [
        symbol
        for symbol in symbols(formula, notation)
        if meaning(symbol, notation) is None and symbol.rstrip("_^") not in SILENT
    ]
    assert silent == [], f"{name}: say in app/notation.py, or in the SPEC's notation, what {silent} mean"


@pytest.mark.parametrize("name", FORMULAS)
def test_nothing_is_explained_that_does_not_occur(name: str) -> None:
    formula, own = FORMULAS[name]
    assert {shown for shown, _ in own.values()} <= {shown for shown, _ in entries(formula, own)}


@pytest.mark.parametrize("around", MODIFIERS)
def test_a_modifier_s_symbols_mean_nothing_else_in_a_rule(around: str) -> None:
    own, gram = set(MODIFIERS[around].notation), [spec for spec in RULES.values() if spec.kind == "gram"]
    assert {spec.key: shared for spec in gram if (shared := own & set(spec.notation))} == {}


def test_an_index_is_no_symbol_and_an_accent_makes_another_one() -> None:
    notation = {**COMMON, r"\bar n": (r"\bar n", "the mean")}
    assert symbols(r"\bar n + \sum_n n_k + e^{\alpha}", notation) == [r"\bar n", "n_", "e", r"\alpha"]
    assert [shown for shown, _ in entries(r"d = \sum_k w_k g_k", {})] == ["g_k", "w_k", "d"]


@pytest.mark.parametrize("key", METHODS)
def test_a_card_has_a_line_of_notation_under_its_formulas(key: str) -> None:
    spec = method_spec(key)
    text = method_text(spec)
    assert re.search(r"^:small\[\$", text, re.MULTILINE)
    for shown, words in entries(spec.rule_spec.equation, spec.rule_spec.notation):
        assert text.count(f"${shown}$ :gray[{words}]") == 1


def test_rotograds_card_states_equation_three_and_both_players() -> None:
    text = method_text(METHODS["rotograd"])
    assert r"\mathcal L^k_{\mathrm{rot}} = -\sum_n \langle R_k^\top \tilde g_{n,k},\, v_n \rangle" in text
    assert r"\theta \leftarrow \theta - \eta_t \sum_k w_k \nabla_\theta L_k &" in text
    assert r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} \mathcal L^k_{\mathrm{rot}}" in text
    assert "**Alignment loss.**" in text
    assert r"\sum_n \| R_k^\top \tilde g_{n,k} - c\, v_n \|^2" in text
    for symbol in (
        "R_k",
        "A_k",
        r"\tilde g_{n,k}",
        "v_n",
        "u_{n,k}",
        r"\eta_t",
        r"\eta_t^{\mathrm{rot}}",
        r"\theta",
    ):
        assert f"${symbol}$ :gray[" in text


def test_the_landscapes_card_gives_both_losses() -> None:
    text = problem_text(PROBLEMS["landscape"])
    for piece in (
        "f_1 = c_1",
        r"\tfrac{-\theta_1 - 7}{2} + t",
        "f_2 = c_1",
        r"\tfrac{3 - \theta_1}{2} - t + 2",
    ):
        assert piece in text
