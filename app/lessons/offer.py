"""The first lesson, offered on the Playground to who has not been here before: once, which their browser remembers."""

import streamlit as st

from app import frontend
from app.lessons import lessons

_mount = st.components.v2.component("gradient_balancing_offer", js=frontend.loader("offer"))


def offer() -> None:
    """Offers the first lesson."""
    first = next(iter(lessons().values()))
    _mount(
        key="lessons/offer",
        data={
            "text": "New here?",
            "open": f"The first lesson takes {first.minutes} minutes",
            "address": f"lessons?lesson={first.number}",
        },
    )
