"""What holds for every test: how hypothesis draws its cases."""

from hypothesis import settings

# The same cases in every run, and no limit in seconds: a loaded machine is not a failing one.
settings.register_profile("suite", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("suite")
