"""What a widget reports that has not shown yet what Python made it show.

A change of the page's own controls sets other widgets too: "Show" leaves its preset, "Starts" becomes typed. A second
change that comes before the browser has shown that carries what they showed before, which reads as if a person had
chosen it back, and would undo the first change.
"""

from typing import Any

import streamlit as st

_TRIGGERS = "triggers of the page's own parts"


def heed(key: str, *triggers: str) -> None:
    """Remembers a part of the page and what it can tell of a hand: a request with that is no other widget's."""
    st.session_state.setdefault(_TRIGGERS, {})[key] = triggers


def show(key: str, value: Any, limits: Any = None) -> None:
    """Sets what the widget with this key shows, only where it differs: setting it again would redraw it.

    limits: the widget's range, if it has one; under new limits it is a new widget, and is told its value again.
    """
    drawn, before = f"{key}/limits", f"{key}/before"
    if st.session_state.get(key) != value or st.session_state.get(drawn) != limits:
        st.session_state[before] = st.session_state.get(key)
        st.session_state[key] = value
    elif before in st.session_state:
        del st.session_state[before]  # it has been seen to show the value
    st.session_state[drawn] = limits


def is_echo(key: str) -> bool:
    """Returns whether a widget's change is none: it reports what it showed before Python set it, with the change of
    another part of the page.
    """
    before = f"{key}/before"
    if before not in st.session_state or st.session_state[before] != st.session_state.get(key):
        return False
    parts = st.session_state.get(_TRIGGERS, {})
    return any(_told(part, trigger) for part, triggers in parts.items() for trigger in triggers)


def _told(part: str, trigger: str) -> bool:
    state = st.session_state.get(part)
    return state is not None and state.get(trigger) is not None
