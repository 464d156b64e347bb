"""What a parameter takes, as a hypothesis strategy."""

from hypothesis import strategies as st

from mtlcore.spec import Param

BEYOND = 1e300  # in the place of a range's end that is infinite


def values(param: Param, most: int = 5) -> st.SearchStrategy:
    """Returns the values that a parameter takes; a vector has up to `most` numbers."""
    if param.kind == "choice":
        return st.sampled_from(param.choices)
    if param.kind == "bool":
        return st.booleans()
    if param.kind == "int":
        return st.integers(int(param.low), int(param.high))
    number = st.floats(param.low, min(param.high, BEYOND), allow_nan=False)
    return st.lists(number, max_size=most).map(tuple) if param.kind == "vector" else number
