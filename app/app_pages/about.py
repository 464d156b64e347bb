"""What the Playground shows and how to read it."""

from pathlib import Path

import streamlit as st

from app.pages import Page

PAGE = Page("About", ":material/info:", 7)

TEXT = Path(__file__).parents[1] / "text" / "about.md"

left, _ = st.columns([2, 1])
left.markdown(TEXT.read_text(encoding="utf-8"))
