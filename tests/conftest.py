"""What holds for every test: how hypothesis draws its cases, and which program the tests are."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same cases in every run, and no limit in seconds: a loaded machine is not a failing one.
settings.register_profile("suite", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("suite")
MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def main_is_still_pytest() -> Iterator[None]:
    """Puts pytest back in place of `__main__`, where Streamlit's AppTest leaves the page it ran: processes that a
    later test starts with `spawn` would run that page again.
    """
    yield
    sys.modules["__main__"] = MAIN
