"""Passages of a PDF from its lines: paragraphs, items of lists, captions, notes, across columns and pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Literal

from functions.ml.ingestion.parsing.readers.pdf_joining import stand_beside
from functions.ml.ingestion.parsing.readers.pdf_lines import Line
from functions.ml.ingestion.parsing.readers.pdf_rows import Table
from functions.ml.ingestion.parsing.readers.pdf_tables import Item

_BULLET = re.compile(r"^(?:[•‣▪●○◦■□➢➤✓–—*·-]|\(?\d{1,2}[.)]|\(?[a-z][.)]|\(?[ivx]{1,4}[.)]|\[\d{1,3}\])(?:\s+\S|$)")
_TERMINAL = re.compile(r"[.!?:;。！？؟।…][\"'”’»)\]」』]*$")
_CAPTION = re.compile(
    r"^(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)|tabelle|figura|tabla|tableau|chart|listing|algorithm)\s*"
    r"[A-Z]?\d+(?:[.-]\d+)*\s*(?:[.:–—|]|$)",
    re.IGNORECASE,
)
_NOTE = re.compile(r"^(?:\d{1,3}(?!-\d)|[*†‡§¶∗]{1,3}|\[\d{1,3}\]|[a-z](?=\s))\s*[^\s\d.)]")
_PARAGRAPH_GAP = 1.3  # of the page's usual distance between lines
_WIDEST_SPACING = 1.5  # of the size: where lines are few, the usual distance may be that between passages
_SIZE_STEP = 1.11
_SHORT_LINE = 0.85  # of the column's width
_INDENT = (0.7, 4.0)  # of the size: how far a first line stands in
_NOTE_SIZE = 0.93  # of the body's
_NOTE_HEIGHT = 0.5  # of the text's: notes stand in the lower half
_DROP_CAP = 1.8  # of the next line's size

_ALONE = frozenset({"caption", "note", "heading"})

Kind = Literal["paragraph", "list_item", "caption", "note", "heading"]


@dataclass(slots=True, eq=False)
class Passage:
    """Lines that belong together, each with its page from 1."""

    lines: list[tuple[int, Line]]
    kind: Kind = "paragraph"
    level: int = 0
    said: str = field(default="")

    @property
    def first(self) -> Line:
        """Its first line."""
        return self.lines[0][1]

    @property
    def last(self) -> Line:
        """Its last line."""
        return self.lines[-1][1]

    @property
    def text(self) -> str:
        """Its lines as they stand, without any mending; to recognise it by."""
        if not self.said:
            self.said = " ".join(line.text for _, line in self.lines)
        return self.said


def passages(items: Sequence[Item], page: int, body: float) -> list[Passage | Table]:
    """Join the lines of a page into passages, notes after the rest.

    Args:
        items: lines and tables in reading order.
        page: number from 1.
        body: size of the document's usual text.
    """
    found: list[Passage | Table] = []
    for stretch in _stretches(items):
        if isinstance(stretch, Table):
            found.append(stretch)
            continue
        steps = [below.bottom - above.bottom for above, below in pairwise(stretch)]
        usual = median([step for step in steps if step > 0] or [0.0])
        for run in _columns(stretch):
            found += _grouped(run, usual, page, body, found[-1] if found else None)
    notes = _notes(found, body)
    return [*_without_notes(found), *notes] if notes else found


def _without_notes(found: Sequence[Passage | Table]) -> list[Passage | Table]:
    """Leave the notes out and join what they parted."""
    kept: list[Passage | Table] = []
    parted = False
    for item in found:
        if isinstance(item, Passage) and item.kind == "note":
            parted = True
            continue
        above = kept[-1] if kept and parted else None
        if isinstance(above, Passage) and isinstance(item, Passage) and goes_on(above, item):
            above.lines += item.lines
            above.said = ""
        else:
            kept.append(item)
        parted = False
    return kept


def _stretches(items: Sequence[Item]) -> list[list[Line] | Table]:
    found: list[list[Line] | Table] = []
    for item in items:
        if isinstance(item, Table):
            found.append(item)
        elif found and isinstance(found[-1], list) and found[-1][-1].turn == item.turn:
            found[-1].append(item)
        else:
            found.append([item])
    return found


def _columns(lines: Sequence[Line]) -> list[list[Line]]:
    """Part lines where the next one stands higher on the page."""
    runs = [[lines[0]]]
    for above, below in pairwise(lines):
        if below.bottom < above.bottom - max(above.size, below.size) * 2:
            runs.append([below])
        else:
            runs[-1].append(below)
    return runs


def _grouped(
    run: Sequence[Line], usual: float, page: int, body: float, before: Passage | Table | None
) -> list[Passage]:
    right = sorted(line.right for line in run)[int(0.8 * (len(run) - 1))]
    left = sorted(line.left for line in run)[int(0.2 * (len(run) - 1))]
    found: list[Passage] = []
    above: Line | None = None
    for line in run:
        if above is None:
            if (
                isinstance(before, Passage)
                and before.last.turn == line.turn
                and goes_on(before, Passage([(page, line)]))
            ):
                current = before
                current.lines.append((page, line))
                current.said = ""
            else:
                current = Passage([(page, line)], _kind(line))
                found.append(current)
        elif _is_drop_cap(above, line) and len(current.lines) == 1:
            line.text = above.text + line.text
            line.left, line.top = above.left, min(above.top, line.top)
            current.lines[0] = (page, line)
        elif _starts_passage(above, line, usual, (left, right), body):
            current = Passage([(page, line)], _kind(line))
            found.append(current)
        else:
            current.lines.append((page, line))
        above = line
    return found


def _kind(line: Line) -> Kind:
    return "list_item" if _BULLET.match(line.text) else "caption" if _CAPTION.match(line.text) else "paragraph"


def _is_drop_cap(above: Line, below: Line) -> bool:
    return (
        len(above.text) == 1
        and above.text.isupper()
        and above.size > _DROP_CAP * below.size
        and below.left >= above.right - 1
        and above.top - below.size < below.bottom < above.bottom
    )


def _starts_passage(above: Line, below: Line, usual: float, sides: tuple[float, float], body: float) -> bool:
    size = max(above.size, below.size, 1.0)
    step = below.bottom - above.bottom
    if stand_beside(above, below, size):
        return bool(below.left > above.right + size and _BULLET.match(below.text) and len(above.text) > 2)  # noqa: PLR2004
    if above.broken:
        return False
    if _looks_new(above, below, body):
        return True
    ended = bool(_TERMINAL.search(above.text))
    if step < 0:
        return ended or not below.text[:1].islower()
    usual = max(min(usual, _WIDEST_SPACING * size), size)
    if step > _PARAGRAPH_GAP * usual and (ended or step > 2 * usual):
        return True
    left, right = sides
    short = above.right - left < _SHORT_LINE * (right - left)
    indented = _INDENT[0] * size < below.left - left < _INDENT[1] * size and above.left < left + _INDENT[0] * size / 2
    return ended and (short or indented)


def _looks_new(above: Line, below: Line, body: float) -> bool:
    """Tell by the line itself: a bullet, another size or weight, a caption, a numbered note."""
    if (_BULLET.match(below.text) and below.text[:1] not in "–—-*") or _CAPTION.match(below.text):
        return True
    if _BULLET.match(below.text) and (
        _TERMINAL.search(above.text) or _BULLET.match(above.text) or below.left > above.left
    ):
        return True
    if below.size < _NOTE_SIZE * body and _NOTE.match(below.text) and _TERMINAL.search(above.text):
        return True
    heavier = above.bold != below.bold or (above.slanted and not below.slanted and above.left < below.left + below.size)
    return (
        heavier and not (above.slanted and above.right > below.right - below.size)
    ) or not 1 / _SIZE_STEP < above.size / (below.size or 1) < _SIZE_STEP


def goes_on(above: Passage, below: Passage) -> bool:
    """Tell whether a passage in the next column or on the next page continues this one."""
    if above.kind in _ALONE or below.kind in {*_ALONE, "list_item"}:
        return False
    end, start = above.last, below.first
    if end.bold != start.bold or not 1 / _SIZE_STEP < end.size / (start.size or 1) < _SIZE_STEP:
        return False
    return end.broken or (not _is_closed(end, start) and _runs_on(above, start))


def _is_closed(end: Line, start: Line) -> bool:
    return bool(_TERMINAL.search(end.text) or _CAPTION.match(start.text) or _BULLET.match(start.text))


def _runs_on(above: Passage, start: Line) -> bool:
    """Tell by the first letter; scripts without capitals tell by a last line that was full."""
    if start.text[:1].islower():
        return True
    caseless = start.text[:1].isalpha() and not start.text[:1].isupper()
    widest = max(line.right - line.left for _, line in above.lines)
    return caseless and len(above.lines) > 1 and above.last.right - above.last.left > _SHORT_LINE * widest


def _notes(found: Sequence[Passage | Table], body: float) -> list[Passage]:
    """Mark as notes the small passages at the foot of a column that begin with a number or a sign."""
    notes: list[Passage] = []
    lowest = max((item.bottom if isinstance(item, Table) else item.last.bottom for item in found), default=0.0)
    for index, item in enumerate(found):
        if not isinstance(item, Passage) or item.first.size >= _NOTE_SIZE * body or item.kind == "caption":
            continue
        if not _NOTE.match(item.first.text) and not (index and found[index - 1] in notes):
            continue
        page = item.lines[-1][0]
        if item.first.top < _NOTE_HEIGHT * lowest:
            continue
        below = [
            other
            for other in found
            if isinstance(other, Passage) and other.last.size >= _NOTE_SIZE * body and other.lines[-1][0] == page
        ]
        if below and not any(_is_under(other.last, item.first) for other in below):
            item.kind = "note"
            notes.append(item)
    return notes


def _is_under(other: Line, line: Line) -> bool:
    return other.turn == line.turn and other.top >= line.bottom and other.left < line.right and other.right > line.left
