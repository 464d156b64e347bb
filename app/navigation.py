"""What every page stands in: title, icon and navigation. Every page is a file in app_pages."""

import sys
from pathlib import Path

import streamlit as st

sys.path[:0] = [] if str(Path(__file__).parents[1]) in sys.path else [str(Path(__file__).parents[1])]

from app import session  # noqa: E402
from app.pages import find_pages  # noqa: E402
from app.scrolling import watch_scrolling  # noqa: E402
from app.startup import once  # noqa: E402
from app.style import scheme  # noqa: E402
from app.workbench import session as workbench  # noqa: E402

ICON = str(Path(__file__).parent / "images" / "icon.svg")
st.set_page_config(page_title="Gradient balancing playground", page_icon=ICON, layout="wide")
st.logo(ICON, size="large")
once()
with st.container(key="site"):  # the first heading, for who listens to the page
    st.html('<h1 class="site-name">Gradient balancing playground</h1>')
files = {
    name: st.Page(f"app_pages/{name}.py", title=page.title, icon=page.icon, default=at == 0)
    for at, (name, page) in enumerate(find_pages().items())
}
opened = st.navigation(list(files.values()), position="top")
if opened is not files["playground"]:
    session.leave()
if opened is not files["workbench"]:
    workbench.leave()
opened.run()
with st.container(key="unseen"):  # last: the page's own parts take their places before it
    st.html(scheme(st.context.theme.type))
    watch_scrolling()
