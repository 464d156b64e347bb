"""Guided lessons: Markdown files that set the stage, ask before they show, and tell why."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from app.lessons.lesson import Lesson
from app.lessons.reading import read

FOLDER = Path(__file__).parent


@cache
def lessons(folder: Path = FOLDER) -> Mapping[str, Lesson]:
    """Returns the lessons by their numbers, in order. Raises LessonError for a file that cannot be read."""
    found = {lesson.number: lesson for lesson in map(read, sorted(folder.glob("[0-9][0-9]-*.md")))}
    return MappingProxyType(found)
