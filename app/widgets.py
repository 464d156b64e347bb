"""One widget for one parameter: its kind, range, scale and help decide which, nothing else does."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.echoes import is_echo, show
from app.field_kinds import Field
from app.taking import take
from mtlcore.spec import Param

TYPED = 400  # characters of a typed list of numbers
MANTISSAS = (1, 2, 3, 5)
DECADES_BELOW_DEFAULT = 4  # a range that starts at zero has no logarithm


def logarithmic(param: Param) -> bool:
    """Returns whether a slider of this number suits its logarithm better: a rate, a count of very many."""
    return param.scale == "log" or (param.kind == "int" and param.high - param.low > 1000)


def first_above_zero(param: Param) -> float:
    """Returns where a logarithmic range begins, a zero of its own left out."""
    return float(param.low or (abs(param.default) or param.high) * 10.0**-DECADES_BELOW_DEFAULT)


def ticks(param: Param, *wanted: float) -> list[float]:
    """Returns where a logarithmic slider stops: 1, 2, 3, 5 of each decade, the ends, and what is `wanted`."""
    low = first_above_zero(param)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(param.high)) + 1)
    values = {float(f"{m}e{decade}") for decade in decades for m in MANTISSAS}
    ends = {param.low, param.high}
    inside = {v for v in values if max(low, param.low) <= v <= param.high} | ends | set(wanted)
    return sorted(map(int, inside)) if param.kind == "int" else sorted(map(float, inside))


def number(value: float) -> str:
    """Returns a number as a slider shows it: short, and different for different values."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.12g}"


def widget(
    entry: Field,
    value: Any,
    exact: bool = False,
    titles: Mapping[Any, str] | None = None,
    as_list: bool = False,
) -> None:
    """Draws the widget for one field, showing `value`; what a person does with it changes the view.

    titles: the values to choose from, with what each is called, where they are few and have names; side by
    side, or `as_list` one below the other.
    """
    key = f"{'exact' if exact else 'w'}:{entry.key}"
    control(entry.param, value, key, _take, (entry.key, key), exact, titles, as_list)


def title_in(titles: Mapping[Any, str]) -> Callable[[Any], str]:
    """Returns what names a choice by its title, and one that has none by its own text."""
    return lambda value: titles.get(value, str(value))


def control(
    param: Param,
    value: Any,
    key: str,
    on_change: Callable[..., None],
    args: tuple[Any, ...],
    exact: bool = False,
    titles: Mapping[Any, str] | None = None,
    as_list: bool = False,
) -> None:
    """Draws the widget that suits a parameter, showing `value`; a change calls on_change(*args)."""
    common: dict[str, Any] = {"key": key, "help": param.help or None, "on_change": on_change, "args": args}
    show(key, _shown(param, value), _range(param, exact))
    if titles is not None and as_list:
        st.selectbox(param.label, list(titles), format_func=title_in(titles), **common)
        return
    if titles is not None:
        st.segmented_control(
            param.label, list(titles), format_func=title_in(titles), required=True, wrap=True, **common
        )
        return
    match param.kind:
        case "choice" if len(param.choices) <= 3:
            st.segmented_control(param.label, param.choices, required=True, **common)
        case "choice":
            st.selectbox(param.label, param.choices, **common)
        case "bool":
            st.toggle(param.label, **common)
        case "vector":
            st.text_input(param.label, placeholder="equal", max_chars=TYPED, **common)
        case _ if exact:
            _exact(param, common)
        case _:
            _slider(param, value, common)


def _exact(param: Param, common: dict[str, Any]) -> None:
    """A box without limits of its own: given them, the browser keeps what is out of range to itself and an emptied
    box becomes its lowest number; so both come here and are refused with a sentence.
    """
    if param.kind == "int":
        st.number_input(param.label, value=None, step=1, **common)
    else:
        st.number_input(param.label, value=None, step=param.step or 0.01, format="%.12g", **common)


def _slider(param: Param, value: Any, common: dict[str, Any]) -> None:
    if logarithmic(param):
        st.select_slider(param.label, ticks(param, value), format_func=number, **common)
    elif param.kind == "int":
        st.slider(param.label, int(param.low), int(param.high), step=int(param.step) or 1, **common)
    elif not on_grid(param, value):  # an even slider would show the nearest of its stops instead
        st.select_slider(param.label, grid(param, value), format_func=number, **common)
    else:
        step = step_of(param)
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        ends = float(param.low), float(param.high)
        st.slider(param.label, *ends, step=step, format=f"%.{digits}f", **common)


def step_of(param: Param) -> float:
    """Returns the distance between two stops of an even slider."""
    return float(param.step or (param.high - param.low) / 100)


def on_grid(param: Param, value: float) -> bool:
    """Returns whether an even slider has a stop at `value`."""
    stops = (value - param.low) / step_of(param)
    return abs(stops - round(stops)) < 1e-6


def grid(param: Param, *wanted: float) -> list[float]:
    """Returns where an even slider stops, and what is `wanted`."""
    step = step_of(param)
    count = math.floor((param.high - param.low) / step + 1e-6) + 1
    return sorted({round(param.low + i * step, 12) for i in range(count)} | set(wanted))


def _shown(param: Param, value: Any) -> Any:
    """Returns what a widget shows for a value; a text that is no vector is shown as it was typed."""
    is_vector = param.kind == "vector" and not isinstance(value, str)
    return param.format(value).replace(",", ", ") if is_vector else value


def _range(param: Param, exact: bool) -> Any:
    """Returns what makes a slider a new widget: Streamlit starts one with other limits at its lowest value."""
    return None if exact or param.kind not in ("int", "float") else (param.low, param.high, param.step)


def _take(field_key: str, widget_key: str) -> None:
    if not is_echo(widget_key):
        take(field_key, st.session_state[widget_key])


def choose_one(
    label: str,
    key: str,
    options: Sequence[str],
    shown: str,
    title: Callable[[str], str],
    on_change: Callable[[str], None],
) -> None:
    """Draws a drop-down list whose choice is handed to `on_change`."""

    def changed() -> None:
        if not is_echo(key):
            on_change(st.session_state[key])

    show(key, shown)
    st.selectbox(label, options, key=key, format_func=title, on_change=changed)
