"""The order in which what stands on a PDF page is read: that of the content, unless it jumps about."""

from collections.abc import Sequence
from itertools import pairwise

from functions.ml.ingestion.parsing.readers.pdf_lines import Line
from functions.ml.ingestion.parsing.readers.pdf_rtl import RIGHT_TO_LEFT
from functions.ml.ingestion.parsing.readers.pdf_tables import Item

_MOST_JUMPS = 3
_JUMP_SHARE = 0.06
_BESIDE_SHARE = 0.2
_PROSE = 20  # characters
_GUTTER = 8.0  # points
_DEEPEST = 40
_SAME_HEIGHT = 4.0  # points


def in_order(items: Sequence[Item]) -> list[Item]:
    """Return lines and tables of one page in reading order.

    The order of the content is kept: whoever wrote the file knew it. Only where it goes back up the page again and
    again, or across columns line by line, is the page cut along its free stretches instead.
    """
    found = list(items)
    jumps = sum(_jumps_back(above, below) for above, below in pairwise(found))
    beside = sum(_stand_beside(left, right) for left, right in pairwise(found))
    if (jumps > _MOST_JUMPS and jumps > _JUMP_SHARE * len(found)) or 2 * beside > _BESIDE_SHARE * len(found) > 1:
        letters = "".join(item.text for item in found if isinstance(item, Line))
        from_right = 2 * len(RIGHT_TO_LEFT.findall(letters)) > len(letters)
        return _cut(found, from_right=from_right, depth=0)
    return found


def _jumps_back(above: Item, below: Item) -> bool:
    """Tell a step up the page that leads to no further column."""
    return below.bottom < above.top and below.left < above.right and not below.right < above.left - 200


def _stand_beside(left: Item, right: Item) -> bool:
    if not (isinstance(left, Line) and isinstance(right, Line)):
        return False
    long = len(left.text) > _PROSE and len(right.text) > _PROSE
    return long and abs(left.bottom - right.bottom) < _SAME_HEIGHT and right.left > left.right + _GUTTER


def _cut(items: list[Item], *, from_right: bool, depth: int) -> list[Item]:
    if len(items) < 3 or depth > _DEEPEST:  # noqa: PLR2004 - two have only one order
        return sorted(items, key=lambda item: (round(item.bottom / _SAME_HEIGHT), item.left))
    if gutter := _gap([(item.left, item.right) for item in items], _GUTTER):
        sides = [item for item in items if item.right <= gutter], [item for item in items if item.right > gutter]
        first, second = reversed(sides) if from_right else sides
    elif gap := _gap([(item.top, item.bottom) for item in items], 0.0):
        first = [item for item in items if item.bottom <= gap]
        second = [item for item in items if item.bottom > gap]
    else:
        return sorted(items, key=lambda item: (round(item.bottom / _SAME_HEIGHT), item.left))
    return [
        *_cut(list(first), from_right=from_right, depth=depth + 1),
        *_cut(list(second), from_right=from_right, depth=depth + 1),
    ]


def _gap(spans: Sequence[tuple[float, float]], least: float) -> float | None:
    """Return the middle of the widest stretch that no span touches."""
    ordered = sorted(spans)
    widest, middle, reach = least, None, ordered[0][1]
    for start, end in ordered[1:]:
        if start - reach > widest:
            widest, middle = start - reach, (start + reach) / 2
        reach = max(reach, end)
    return middle
