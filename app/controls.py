"""The sidebar: which controls stand where. What each looks like follows from its parameter."""

import math
import random
from collections.abc import Iterable

import streamlit as st

from app import session
from app.composing import compose
from app.field_kinds import StartsField
from app.offered import offered, runs_on
from app.preferences import preference_sliders
from app.presets import PRESETS
from app.runs import starts_of
from app.view import MAX_METHODS, View
from app.widgets import choose_one, show, title_in, widget
from mtlcore.param import sentence_of
from mtlcore.registry import METHODS, method_spec
from toy_problems import PROBLEMS

OWN = "Your own choice"
POINTS = 4000  # characters of typed starts: the most starts there are, with every digit
START_WORDS = {"random": "Seed", "spread": "Spread", "paper": "Paper", "typed": "Typed"}


def sidebar(view: View) -> None:
    """Draws every control that acts on the chosen problem and methods."""
    exact = bool(st.session_state.get("exact", False))
    _presets(view)
    _problem(view)
    _methods(view)
    _transform(view, exact)
    preference_sliders(view, exact)
    st.markdown("## Training")
    _fields(view, ("lr", "steps", "optimizer", "noise"), exact)
    st.markdown("## Start")
    _seed()
    _starts(view)
    _space(view, exact)
    for key in view.methods:
        _own_parameters(view, key, exact)
    st.toggle("Type exact numbers", key="exact", help="Number boxes instead of sliders.")


def method_title(key: str) -> str:
    """Returns what a method is called on the page."""
    return method_spec(key).title


def _presets(view: View) -> None:
    shown = next((title for title, preset in PRESETS.items() if preset.view.picture == view.picture), OWN)
    options = [*PRESETS, *([OWN] if shown == OWN else [])]

    def take(title: str) -> None:
        if title in PRESETS:
            session.choose(PRESETS[title].view)

    choose_one("Show", "w:preset", options, shown, str, take)


def _problem(view: View) -> None:
    def take(key: str) -> None:
        changed = session.view().having("problem", key)
        running = tuple(method for method in changed.methods if runs_on(key, method))
        session.choose(changed.having("methods", running or View().methods))

    choose_one("Problem", "w:problem", list(PROBLEMS), view.problem, lambda key: PROBLEMS[key].title, take)


def _methods(view: View) -> None:
    named = offered(view.problem)
    composed = [key for key in view.methods if key not in METHODS]
    show("w:methods", list(view.methods))
    st.multiselect(
        "Methods side by side", [*named, *composed], format_func=method_title, max_selections=MAX_METHODS,
        key="w:methods", on_change=_take_methods, placeholder=f"One to {MAX_METHODS} methods",
        select_all=False,  # its line "Select 2 matches" would come before the exact match
    )  # fmt: skip
    compose(view)


def _take_methods() -> None:
    """An emptied list keeps the last method: the page always shows one."""
    keys = st.session_state["w:methods"]
    session.change("methods", tuple(keys) or session.view().methods[-1:])


def _transform(view: View, exact: bool) -> None:
    acting = list(dict.fromkeys(
        param.name
        for spec in view.specs
        if not spec.transform_spec.idle(spec.fixed)  # a rotation of no dimensions has nothing to adjust
        for param in spec.params
        if param.name in {p.name for p in spec.transform_spec.params}
    ))  # fmt: skip
    if not acting:
        return
    nouns = {spec.transform_spec.noun for spec in view.specs if spec.has_transform}
    noun = nouns.pop() if len(nouns) == 1 else "transform"
    rates = {spec.transform_spec.learning_rate for spec in view.specs}
    st.markdown(f"## {noun.capitalize()}")
    _fields(view, [name for name in acting if name in rates], exact)
    if "m" in acting:
        _subspace(view)
    rest = [name for name in acting if name not in (*rates, "m")]  # they wait in an expander
    if rest:
        with st.expander(f"More about the {noun}"):
            _fields(view, rest, exact)


def _subspace(view: View) -> None:
    """The slider shows all dimensions as d; the view keeps -1, which stays true when d changes."""
    dim, param = view["d"], view.fields["m"].param
    steps = [spec.transform_spec.subspace_step(view.transform_values(spec)) for spec in view.specs]
    show("w:m", dim if view["m"] == -1 else view["m"], dim)
    st.slider(param.label, 0, dim, step=math.lcm(*steps), key="w:m", on_change=_take_m, help=param.help)


def _take_m() -> None:
    m = st.session_state["w:m"]
    session.change("m", -1 if m == session.view()["d"] else m)


def _seed() -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        widget(session.view().fields["seed"], session.view()["seed"], exact=True)
    right.button(
        "", icon=":material/casino:", help="Draw another seed", key="another_seed",
        on_click=lambda: session.change("seed", random.randrange(1000)), width="stretch",
    )  # fmt: skip


def _starts(view: View) -> None:
    entry = view.fields["starts"]
    assert isinstance(entry, StartsField)
    value = view["starts"]
    words = [*entry.param.choices, "typed"]
    show("w:start_word", value if isinstance(value, str) else "typed")
    st.segmented_control(
        "Starts", words, format_func=title_in(START_WORDS), required=True, key="w:start_word",
        on_change=_take_start_word,
        help="Seed draws one start. Spread: five spread starts of our own. Paper: the published ones. Or drag a start "
        "point on the stage, or type points here.",
    )  # fmt: skip
    if not isinstance(value, str):
        show("w:start_points", entry.format(value).replace(",", ", ").replace(";", "; "))
        st.text_input(
            "Points", key="w:start_points", on_change=_take_start_points, placeholder="-3, 2; 1, 0.5",
            max_chars=POINTS,
        )  # fmt: skip


def _take_start_word() -> None:
    word = st.session_state["w:start_word"]
    session.change("starts", _points_now() if word == "typed" else word)


def _points_now() -> tuple[tuple[float, ...], ...]:
    """Returns the starts as they run now, drawn ones too: typing goes on from what is on the stage."""
    view = session.view()
    return view.fields["starts"].check(starts_of(view.config(view.methods[0])))


def _take_start_points() -> None:
    text = st.session_state["w:start_points"]
    try:
        session.change("starts", session.view().fields["starts"].parse(text))
    except ValueError as error:
        session.refuse(sentence_of(error))


def _space(view: View, exact: bool) -> None:
    problem, names = PROBLEMS[view.problem], ["s" if "s" in view.fields else "balance"]
    if len(problem.dims) > 1:
        names.insert(0, "d")
    if view["d"] > 2:
        names.append("pair")
    st.markdown("## Space")
    if len(problem.task_counts) > 1:
        counts = {count: str(count) for count in problem.task_counts}
        widget(view.fields["tasks"], view["tasks"], titles=counts)
    _fields(view, names, exact)


def _own_parameters(view: View, key: str, exact: bool) -> None:
    alias = f"{key}.{method_spec(key).rule_spec.preferences_alias}"  # an older word for the preferences
    names = [
        name for name in view.fields if name.startswith(f"{key}.") and (name != alias or name in view.chosen)
    ]
    if names:
        with st.expander(method_title(key)):
            _fields(view, names, exact)


def _fields(view: View, names: Iterable[str], exact: bool) -> None:
    for name in names:
        widget(view.fields[name], view[name], exact)
