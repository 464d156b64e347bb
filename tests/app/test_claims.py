"""Every claim that the page Claims lists is measured here: its verdict and its comment are what the numbers say."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.claims import CLAIMS, Claim
from app.luck import SEEDS, Luck, luck_sentence, rests_on_seed, solved_seeds
from app.url_state import decode, encode
from app.view import View
from toy_problems import PROBLEMS, run

APP = Path(__file__).parents[2] / "app"
TIMEOUT = 600  # seconds after which the page counts as stuck, on however busy a machine


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_a_claim_gives_the_verdict_that_its_comment_explains(claim: Claim) -> None:
    finding = claim.measure()
    assert finding.verdict is claim.verdict, finding.measured
    assert any(letter.isdigit() for letter in finding.measured)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_a_claim_s_link_opens_its_view(claim: Claim) -> None:
    assert decode(encode(claim.view)) == (claim.view, ())


def test_claims_are_told_apart() -> None:
    assert len({claim.key for claim in CLAIMS}) == len({claim.says for claim in CLAIMS}) == len(CLAIMS)


def test_the_page_shows_every_claim_with_its_verdict() -> None:
    page = AppTest.from_file(str(APP / "navigation.py"), default_timeout=TIMEOUT)
    page.switch_page("app_pages/claims.py").run()
    assert not page.exception
    shown = " ".join(block.value for block in page.markdown)
    for claim in CLAIMS:
        assert claim.says in shown
        assert claim.comment in shown
    assert sum(shown.count(claim.verdict.value) for claim in CLAIMS) >= len(CLAIMS)


def test_luck_counts_the_seeds_that_end_solved() -> None:
    config = View().config("rotograd")
    solved = sum(run(View().having("seed", seed).config("rotograd")).success[0, -1] for seed in range(SEEDS))
    assert solved_seeds(config) == solved
    assert Luck("RotoGrad", 39, 100).words == "RotoGrad 39 (30 to 49\u00a0%)"


@pytest.mark.parametrize("problem", PROBLEMS)
def test_only_what_is_drawn_rests_on_a_seed(problem: str) -> None:
    view = View().having("problem", problem)
    assert rests_on_seed(view) == PROBLEMS[problem].backbone
    assert bool(luck_sentence(view)) == rests_on_seed(view)
