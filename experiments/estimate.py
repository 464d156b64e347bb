"""How long a run will take, and why it cannot work where it cannot."""

from typing import Any


def refusal(config: Any) -> str:
    """Returns why a configuration cannot run here, "" where it can."""
    return ""
