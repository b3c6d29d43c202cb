"""Where text stands on a page. On the standard library alone, because every parser's process loads it."""

from itertools import pairwise
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle on a page: holds the document's text from the character `start` to the next box's start.

    Sides are shares of the page's width and height in [0, 1], from the upper left corner.
    """

    start: int
    page: int
    left: float
    top: float
    right: float
    bottom: float


def boxes_between(boxes: tuple[Box, ...], start: int, end: int) -> tuple[Box, ...]:
    """Return the boxes that hold a character from `start` to before `end`; boxes are in order of their text."""
    if not boxes:
        return ()
    followed = [*pairwise(boxes), (boxes[-1], None)]
    return tuple(box for box, after in followed if box.start < end and (after is None or after.start > start))
