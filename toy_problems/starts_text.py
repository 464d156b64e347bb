"""Starts as text, the same in links, on the command line and in a text box: a word, or points like -3,2;1,0.5."""

from collections.abc import Sequence

from mtlcore.param import number_in, number_text

Starts = str | Sequence[Sequence[float]]


def parse_starts(text: str) -> Starts:
    """Returns the points that a text stands for; any other text as it is: a word, or what `ToyConfig` refuses."""
    read = [[number_in(part) for part in point.split(",")] for point in text.split(";") if point.strip()]
    points = [[x for x in point if not isinstance(x, str)] for point in read]
    return points if points and points == read else text.strip()


def format_starts(starts: Starts) -> str:
    """Returns the text that `parse_starts` reads as these starts again: short, and exact."""
    if isinstance(starts, str):
        return starts
    return ";".join(",".join(map(number_text, point)) for point in starts)
