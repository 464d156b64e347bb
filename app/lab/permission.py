"""Whether this visitor may launch, asked anew for everything that changes something."""

import streamlit as st

from experiments import launch

TOKEN, PROVED = "lab:token", "lab:proved"
LONGEST = 200  # characters of a token


def permission() -> launch.Permission:
    """Returns what the visitor may do: from where they come, to which address, with which token.

    A page inside another one may do nothing: whoever made the outer page could lead the visitor's clicks.
    """
    if st.context.is_embedded:
        return launch.Permission(False, "Nothing is launched from a page inside another one.", hidden=True)
    given = token()
    proved = bool(given) and st.session_state.get(PROVED) == given
    server, headers = st.get_option("server.address") or "", dict(st.context.headers)
    found = launch.allowed(visitor(), server, headers, given, proved)
    st.session_state[PROVED] = given if found.granted else None
    return found


def visitor() -> str | None:
    """Returns the visitor's address, None where it is this machine's own."""
    return st.context.ip_address


def token() -> str:
    """Returns what was typed as the token."""
    return str(st.session_state.get(TOKEN, ""))


def ask_for_token() -> None:
    """Draws the field for the token; what is typed stays in this session."""
    st.text_input(
        "Launch token", type="password", key=TOKEN, persist_state="session", autocomplete="off",
        max_chars=LONGEST,
    )  # fmt: skip
