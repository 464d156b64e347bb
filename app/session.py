"""The one view a visitor looks at: kept in the session, mirrored in the address bar."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from app.older_links import told
from app.url_state import decode, encode
from app.view import View

_VIEW, _WRITTEN, _NOTICES, _OLDER, _TOUCHED, _REFUSED, _LEFT = (
    "view", "query_written", "notices", "older_link", "touched", "refused", "left",
)  # fmt: skip


def current() -> View:
    """Returns what is chosen now; the address bar decides on the first visit and after back or forward."""
    query = st.query_params.to_dict()
    known = st.session_state.get(_VIEW)
    touched = st.session_state.pop(_TOUCHED, False)
    elsewhere = st.session_state.pop(_LEFT, False) and not query
    if known is None or (not touched and not elsewhere and query != st.session_state.get(_WRITTEN)):
        repeated = {key: st.query_params.get_all(key) for key in query}
        known, st.session_state[_NOTICES] = decode(repeated)
        st.session_state[_VIEW], st.session_state[_OLDER] = known, told(repeated, known)
    return known


def leave() -> None:
    """Remembers that another page is open: coming back by a link, which has no query, keeps the view."""
    st.session_state[_LEFT] = True


def choose(view: View) -> None:
    """Makes `view` the one shown from now on."""
    st.session_state[_VIEW] = view
    st.session_state[_NOTICES] = ()
    st.session_state[_OLDER] = ""
    st.session_state[_TOUCHED] = True


def change(key: str, value: Any) -> None:
    """Changes one field of the view."""
    choose(st.session_state[_VIEW].having(key, value))


def look(changes: Mapping[str, Any], known: Iterable[str]) -> None:
    """Changes the `known` fields that are among `changes`; a value that its field does not take is left out."""
    looked = view()
    for key in known:
        if key in changes:
            with suppress(ValueError):
                looked = looked.having(key, looked.fields[key].check(changes[key]))
    choose(looked)


def view() -> View:
    """Returns the view without looking at the address bar: for callbacks and fragments."""
    return st.session_state[_VIEW]


def refuse(reason: str) -> None:
    """Keeps the view and says why what was typed could not be used."""
    st.session_state[_REFUSED] = reason
    st.session_state[_TOUCHED] = True


def refused() -> str | None:
    """Returns why the last input was refused, once."""
    return st.session_state.pop(_REFUSED, None)


def notices() -> tuple[str, ...]:
    """Returns what could not be read from the address bar, a sentence each."""
    return st.session_state.get(_NOTICES, ())


def older_link() -> str:
    """Returns what has become of a link from before today's draws, until something changes; "" for any other."""
    return st.session_state.get(_OLDER, "")


def write_address() -> None:
    """Puts the view into the address bar. A query with something refused stays until something changes."""
    query = encode(view())
    if notices():
        st.session_state[_WRITTEN] = st.query_params.to_dict()
    else:
        if st.query_params.to_dict() != query:
            st.query_params.from_dict(query)
        st.session_state[_WRITTEN] = query
