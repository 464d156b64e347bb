"""Keeps Streamlit from asking an outside service for this machine's own address.

Streamlit compares the origin of a connection with this machine's addresses, and asks a web service for the outer
one whenever a foreign origin connects, up to seconds at a time, while nobody else is answered. No setting turns
this off (the one in `app/.streamlit/config.toml` covers the start only), so the two functions that look are replaced.
An origin that is neither this server's own nor listed in `server.corsAllowedOrigins` is refused as before.
"""

from streamlit import net_util


def ask_nobody() -> None:
    """Replaces what would look for this machine's addresses elsewhere; allowed origins are those configured."""
    for name in ("get_external_ip", "get_internal_ip"):
        if not callable(getattr(net_util, name, None)):
            raise RuntimeError(f"streamlit.net_util has no {name} any more: see app/server/quiet.py.")
        setattr(net_util, name, _unknown)


def _unknown() -> None:
    """Returns None, which Streamlit takes for an address that could not be found."""
