"""The workbench that a visitor looks at: kept in the session, mirrored in the address bar."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.workbench.bench import Bench, decode, encode
from mtlcore.param import sentence_of

_BENCH, _WRITTEN, _NOTICES, _TOUCHED, _LEFT = (
    f"workbench/{name}" for name in ("bench", "query written", "notices", "touched", "left")
)


def current() -> Bench:
    """Returns what is chosen now; the address bar decides on the first visit and after back or forward."""
    query = st.query_params.to_dict()
    known = st.session_state.get(_BENCH)
    touched = st.session_state.pop(_TOUCHED, False)
    elsewhere = st.session_state.pop(_LEFT, False) and not query
    if known is None or (not touched and not elsewhere and query != st.session_state.get(_WRITTEN)):
        known, st.session_state[_NOTICES] = decode({key: st.query_params.get_all(key) for key in query})
        st.session_state[_BENCH] = known
    return known


def leave() -> None:
    """Remembers that another page is open: coming back by a link, which has no query, keeps the workbench."""
    st.session_state[_LEFT] = True


def change(values: Mapping[str, Any]) -> None:
    """Takes what a hand has changed; what cannot be used is left as it was, and a sentence says why."""
    try:
        st.session_state[_BENCH] = st.session_state[_BENCH].having(values)
        st.session_state[_NOTICES] = ()
    except ValueError as error:
        st.session_state[_NOTICES] = (sentence_of(error),)
    st.session_state[_TOUCHED] = True


def notices() -> tuple[str, ...]:
    """Returns what could not be used, a sentence each."""
    return st.session_state.get(_NOTICES, ())


def write_address() -> None:
    """Puts the state into the address bar. A query with something refused stays until something changes."""
    query = encode(st.session_state[_BENCH])
    if notices():
        query = st.query_params.to_dict()
    elif st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    st.session_state[_WRITTEN] = query
