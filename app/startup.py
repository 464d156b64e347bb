"""What the server does once, before the first person looks."""

import gc

import streamlit as st

from app.sentences import sentence
from app.view import View
from toy_problems import run


@st.cache_resource(show_spinner=False)
def once() -> bool:
    """Loads the kernels by a first run, then takes all that is loaded out of the garbage collector's sight.

    Streamlit collects garbage after every script run; without the freeze it walks all modules each time.
    """
    view = View()
    for key in view.methods:
        sentence(run(view.config(key)))
    gc.collect()
    gc.freeze()
    return True
