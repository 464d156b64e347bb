"""Whether this visitor may launch, asked anew for everything that changes something."""

import streamlit as st

from experiments import launch

TOKEN = "lab:token"


def permission() -> launch.Permission:
    """Returns what the visitor may do: from where they come, to which address, with which token."""
    return launch.allowed(visitor(), st.get_option("server.address") or "", dict(st.context.headers), token())


def visitor() -> str | None:
    """Returns the visitor's address, None where it is this machine's own."""
    return st.context.ip_address


def token() -> str:
    """Returns what was typed as the token."""
    return str(st.session_state.get(TOKEN, ""))


def ask_for_token() -> None:
    """Draws the field for the token; what is typed stays in this session."""
    st.text_input("Launch token", type="password", key=TOKEN, persist_state="session", autocomplete="off")
