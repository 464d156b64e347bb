"""The command that starts the app from any folder: `gradient-playground`, or `python -m app`."""

import argparse
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

NAME = "gradient-playground"
MAIN = Path(__file__).with_name("main.py")
MISSING = "The library is here and the app is not: pip install 'gradient-balancing-playground[app]'\n"
HELP = """Every setting of Streamlit can be given in the environment, as STREAMLIT_SERVER_BASE_URL_PATH=playground; the
app's own are in .streamlit/config.toml beside its sources. The first start compiles the kernels, which
`python -m toy_problems.kernels` does beforehand and on every core."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Starts the server and ends the process with it. argv: the arguments, the command line's by default."""
    parser = _parser()
    given = parser.parse_args(argv)
    if importlib.util.find_spec("streamlit") is None:
        parser.exit(1, MISSING)
    _have_a_home()
    from streamlit.web import cli

    options = {"port": given.port, "address": given.address, "headless": "true" if given.no_browser else None}
    flags = [f"--server.{name}={value}" for name, value in options.items() if value is not None]
    cli.main(["run", str(MAIN), *flags], prog_name=NAME)
    raise AssertionError("Streamlit's command ends the process.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        NAME, description="Opens the gradient balancing playground in a browser.", epilog=HELP
    )
    parser.add_argument("--port", type=int, help="where it listens (default: 8501)")
    parser.add_argument(
        "--address",
        help="which of this machine's addresses it listens on (default: 127.0.0.1, this machine only; "
        "0.0.0.0 is every address)",
    )
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    return parser


def _have_a_home() -> None:
    """Gives a process whose user has no home folder the root, as container engines do: Streamlit asks for one."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = os.sep


if __name__ == "__main__":
    main()
