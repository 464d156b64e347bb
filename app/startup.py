"""What the server does once, before the first person looks."""

import gc
from importlib import import_module

import streamlit as st

# Everything the pages use is loaded here, before the garbage collector is told to forget it.
from app.controls import sidebar
from app.figures.curves import curves
from app.lab.queue import queue
from app.lab.results import comparison
from app.lab.sidebar import sidebar as form
from app.live_words import live_words
from app.luck import luck_sentence
from app.palette import LIGHT
from app.passages import passages
from app.runs import trajectory
from app.series import lines
from app.stage import Run, show_stage
from app.stage.pack import pack
from app.stage.recipe import recipe
from app.view import View
from toy_problems import PROBLEMS

__all__ = [
    "comparison",
    "form",
    "live_words",
    "luck_sentence",
    "once",
    "queue",
    "recipe",
    "show_stage",
    "sidebar",
]

LATER = ("pandas", "pyarrow", "streamlit.material_icon_names")  # what Streamlit loads for the first visitor


@st.cache_resource(
    show_spinner="Getting ready. The first start on a machine compiles the kernels: some minutes."
)
def once() -> bool:
    """Warms kernels and figures on the first screen, then hides all that is loaded from the collector.

    Streamlit collects garbage after every script run; without the freeze it walks all modules each time.
    """
    for name in LATER:
        import_module(name)
    view = View()
    computed = [(key, trajectory(view.config(key))) for key in view.methods]
    runs = [Run(key, run, passages(run)) for key, run in computed]
    pack(runs, PROBLEMS[view.problem], view.pair)
    curves(lines(computed, "excess", 0), "", LIGHT).to_json()
    gc.collect()
    gc.freeze()
    return True
