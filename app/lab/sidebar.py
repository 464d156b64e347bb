"""The form for new runs: every control derives from a parameter, and Launch says first what it will cost."""

from contextlib import suppress
from typing import Any

import streamlit as st

from app.echoes import show
from app.lab.form import PARAMS, Forecast, Form, forecast, own_params, rotates
from app.lab.permission import ask_for_token, permission
from app.plain_text import plain
from app.widgets import TYPED, control
from experiments import launch
from experiments.cifar10.config import lab_methods
from experiments.cifar10.parameters import QUICK, SIZES
from experiments.cifar10.quick_setting import kept_finding
from experiments.launch import devices
from mtlcore.registry import method_spec
from mtlcore.spec import FieldError, Param

FORM, SAID = "lab:form", "lab:said"
ALWAYS = ("data",)
PAIRS = (("epochs", "batch"), ("train_images", "test_images"), ("width", "lr"), ("data_seed", "log_every"))
DATA = {"synthetic": "Synthetic", "cifar10": "CIFAR-10"}
SIZE = Param(
    "size", "Size", "choice", QUICK, choices=tuple(SIZES),
    help="Quick: two channels, 2,000 images and four epochs, where balancing matters. Medium: a quarter on 10,000. "
    "Paper: ResNet-18 on all images; a GPU's work.",
)  # fmt: skip
M_HELP = "How many of z's 8 x width dimensions rotate: all, or numbers with commas between, a run for each."


@st.fragment
def sidebar() -> None:
    """Draws the form; only it reruns while something is chosen."""
    form: Form = st.session_state.setdefault(FORM, Form())
    st.markdown("## New runs")
    control(SIZE, form.size, "lab:size", _take_size, ())
    with st.container():  # comes and goes without closing what is open below it
        if form.size == QUICK:
            st.caption(kept_finding())
    _field(form, "data", titles=DATA)
    show("lab:methods", list(form.methods))
    st.multiselect(
        "Methods", lab_methods(), format_func=lambda key: method_spec(key).title, key="lab:methods",
        on_change=_take, args=("methods", "lab:methods"), placeholder="One or more methods",
        select_all=False,  # its line "Select 2 matches" would come before the exact match
    )  # fmt: skip
    show("lab:seeds", form.seeds)
    st.text_input(
        "Seeds", key="lab:seeds", on_change=_take, args=("seeds", "lab:seeds"), placeholder="0-4",
        max_chars=TYPED,
        help="Every method runs once for each seed. Numbers with commas between, or a range like 0-4.",
    )  # fmt: skip
    show("lab:baselines", form.baselines)
    st.toggle(
        "Single-task networks", key="lab:baselines", on_change=_take, args=("baselines", "lab:baselines"),
        help="Ten more runs with the first seed, one network a task: Δ_k compares with them.",
    )  # fmt: skip
    with st.container():
        _launch(form)
    with st.expander("Training"):
        _training(form)
    for method in form.methods:
        if own_params(method) or rotates(method):
            with st.expander(method_spec(method).title):
                _method(form, method)


def _launch(form: Form) -> None:
    """Draws what launching would mean and the button, or the reason why there is none."""
    may = permission()
    found = _forecast(form)
    if found.reason:
        st.warning(plain(found.reason), icon=":material/block:")
    else:
        st.caption(found.sentence)
    if may.needs_token:
        ask_for_token()
    if not may.granted:
        st.info(plain(may.reason), icon=":material/lock:")
    label = f"Launch {found.runs} {'run' if found.runs == 1 else 'runs'}" if found.runs else "Launch"
    if st.button(
        label, type="primary", width="stretch", key="lab:launch", icon=":material/rocket_launch:",
        disabled=bool(found.reason) or not may.granted,
    ):  # fmt: skip
        _submit(form)
        st.rerun()


def _forecast(form: Form) -> Forecast:
    try:
        return forecast(form.configs(), len(devices.devices()))
    except (ValueError, OSError) as error:
        return Forecast(0, "", str(error))


def _submit(form: Form) -> None:
    """Launches, if that is still allowed; what was refused is said on the page."""
    may = permission()
    try:
        st.session_state[SAID] = "" if may.granted else may.reason
        if may.granted:
            launch.submit(form.configs())
    except (ValueError, OSError) as error:
        st.session_state[SAID] = str(error)


def _training(form: Form) -> None:
    for pair in PAIRS:
        for cell, name in zip(st.columns(2), pair, strict=True):
            with cell:
                _field(form, name)
    for name in ("optimizer", "schedule", "weight_decay", "precision", "augment"):
        _field(form, name)
    names = ["auto", *dict.fromkeys([*(device.name for device in devices.devices()), "cpu"])]
    param = Param(
        "device", "Device", "choice", "auto", choices=tuple(names), help="auto: the least busy one."
    )
    control(param, form["device"], "lab:device", _take, ("device", "lab:device"))


def _method(form: Form, method: str) -> None:
    if rotates(method):
        key = f"lab:{method}.m"
        show(key, str(form[f"{method}.m"]))
        st.text_input(
            "Dimensions that rotate (m)",
            key=key,
            on_change=_take,
            args=(f"{method}.m", key),
            help=M_HELP,
            max_chars=TYPED,
        )
    for param in own_params(method):
        key = f"{method}.{param.name}"
        control(param, form[key], f"lab:{key}", _take, (key, f"lab:{key}", param), exact=True)


def _field(form: Form, name: str, **more: Any) -> None:
    param = PARAMS[name]
    control(param, form[name], f"lab:{name}", _take, (name, f"lab:{name}", param), exact=True, **more)


def _take(key: str, widget: str, param: Param | None = None) -> None:
    """Puts what was chosen into the form; whether it can run is said when the form is drawn."""
    value = st.session_state[widget]
    if param is not None and param.kind == "vector":
        with suppress(FieldError):  # a text that is no such value stays one, and the form says so
            value = param.parse(value)
    if key == "methods":
        value = tuple(value)
    st.session_state[FORM] = st.session_state[FORM].having(key, value)


def _take_size() -> None:
    """Puts a size into the form. Once a number differs from all sizes, the browser may send that none is chosen."""
    if st.session_state["lab:size"] is not None:
        st.session_state[FORM] = st.session_state[FORM].sized(st.session_state["lab:size"])
