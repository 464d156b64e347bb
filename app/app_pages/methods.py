"""Every method of the registry as a card, derived from its specification."""

import streamlit as st

from app.cards import method_card
from app.pages import Page
from mtlcore.registry import METHODS, MODIFIERS, RULES, TRANSFORMS
from mtlcore.spec import MethodSpec

PAGE = Page("Methods", ":material/functions:", 6)

FAMILIES = {
    "All": lambda spec: True,
    "Weighted gradients": lambda spec: not spec.has_transform and spec.rule_spec.kind == "gram",
    "Weighted losses": lambda spec: spec.rule_spec.kind == "loss",
    "Element by element": lambda spec: spec.rule_spec.kind == "elementwise",
    "With a transform": lambda spec: spec.has_transform,
}


def matches(spec: MethodSpec, words: str) -> bool:
    """Returns whether every word occurs in what the card says."""
    text = " ".join(
        (spec.key, spec.title, spec.cite, spec.rule_spec.cite, spec.rule_spec.idea, spec.transform_spec.idea)
    )
    return all(word in text.lower() for word in words.lower().split())


modifiers = " or ".join(spec.title.lower() for spec in MODIFIERS.values())
st.markdown("## Methods")
st.caption(
    f"{len(METHODS)} methods, each a transform, a rule and a level. Any of {len(TRANSFORMS)} transforms "
    f"goes with any of the {len(RULES)} rules, with {modifiers} around those that weigh gradients: compose your own on "
    "the Playground."
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    family = st.segmented_control("Family", list(FAMILIES), default="All", required=True, wrap=True)
    words = st.text_input("Find", placeholder="author, year, idea", width=280, max_chars=100)
found = [spec for spec in METHODS.values() if FAMILIES[family](spec) and matches(spec, words)]
if not found:
    st.info("No method says all of that. Try one word less.", icon=":material/search_off:")
for row in range(0, len(found), 2):
    for cell, spec in zip(st.columns(2), found[row : row + 2], strict=False):
        with cell:
            method_card(spec)
