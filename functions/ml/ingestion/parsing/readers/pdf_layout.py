"""Paragraphs from lines, headings from size and weight, running headers from repetition."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from functions.ml.ingestion.parsing.readers.pdf_lines import Line

_BULLET = re.compile(r"^(?:[•‣▪●○◦■□–—*·-]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+\S")
_TERMINAL = re.compile(r"[.!?:;。！？؟।]['\")\]»”’]?$")
_DIGITS = re.compile(r"\d+")
_SAME_LINE = 0.4  # of the size: two pieces of text whose tops differ by less stand side by side
_WIDE_GAP = 1.5  # of the size: a gap in a line that no word space is, as between the cells of a table
_PARAGRAPH_GAP = 1.3  # of the page's usual distance between lines
_SIZE_STEP = 1.12
_SHORT_LINE = 0.85  # of the column's width
_RAGGED = 0.25  # of the next line's width: a line that ends so much before it was not wrapped there
_EDGE_LINES = 2
_REPEATED_SHARE = 0.3
_REPEATED_PAGES = 4


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together; `lines` counts them, the rest is of the first line."""

    text: str
    page: int
    size: float
    bold: bool
    lines: int
    listed: bool


def without_running_lines(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """Drop headers, footers and page numbers: lines at a page's edge that return, digits aside, on many pages."""
    if len(pages) < _REPEATED_PAGES:
        return list(pages)
    edges = [_edge_lines(lines) for lines in pages]
    counts = Counter(mark for marks in edges for mark in set(marks.values()))
    least = max(_REPEATED_PAGES, _REPEATED_SHARE * len(pages))
    kept = []
    for lines, marks in zip(pages, edges, strict=True):
        dropped = {index for index, mark in marks.items() if counts[mark] >= least}
        kept.append([line for index, line in enumerate(lines) if index not in dropped])
    return kept


def _edge_lines(lines: list[Line]) -> dict[int, tuple[str, int]]:
    """Return index -> (text without digits, height on the page) of the highest and lowest lines."""
    if len(lines) <= 2 * _EDGE_LINES:
        by_height = list(range(len(lines)))
    else:
        order = sorted(range(len(lines)), key=lambda index: lines[index].top)
        by_height = order[:_EDGE_LINES] + order[-_EDGE_LINES:]
    return {index: (_DIGITS.sub("#", lines[index].text), round(lines[index].bottom / 4)) for index in by_height}


def paragraphs(lines: Sequence[Line], page: int) -> list[Paragraph]:
    """Join the lines of a page into paragraphs."""
    if not lines:
        return []
    steps = [above.top - below.top for above, below in itertools.pairwise(lines)]
    usual = median([step for step in steps if step > 0] or [0.0])
    right_edge = sorted(line.right for line in lines)[int(0.8 * (len(lines) - 1))]
    groups: list[list[Line]] = [[lines[0]]]
    for above, below in itertools.pairwise(lines):
        if _starts_paragraph(above, below, usual, right_edge):
            groups.append([below])
        else:
            groups[-1].append(below)
    return [_paragraph(group, page) for group in groups]


def _starts_paragraph(above: Line, below: Line, usual: float, right_edge: float) -> bool:
    size = max(above.size, below.size, 1.0)
    step = above.top - below.top
    if abs(step) < _SAME_LINE * size or abs(above.bottom - below.bottom) < _SAME_LINE * size:
        return False
    if (
        _BULLET.match(below.text)
        or above.bold != below.bold
        or not 1 / _SIZE_STEP < above.size / (below.size or 1) < _SIZE_STEP
    ):
        return True
    if step < 0:  # the next column, or out of order: the sentence goes on only where it says so
        return bool(_TERMINAL.search(above.text)) or not below.text[:1].islower()
    ended = bool(_TERMINAL.search(above.text))
    if step > _PARAGRAPH_GAP * max(usual, size) and (ended or step > 2 * max(usual, size)):
        return True
    return ended and above.right < _SHORT_LINE * right_edge


def _paragraph(group: Sequence[Line], page: int) -> Paragraph:
    text = group[0].text
    for above, below in itertools.pairwise(group):
        text += _between(above, below) + below.text
    first = group[0]
    return Paragraph(
        text, page, first.size, all(line.bold for line in group), len(group), bool(_BULLET.match(first.text))
    )


def _between(above: Line, below: Line) -> str:
    """Cells side by side stay on one line; the rows that they make stay lines of their own."""
    size = max(above.size, below.size, 1.0)
    beside = abs(above.top - below.top) < _SAME_LINE * size
    if beside:
        return " "
    wrapped = below.right - above.right < _RAGGED * (below.right - below.left)
    return " " if wrapped and above.left <= below.right + _WIDE_GAP * size else "\n"
