"""From recognised lines to paragraphs in reading order. Pure.

The lines of a page come in no order. The page is cut along its empty strips, upright ones between columns of running
text first, then level ones, the highest first, until no strip is left: the recursive X-Y cut.

Source: Nagy and Seth, "Hierarchical representation of optically scanned documents", ICPR 1984.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from functions.ml.parsed import Block, ParsedDocument
from functions.ml.recognised import RecognisedLine, RecognisedPage
from shared.contracts.boxes import Box

_COLUMN_GAP = 0.8
"""Least width of the strip between two columns, in line heights."""
_LEAST_COLUMN = 8.0
"""Least width of the lines of a column, in line heights."""
_PARAGRAPH_GAP = 0.9
"""Least height of the strip between two paragraphs, in line heights."""
_OTHER_SIZE = 1.5
_SIDEWAYS = 2.0
"""From this proportion on a line runs up or down the margin; it is read last."""
_MARGIN = 0.12
"""How far the model draws a box beyond the text, in line heights."""
_LEAST_CONFIDENCE = 0.5
_LEAST_PAGE_CONFIDENCE = 0.8
"""Of a page, weighted by length: 0.94 and more where the model knows the script, 0.72 and less where it guesses."""
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
    if not is_readable(page):
        return []
    lines = [_upright(line, page) for line in page.lines if _is_sure(line)]
    height = median(line.height for line in lines)
    sideways = [line for line in lines if line.height > _SIDEWAYS * max(line.right - line.left, height)]
    level = [line for line in lines if line not in sideways]
    groups = _paragraphs(_ordered(level, height), height) if level else []
    return [_block(group, number) for group in (*groups, *([line] for line in sideways))]


def is_readable(page: RecognisedPage) -> bool:
    """Tell whether there is text that the model was sure of; what it guesses of a script it does not know is none."""
    characters = sum(len(line.text) for line in page.lines)
    sure = sum(len(line.text) * line.confidence for line in page.lines)
    return any(map(_is_sure, page.lines)) and sure >= _LEAST_PAGE_CONFIDENCE * characters


def _is_sure(line: RecognisedLine) -> bool:
    return line.confidence >= _LEAST_CONFIDENCE and bool(line.text.strip())


def with_recognised(document: ParsedDocument, pages: Mapping[int, RecognisedPage]) -> ParsedDocument:
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
    margin = _MARGIN * (bottom - top) * high
    return _Line(line, left * wide + margin, top * high + margin, right * wide - margin, bottom * high - margin)


def _ordered(lines: Sequence[_Line], height: float) -> list[_Line]:
    """Cut along the empty strips until none is left; what then stands side by side is read from left to right."""
    ordered: list[_Line] = []
    waiting = [list(lines)]
    while waiting:
        region = waiting.pop()
        columns = [gap for gap in _gaps(region, upright=True) if gap[0] >= _COLUMN_GAP * height]
        at = next((middle for _, middle in sorted(columns, reverse=True) if _are_columns(region, middle, height)), None)
        if at is not None:
            waiting += [[line for line in region if line.left >= at], [line for line in region if line.left < at]]
        elif rows := _gaps(region, upright=False):
            at = max(rows)[1]
            waiting += [[line for line in region if line.top >= at], [line for line in region if line.top < at]]
        else:
            ordered += _row_by_row(region)
    return ordered


def _row_by_row(lines: Sequence[_Line]) -> list[_Line]:
    """Order lines that overlap a little: from above to below, and from left to right where they share a height."""
    waiting = sorted(lines, key=lambda line: line.top)
    ordered: list[_Line] = []
    while waiting:
        middle = (waiting[0].top + waiting[0].bottom) / 2
        row = [line for line in waiting if line.top < middle]
        ordered += sorted(row, key=lambda line: line.left)
        waiting = [line for line in waiting if line.top >= middle]
    return ordered


def _are_columns(lines: Sequence[_Line], at: float, height: float) -> bool:
    """Tell running text on both sides from the cells of a table or a form, which are read row by row."""
    sides = [line for line in lines if line.left < at], [line for line in lines if line.left >= at]
    return all(median(line.right - line.left for line in side) >= _LEAST_COLUMN * height for side in sides)


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


def _paragraphs(lines: Sequence[_Line], height: float) -> list[list[_Line]]:
    """Keep together the lines that follow closely, and the pieces of one line."""
    groups: list[list[_Line]] = []
    for line in lines:
        above = groups[-1][-1] if groups else None
        if above is not None and _follows(line, above, height):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _follows(line: _Line, above: _Line, height: float) -> bool:
    if line.top < (above.top + above.bottom) / 2:  # beside it, or the top of another column
        return line.left >= above.right and line.bottom > above.top
    closely = line.top - above.bottom < _PARAGRAPH_GAP * height
    alike = max(line.height, above.height) < _OTHER_SIZE * min(line.height, above.height)
    return closely and alike and line.left < above.right and above.left < line.right


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
