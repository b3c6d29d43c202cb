"""From recognised lines to paragraphs in reading order. Pure.

The lines of a page come in no order. The page is cut along its empty strips, upright ones (between columns) and level
ones (between paragraphs), the widest in proportion first, until no strip is left: the recursive X-Y cut.

Source: Nagy and Seth, "Hierarchical representation of optically scanned documents", ICPR 1984.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from functions.ml.parsed import Block, ParsedDocument
from functions.ml.recognised import RecognisedLine, RecognisedPage
from shared.contracts.boxes import Box

_COLUMN_GAP = 0.9
"""Least width of the strip between two columns, in line heights."""
_PARAGRAPH_GAP = 0.65
"""Least height of the strip between two paragraphs, in line heights."""
_SAME_LINE = 0.5
_LEAST_CONFIDENCE = 0.5
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_HYPHENATED = re.compile(r"\w[-\u00ad\u2010]$")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line on the upright page; sides in multiples of a common unit, so that both axes compare."""

    line: RecognisedLine
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


def page_blocks(page: RecognisedPage, number: int) -> list[Block]:
    """Return the paragraphs of one page in reading order.

    Args:
        page: as it was recognised, its boxes in shares of the page as it is shown.
        number: of the page, from 1.
    """
    lines = [_upright(line, page) for line in page.lines if line.confidence >= _LEAST_CONFIDENCE and line.text.strip()]
    if not lines:
        return []
    height = median(line.height for line in lines)
    return [_block(group, number) for group in _cut(lines, height)]


def with_recognised(document: ParsedDocument, pages: dict[int, RecognisedPage]) -> ParsedDocument:
    """Put the text of recognised pages where these pages stand among the others."""
    blocks = list(document.blocks)
    for number in sorted(pages):
        after = next((at for at, block in enumerate(blocks) if (block.page or 0) > number), len(blocks))
        blocks[after:after] = page_blocks(pages[number], number)
    return ParsedDocument(tuple(blocks), document.pages, document.unit, document.title, document.warnings)


def _upright(line: RecognisedLine, page: RecognisedPage) -> _Line:
    """Turn a line's box with its page; the page's own proportions are those of its aspect."""
    left, top, right, bottom = line.left, line.top, line.right, line.bottom
    if page.turned == 90:  # noqa: PLR2004 - degrees clockwise
        left, top, right, bottom = 1 - bottom, left, 1 - top, right
    elif page.turned == 180:  # noqa: PLR2004
        left, top, right, bottom = 1 - right, 1 - bottom, 1 - left, 1 - top
    elif page.turned == 270:  # noqa: PLR2004
        left, top, right, bottom = top, 1 - right, bottom, 1 - left
    wide = 1.0 if page.turned % 180 else page.aspect
    high = page.aspect if page.turned % 180 else 1.0
    return _Line(line, left * wide, top * high, right * wide, bottom * high)


def _cut(lines: Sequence[_Line], height: float) -> list[list[_Line]]:
    """Return the groups of lines between which no strip is left, in reading order."""
    rows = _gaps(lines, upright=False)
    columns = _gaps(lines, upright=True)
    row = max(rows, default=(0.0, 0.0))
    column = max(columns, default=(0.0, 0.0))
    if column[0] >= _COLUMN_GAP * height and column[0] / _COLUMN_GAP >= row[0] / _PARAGRAPH_GAP:
        parts = [line for line in lines if line.left < column[1]], [line for line in lines if line.left >= column[1]]
    elif row[0] >= _PARAGRAPH_GAP * height:
        parts = [line for line in lines if line.top < row[1]], [line for line in lines if line.top >= row[1]]
    elif column[0] >= _COLUMN_GAP * height:
        parts = [line for line in lines if line.left < column[1]], [line for line in lines if line.left >= column[1]]
    else:
        return [_in_order(lines)]
    return [group for part in parts for group in _cut(part, height)]


def _gaps(lines: Sequence[_Line], *, upright: bool) -> list[tuple[float, float]]:
    """Return (width, middle) of every empty strip that goes all through the lines."""
    spans = sorted((line.left, line.right) if upright else (line.top, line.bottom) for line in lines)
    gaps = []
    end = spans[0][1]
    for start, stop in spans[1:]:
        if start > end:
            gaps.append((start - end, (start + end) / 2))
        end = max(end, stop)
    return gaps


def _in_order(lines: Sequence[_Line]) -> list[_Line]:
    """Order lines from above to below; pieces at one height from left to right."""
    waiting = sorted(lines, key=lambda line: line.top)
    ordered: list[_Line] = []
    while waiting:
        first = waiting[0]
        limit = first.top + _SAME_LINE * first.height
        beside = [line for line in waiting if line.top <= limit]
        ordered += sorted(beside, key=lambda line: line.left)
        waiting = [line for line in waiting if line.top > limit]
    return ordered


def _block(lines: Sequence[_Line], number: int) -> Block:
    text = ""
    for item in lines:
        text = _joined(text, item.line.text.strip())
    box = Box(
        0,
        number,
        min(item.line.left for item in lines),
        min(item.line.top for item in lines),
        max(item.line.right for item in lines),
        max(item.line.bottom for item in lines),
    )
    return Block("paragraph", text, page=number, boxes=(box,))


def _joined(above: str, below: str) -> str:
    """Continue a text in the next line: without the hyphen of a parted word, without spaces between CJK characters."""
    if not above:
        return below
    if _HYPHENATED.search(above) and below[0].islower():
        return above[:-1] + below
    if _WITHOUT_SPACES.match(above[-1]) and _WITHOUT_SPACES.match(below[0]):
        return above + below
    return f"{above} {below}"
