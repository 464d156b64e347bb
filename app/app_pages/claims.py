"""What the papers claim and what comes out here: every row is measured by the engine that draws the stage."""

from itertools import groupby
from typing import Literal

import streamlit as st

from app.cards import small
from app.claims import CLAIMS, Claim, Finding, Verdict
from app.luck import SEEDS
from app.pages import Page
from app.url_state import encode

PAGE = Page("Claims", ":material/fact_check:", 5)

BADGES: dict[Verdict, tuple[str, Literal["green", "orange", "red"]]] = {
    Verdict.HOLDS: (":material/check_circle:", "green"),
    Verdict.SOME: (":material/casino:", "orange"),
    Verdict.PART: (":material/rule:", "orange"),
    Verdict.NOT: (":material/cancel:", "red"),
}
WIDTHS = (5, 6, 3)


@st.cache_resource(show_spinner=False)
def found(key: str, seeds: int, _claim: Claim) -> Finding:
    """Returns what a claim gives here, measured once for as long as the server runs."""
    return _claim.measure()


def row(claim: Claim) -> None:
    """Draws one claim: what the paper says, what is measured here, the verdict and the view that shows it."""
    with st.container(border=True):
        says, measured, verdict = st.columns(WIDTHS)
        says.markdown(f"{claim.says}\n\n{small(f'{claim.where} · printed: {claim.printed}')}")
        with measured, st.spinner("Measuring"):
            finding = found(claim.key, SEEDS, claim)
        measured.markdown(f"{finding.measured}\n\n{claim.comment}")
        with verdict:
            icon, colour = BADGES[finding.verdict]
            st.badge(finding.verdict.value, icon=icon, color=colour)
            st.page_link(
                "app_pages/playground.py", label="Open this view", icon=":material/play_circle:",
                query_params=encode(claim.view),
            )  # fmt: skip


st.markdown("## Claims")
st.caption(
    f"What the papers say about problems like these, and what comes out here, over {SEEDS} seeds where a network is "
    "drawn. In brackets the 95 % interval. Nothing on this page is recorded: the numbers are computed when it is first "
    "opened. What does not come out on a toy may still be true of large networks."
)
for paper, claims in groupby(CLAIMS, key=lambda claim: claim.paper):
    st.markdown(f"### {paper}")
    for claim in claims:
        row(claim)
