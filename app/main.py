"""The app: a Streamlit script, served with the page's style already in it."""

import sys
from pathlib import Path

sys.path[:0] = [] if str(Path(__file__).parents[1]) in sys.path else [str(Path(__file__).parents[1])]

from starlette.middleware import Middleware  # noqa: E402
from streamlit.starlette import App  # noqa: E402

from app.styled import Styled  # noqa: E402

app = App(Path(__file__).parent / "navigation.py", middleware=[Middleware(Styled)])
