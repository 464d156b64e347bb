"""Following CONTRIBUTING.md's recipe for a page: one file."""

PAGE = '''"""How long a rotation takes."""

import streamlit as st

from app.pages import Page

PAGE = Page("Patience", ":material/hourglass:", 100)

st.markdown("## Patience")
'''
BEFORE = """
from streamlit.testing.v1 import AppTest
from app.pages import find_pages

page = AppTest.from_file("app/navigation.py", default_timeout=60).run()
page.switch_page("app_pages/patience.py").run()
"""
SEES = {
    "last": "list(find_pages())[-1]",
    "opens": "not page.exception",
    "title": "any(text.value == '## Patience' for text in page.markdown)",
}


def test_a_page_is_one_file(copy):
    copy.write("app/app_pages/patience.py", PAGE)
    assert len(copy.touched) == 1
    assert copy.sees(SEES, BEFORE) == {"last": "patience", "opens": True, "title": True}
