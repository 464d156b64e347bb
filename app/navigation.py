"""What every page stands in: title, icon and navigation. Every page is a file in app_pages."""

import sys
from pathlib import Path

import streamlit as st

sys.path[:0] = [] if str(Path(__file__).parents[1]) in sys.path else [str(Path(__file__).parents[1])]

from app.scrolling import watch_scrolling  # noqa: E402
from app.startup import once  # noqa: E402
from app.style import scheme  # noqa: E402

ICON = str(Path(__file__).parent / "images" / "icon.svg")
st.set_page_config(page_title="Gradient balancing playground", page_icon=ICON, layout="wide")
st.logo(ICON, size="large")
once()
with st.container(key="site"):  # the first heading, for who listens to the page
    st.html('<h1 class="site-name">Gradient balancing playground</h1>')
PAGES = [
    st.Page("app_pages/playground.py", title="Playground", icon=":material/play_circle:", default=True),
    st.Page("app_pages/lab.py", title="Lab", icon=":material/science:"),
    st.Page("app_pages/claims.py", title="Claims", icon=":material/fact_check:"),
    st.Page("app_pages/methods.py", title="Methods", icon=":material/functions:"),
    st.Page("app_pages/about.py", title="About", icon=":material/info:"),
]
st.navigation(PAGES, position="top").run()
with st.container(key="unseen"):  # last: the page's own parts take their places before it
    st.html(scheme(st.context.theme.type))
    watch_scrolling()
