"""Serves stage_demo.py as the app serves its pages: with the front end's bundle."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.server.assets import Assets  # noqa: E402

server = st.App(Path(__file__).with_name("stage_demo.py"), middleware=[Middleware(Assets)])
