"""The Workbench: task gradients in the hand, and what every rule makes of them at once."""

import streamlit as st

from app.pages import Page
from app.plain_text import plain
from app.workbench import session
from app.workbench.component import show_workbench

PAGE = Page("Workbench", ":material/construction:", 3)

bench = session.current()
session.write_address()
st.markdown("## Workbench")
st.caption(
    "One update, taken apart. Pull the gradients by their tips: every chosen rule answers at once, and a rule helps a "
    "task where its update points the way of that task's gradient (parameters move against both)."
)
if notices := session.notices():
    quoted = [plain(text) for text in notices]
    text = quoted[0] if len(quoted) == 1 else "\n".join(f"- {one}" for one in quoted)
    st.warning(text, icon=":material/link_off:")
with st.container(key="workbench-area"):
    show_workbench(bench, "workbench", session.change)
