"""A page with nothing but the stage, for trying it and for the browser tests.

    cd app && streamlit run ../tests/browser/stage_server.py

?scene= chooses what is compared; the slider changes the rotation learning rate; a dragged start runs again.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import streamlit as st  # noqa: E402

from app.passages import passages  # noqa: E402
from app.stage import Run, show_stage  # noqa: E402
from mtlcore.registry import method_spec  # noqa: E402
from toy_problems import PROBLEMS, ToyConfig, run  # noqa: E402

SCENES = {
    "avocado": ("avocado", ("uniform", "rotograd"), {}),
    "one": ("avocado", ("rotograd",), {}),
    "four": ("nonconvex", ("uniform", "rotograd", "rlw", "graddrop"), {"steps": 500}),
    "deep": ("avocado", ("uniform", "rotograd"), {"d": 4}),
    "landscape": ("landscape", ("uniform", "uncertainty"), {"starts": "paper"}),
    "turned": ("landscape", ("uniform", "rotograd"), {"starts": "paper"}),
    "long": ("avocado", ("uniform", "rotograd"), {"steps": 2000}),
    "diverged": ("avocado", ("uniform", "rotograd"), {"lr": 0.6}),
    "opposite": ("opposite", ("uniform", "rotograd_v1"), {}),
}

st.set_page_config(layout="wide")
scene = st.query_params.get("scene", "avocado")
problem, methods, fields = SCENES[scene]
rate = st.slider("Rotation learning rate", 0.01, 0.3, 0.1)
two = st.toggle("Two starts")
if "starts" not in st.session_state:
    st.session_state.starts = [(0.5, -2.0)]
starts = tuple(st.session_state.starts[:1]) + (((-1.0, 2.0),) if two else ())


def result(method: str) -> Run:
    """Returns the row of one method."""
    spec = method_spec(method)
    params = {"lr_rot": rate} if any(p.name == "lr_rot" for p in spec.params) else {}
    points = tuple(point * (fields.get("d", 2) // 2) for point in starts)
    given = {"starts": points, "lr": 0.003, "steps": 400} if problem in ("avocado", "nonconvex") else {}
    config = ToyConfig(
        problem=problem, method=method, params=params, **{**PROBLEMS[problem].defaults, **given, **fields}
    )
    trajectory = run(config)
    return Run(spec.title, trajectory, passages(trajectory))


event = show_stage([result(method) for method in methods])
if event is not None:
    st.session_state.events = st.session_state.get("events", 0) + 1
    st.session_state.starts = [event.point]
    st.rerun()
st.text(f"events {st.session_state.get('events', 0)}, starts {st.session_state.starts}")
