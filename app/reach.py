"""What scrolls sideways can be reached by keyboard: Streamlit's Markdown cannot be given a place in that order."""

from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "reach", js=(Path(__file__).parent / "reach.js").read_text(encoding="utf-8"), isolate_styles=False
)


def reach() -> None:
    """Watches the page from now on; draws nothing."""
    _mount(key="reach")
