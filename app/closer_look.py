"""Below the stage: tabs that compute only while they are open, and rerun alone."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app import session
from app.cards import method_card, problem_card
from app.echoes import show
from app.figures.curves import curves
from app.figures.surface import surface
from app.older_links import VERSION
from app.palette import palette
from app.python_call import script
from app.race import race
from app.runs import trajectory
from app.series import QUANTITIES, lines, unknown_after
from app.surfaces import ground
from app.sweep_tab import sweep_tab
from app.url_state import encode
from app.view import View
from app.widgets import widget
from mtlcore.registry import method_spec
from toy_problems import PROBLEMS

TABS = {
    "idea": "Idea", "race": "Race", "curves": "Curves", "surface": "Surface", "sweep": "Sweep", "share": "Share",
}  # fmt: skip
CHART = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"], "scrollZoom": False}


@st.fragment
def closer_look(followed: int, slot: str) -> None:
    """Draws the tabs; only the open one computes anything. `followed`: the start that the stage of this slot shows."""
    view = session.view()
    show("w:look", TABS[view["look"]])
    draw: dict[str, Callable[[View], None]] = {
        "idea": idea, "race": partial(race, slot=slot), "curves": curve_tab, "surface": surface_tab, "sweep": sweeps,
        "share": share,
    }  # fmt: skip
    for key, tab in zip(TABS, st.tabs(list(TABS.values()), key="w:look", on_change=_take_look), strict=True):
        if tab.open:
            with tab:
                draw[key](view)
    if view["start"] != followed:
        st.rerun()  # the stage follows the start that was chosen here
    session.write_address()


def _take_look() -> None:
    label = st.session_state["w:look"]
    session.change("look", next(key for key, title in TABS.items() if title == label))


def dark() -> bool:
    """Returns whether the visitor's theme is dark."""
    return st.context.theme.type == "dark"


def idea(view: View) -> None:
    """Draws the problem and the chosen methods as cards, two side by side; an odd number begins with a wide one."""
    cards = [partial(problem_card, PROBLEMS[view.problem])]
    cards += [partial(method_card, spec, with_parameters=False) for spec in view.specs]
    if len(cards) % 2:
        cards.pop(0)()
    for row in range(0, len(cards), 2):
        for cell, card in zip(st.columns(2), cards[row : row + 2], strict=True):
            with cell:
                card()


def curve_tab(view: View) -> None:
    """Draws one quantity over the steps for all methods."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        widget(
            view.fields["curve"],
            view["curve"],
            titles={key: item.name for key, item in QUANTITIES.items()},
        )
        runs = [(method_spec(key).title, trajectory(view.config(key))) for key in view.methods]
        start = _start(view, len(runs[0][1].status))
    quantity = QUANTITIES[view["curve"]]
    drawn = lines(runs, view["curve"], start)
    if not drawn:
        st.info(quantity.missing, icon=":material/show_chart:")
        return
    cap = quantity.cap(view["tasks"])
    figure = curves(drawn, quantity.title, palette(dark()), quantity.log, cap)
    st.plotly_chart(figure, theme=None, config=CHART, key="curves", alt=f"{quantity.title} over the steps")
    unknown = [f"{title}: not known after the rule." for title in unknown_after(runs, view["curve"])]
    if quantity.note:
        st.caption(" ".join([quantity.note, *unknown]))


def surface_tab(view: View) -> None:
    """Draws the mean loss as the chosen method sees it in the end, with its path."""
    if PROBLEMS[view.problem].batch > 1:
        st.info(
            "No surface here: the loss belongs to a whole cloud of points, not to one.",
            icon=":material/grain:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = method_choice(view)
        run = trajectory(view.config(key))
        start = _start(view, len(run.status))
    land = ground(run, start, view.pair)
    letter = "θ" if not PROBLEMS[view.problem].backbone else "z"
    first, second = (f"{letter}{i + 1}" for i in view.pair)
    figure = surface(
        land.x, land.y, land.height, land.paths, land.lift, (first, second, "mean loss"), palette(dark())
    )
    st.plotly_chart(
        figure, theme=None, config=CHART, key="surface", alt="mean loss as a surface, with the path"
    )
    st.caption(
        "The mean of the task losses over the plane shown, each task seen through its view at the last step. "
        "With a rotation that has done its work the tasks' valleys have become one."
        if method_spec(key).has_transform
        else "The mean of the task losses over the plane shown, and the path on it."
    )


def sweeps(view: View) -> None:
    """Draws the sweep of one of the methods."""
    sweep_tab(view, method_choice(view), palette(dark()))


def share(view: View) -> None:
    """Shows the link that opens this picture elsewhere, and the Python that computes it."""
    named = encode(view) | {
        VERSION.name: VERSION.format(VERSION.default)
    }  # the first screen's network is drawn too
    query = "&".join(f"{key}={value}" for key, value in named.items())
    base = (st.context.url or "").split("?")[0]
    st.markdown(
        "**This picture as a link.** It opens the same picture for everyone who can reach this server."
    )
    st.code(f"{base}?{query}", language=None, wrap_lines=True)
    st.markdown("**The same in Python.** Each call returns a `Trajectory`: arrays with named axes.")
    st.code(script(tuple(view.config(key) for key in view.methods)), language="python", wrap_lines=True)


def method_choice(view: View) -> str:
    """Draws a choice among the methods shown, where there is one; returns the chosen method's key."""
    if len(view.methods) > 1:
        titles = {i + 1: method_spec(key).title for i, key in enumerate(view.methods)}
        widget(view.fields["of"], view["of"], titles=titles)
    return view.methods[view["of"] - 1]


def _start(view: View, count: int) -> int:
    """Draws a choice among the starts, where there are several; returns the chosen one's index."""
    if count == 1:
        return 0
    widget(view.fields["start"], min(view["start"], count), titles={i: str(i) for i in range(1, count + 1)})
    return min(view["start"], count) - 1
