"""Headers, footers and page numbers: what returns at the edges of PDF pages."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from functions.ml.ingestion.parsing.readers.pdf_lines import Line
from functions.ml.ingestion.parsing.readers.pdf_tables import Item

_EDGE_ITEMS = 3
_EDGE = 0.12  # of the page's height
_ROUGH_EDGE = 0.25
_LEAST_PAGES = 4
_WINDOW_PAGES = 8
_SHARE = 0.3
_DIGITS = re.compile(r"\d+")
_ROMAN = "ivxlc"
_PAGE_NUMBER = re.compile(
    rf"^[\W_]*(?:(?:page|seite|pagina|página|p\.|стр\.?|第)?\s*(?:\d{{1,4}}(?:[-–]\d{{1,4}})?|[{_ROMAN}]{{1,6}})(?:\s*(?:/|of|von|de|sur|di)\s*\d{{1,4}})?"
    r"|\d{1,4}\s*页)[\W_]*$",
    re.IGNORECASE,
)
_HEIGHT = 4.0  # points: a line that returns stands so near to the same height

Mark = tuple[str, int]


def without_running_lines(pages: Sequence[list[Item]], heights: Sequence[float]) -> list[list[Item]]:
    """Drop what returns at the edge of the pages, and page numbers that stand alone there.

    A line returns when it stands, digits aside, at the same height on four pages near each other. In a document of two
    or three pages, where chance may do that, it must do so on all of them and in the outer eighth, and the first page
    keeps it. A document of one page has only its page number to lose.

    Args:
        pages: items of each page.
        heights: of each page, in points.
    """
    marks = [_marks(items, height) for items, height in zip(pages, heights, strict=True)]
    where: dict[Mark, list[int]] = {}
    for number, found in enumerate(marks):
        for mark in {*found.values()}:
            where.setdefault(mark, []).append(number)
    kept = []
    for number, (items, found) in enumerate(zip(pages, marks, strict=True)):
        dropped = {index for index, mark in found.items() if _returns(where[mark], number, len(pages))}
        if len(pages) < _LEAST_PAGES:
            dropped = {index for index in dropped if number and _at_edge(items[index], heights[number])}
        rest = [item for index, item in enumerate(items) if index not in dropped]
        kept.append(_without_number(rest, heights[number]))
    return kept


def _marks(items: Sequence[Item], height: float) -> dict[int, Mark]:
    """Return index -> (text without digits, height on the page) of the highest and lowest items."""
    order = sorted(range(len(items)), key=lambda index: items[index].top)
    by_bottom = sorted(range(len(items)), key=lambda index: -items[index].bottom)
    found = {}
    for index in {*order[:_EDGE_ITEMS], *by_bottom[:_EDGE_ITEMS]}:
        item = items[index]
        near = item.bottom < _ROUGH_EDGE * height or item.top > (1 - _ROUGH_EDGE) * height
        text = item.text if isinstance(item, Line) else "|".join(cell for row in item.rows for cell in row.cells)
        mark = _DIGITS.sub("#", text)
        if near and (any(map(str.isalpha, mark)) or mark.count("#") == 1):
            found[index] = (mark, round(item.bottom / _HEIGHT))
    return found


def _at_edge(item: Item, height: float) -> bool:
    return item.bottom < _EDGE * height or item.top > (1 - _EDGE) * height


def _returns(pages: Sequence[int], page: int, count: int) -> bool:
    if count < _LEAST_PAGES:
        return 1 < count == len(pages)
    if len(pages) >= max(_LEAST_PAGES, _SHARE * count):
        return True
    near = bisect_right(pages, page + _WINDOW_PAGES) - bisect_left(pages, page - _WINDOW_PAGES)
    return near >= _LEAST_PAGES


def _without_number(items: list[Item], height: float) -> list[Item]:
    """Drop the page number: a number alone on the first or last line, apart from the text."""
    for last in (True, False):
        if len(items) < 2:  # noqa: PLR2004 - a page that is one number means it
            return items
        outer = max(items, key=lambda item: item.bottom) if last else min(items, key=lambda item: item.top)
        others = [item for item in items if item is not outer]
        gap = outer.top - max(item.bottom for item in others) if last else min(o.top for o in others) - outer.bottom
        apart = isinstance(outer, Line) and _at_edge(outer, height) and gap > outer.size / 2
        if apart and isinstance(outer, Line) and _PAGE_NUMBER.match(outer.text):
            items = others
    return items
