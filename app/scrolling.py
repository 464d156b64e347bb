"""How the page scrolls: formulas, tables and logs by keyboard too, and the page by the wheel wherever it is.

Streamlit's Markdown and charts have no setting for either, so a few lines of JavaScript see to it.
"""

from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "scrolling", js=(Path(__file__).parent / "scrolling.js").read_text(encoding="utf-8"), isolate_styles=False
)


def watch_scrolling() -> None:
    """Watches the page from now on; draws nothing."""
    _mount(key="scrolling")
