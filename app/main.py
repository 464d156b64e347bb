"""The server: `gradient-playground` or `python -m app` starts it. What people see begins in navigation.py."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

sys.path[:0] = [] if str(Path(__file__).parents[1]) in sys.path else [str(Path(__file__).parents[1])]

from app.server.assets import Assets  # noqa: E402
from app.server.headers import Headers  # noqa: E402
from app.server.quiet import ask_nobody  # noqa: E402
from app.server.start import starting  # noqa: E402
from app.server.uploads import NoUploads  # noqa: E402
from app.styled import Styled  # noqa: E402

ask_nobody()
server = st.App(
    Path(__file__).with_name("navigation.py"),
    middleware=[Middleware(Headers), Middleware(NoUploads), Middleware(Styled), Middleware(Assets)],
    lifespan=starting,
)
