"""What happens once when the server starts, before anybody is answered."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from streamlit.cli_util import open_browser
from streamlit.logger import get_logger
from streamlit.web.server.server_util import get_display_address, get_url

from experiments import launch

_LOG = get_logger(__name__)


@asynccontextmanager
async def starting(app: Any) -> AsyncGenerator[None, None]:
    """Says who may launch, and opens the page in a browser where there is one."""
    address = st.get_option("server.address") or ""
    _LOG.info("%s", launch.who_may_launch(address))
    if not st.get_option("server.headless"):
        open_browser(get_url(get_display_address(address or "localhost")))
    yield
