"""The sidebar: what is chosen, and between it the numbers, which are drawn in the page."""

import streamlit as st

from app import session
from app.composing import compose
from app.echoes import is_echo, show
from app.field_kinds import StartsField
from app.live.component import live_controls
from app.live.layout import groups, values
from app.offered import offered, runs_on
from app.presets import PRESETS
from app.runs import starts_of
from app.taking import take_all
from app.view import MAX_METHODS, View
from app.widgets import choose_one, title_in, widget
from mtlcore.param import sentence_of
from mtlcore.registry import METHODS, method_spec
from toy_problems import PROBLEMS

OWN = "Your own choice"
POINTS = 4000  # characters of typed starts: the most starts there are, with every digit
START_WORDS = {"random": "Seed", "spread": "Spread", "paper": "Paper", "typed": "Typed"}


def sidebar(view: View, slot: str) -> None:
    """Draws every control that acts on the chosen problem and methods; the stage of this slot hears the moved ones."""
    _presets(view)
    _problem(view)
    with (
        st.container()
    ):  # its place stays where it is empty: the live controls do not move, which would end them
        _tasks(view)
    _methods(view)
    told = groups(view)
    live_controls(told, values(view, told), slot, "live", take_all)
    st.markdown("## Start")
    _starts(view)


def method_title(key: str) -> str:
    """Returns what a method is called on the page."""
    return method_spec(key).title


def turn_preset(by: int) -> None:
    """Chooses the preset that is `by` places after the one shown, as in a ring; of one's own view the first or last."""
    titles, shown = list(PRESETS), _preset_of(session.view())
    at = titles.index(shown) + by if shown in titles else min(by, 0)
    _take_preset(titles[at % len(titles)])


def _take_preset(title: str) -> None:
    session.choose(session.view().opening(PRESETS[title].view))


def _preset_of(view: View) -> str:
    return next((title for title, preset in PRESETS.items() if preset.view.picture == view.picture), OWN)


def _presets(view: View) -> None:
    shown = _preset_of(view)
    options = [*PRESETS, *([OWN] if shown == OWN else [])]

    def take(title: str) -> None:
        if title in PRESETS:
            _take_preset(title)

    choose_one("Show", "w:preset", options, shown, str, take)


def _problem(view: View) -> None:
    def take(key: str) -> None:
        changed = session.view().having("problem", key)
        running = tuple(method for method in changed.methods if runs_on(key, method))
        session.choose(changed.having("methods", running or View().methods))

    choose_one("Problem", "w:problem", list(PROBLEMS), view.problem, lambda key: PROBLEMS[key].title, take)


def _tasks(view: View) -> None:
    counts = PROBLEMS[view.problem].task_counts
    if len(counts) > 1:
        widget(view.fields["tasks"], view["tasks"], titles={count: str(count) for count in counts})


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
    if is_echo("w:methods"):
        return
    keys = st.session_state["w:methods"]
    session.change("methods", tuple(keys) or session.view().methods[-1:])


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
    if is_echo("w:start_word"):
        return
    word = st.session_state["w:start_word"]
    session.change("starts", _points_now() if word == "typed" else word)


def _points_now() -> tuple[tuple[float, ...], ...]:
    """Returns the starts as they run now, drawn ones too: typing goes on from what is on the stage."""
    view = session.view()
    return view.fields["starts"].check(starts_of(view.config(view.methods[0])))


def _take_start_points() -> None:
    if is_echo("w:start_points"):
        return
    text = st.session_state["w:start_points"]
    try:
        session.change("starts", session.view().fields["starts"].parse(text))
    except ValueError as error:
        session.refuse(sentence_of(error))
