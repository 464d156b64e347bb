"""One widget for one parameter: its kind, range, scale and help decide which, nothing else does."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app import session
from app.view import Field
from mtlcore.rules._types import Param

TYPED = 400  # characters of a typed list of numbers
MANTISSAS = (1, 2, 3, 5)
DECADES_BELOW_DEFAULT = 4  # a range that starts at zero has no logarithm


def ticks(param: Param, *wanted: float) -> list[float]:
    """Returns where a logarithmic slider stops: 1, 2, 3, 5 of each decade, the ends, and what is `wanted`."""
    low = param.low or (abs(param.default) or param.high) * 10.0**-DECADES_BELOW_DEFAULT
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
    common = {"key": key, "help": param.help or None, "on_change": on_change, "args": args}
    show(key, _shown(param, value))
    if titles is not None and as_list:
        st.selectbox(param.label, list(titles), format_func=titles.get, **common)
        return
    if titles is not None:
        st.segmented_control(param.label, list(titles), format_func=titles.get, required=True, **common)
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
    if param.scale == "log" or (param.kind == "int" and param.high - param.low > 1000):
        st.select_slider(param.label, ticks(param, value), format_func=number, **common)
    elif param.kind == "int":
        st.slider(param.label, int(param.low), int(param.high), step=int(param.step) or 1, **common)
    else:
        step = param.step or (param.high - param.low) / 100
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        st.slider(
            param.label,
            float(param.low),
            float(param.high),
            step=float(step),
            format=f"%.{digits}f",
            **common,
        )


def _shown(param: Param, value: Any) -> Any:
    return ", ".join(map(number, value)) if param.kind == "vector" else value


def show(key: str, value: Any) -> None:
    """Sets what the widget with this key shows, only where it differs: setting it again would redraw it."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _take(field_key: str, widget_key: str) -> None:
    value = st.session_state[widget_key]
    entry = session.view().fields[field_key]
    if entry.param.kind == "vector":
        value = numbers(value)
    try:
        entry.check(value)
    except ValueError as error:
        session.refuse(str(error))
        return
    session.change(field_key, value)


def numbers(text: str) -> Sequence[float] | str:
    """Returns the numbers that are typed with commas between, or the text itself where it is something else."""
    parts = [part for part in text.replace(";", ",").split(",") if part.strip()]
    try:
        return [float(part) for part in parts]
    except ValueError:
        return text


def choose_one(
    label: str,
    key: str,
    options: Sequence[str],
    shown: str,
    title: Callable[[str], str],
    on_change: Callable[[str], None],
) -> None:
    """Draws a drop-down list whose choice is handed to `on_change`."""
    show(key, shown)
    st.selectbox(
        label, options, key=key, format_func=title, on_change=lambda: on_change(st.session_state[key])
    )
