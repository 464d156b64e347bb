"""Switches in the environment: how a word becomes on or off, the same for all of them."""

import logging
import os
from functools import cache

ON, OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
_LOG = logging.getLogger(__name__)


def switched_on(name: str, unknown: bool) -> bool:
    """Returns whether the environment variable `name` is switched on.

    On are 1, true, yes and on, off are 0, false, no, off, an empty text and none at all, in any case and with
    spaces around. A word that is neither counts as `unknown`, the side on which less is allowed, and is named in
    the log once.
    """
    word = os.environ.get(name, "").strip().lower()
    if word in ON or word in OFF:
        return word in ON
    _warn(name, word, unknown)
    return unknown


@cache
def _warn(name: str, word: str, unknown: bool) -> None:
    taken = "on" if unknown else "off"
    _LOG.warning("%s takes %s, got %r. It counts as %s.", name, ", ".join((*ON, *OFF[1:])), word, taken)
