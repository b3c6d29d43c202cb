"""Blocks from the passages and tables of all pages, with their boxes; what a page's end parted is put together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from functions.ml.ingestion.parsing.readers.pdf_geometry import Frame, Sides, hull
from functions.ml.ingestion.parsing.readers.pdf_joining import joined_text
from functions.ml.ingestion.parsing.readers.pdf_layout import Passage, goes_on
from functions.ml.ingestion.parsing.readers.pdf_lines import Line
from functions.ml.ingestion.parsing.readers.pdf_rows import Table, TableRow
from functions.ml.ingestion.parsing.readers.pdf_rtl import RIGHT_TO_LEFT
from functions.ml.ingestion.parsing.tables import table_blocks
from functions.ml.parsed import Block
from shared.contracts.boxes import Box

_HYPHENATED = re.compile(r"\b\w+-\w+\b")
_SAME_SIDE = 8.0  # points by which the sides of a table may differ from page to page


@dataclass(slots=True)
class PagedTable:
    """A table with the page of each row."""

    rows: list[tuple[int, TableRow]]
    last: Table


Part = Passage | PagedTable


def put_together(pages: Sequence[Sequence[Passage | Table]]) -> list[Part]:
    """Join what was parted by the end of a page.

    Args:
        pages: passages and tables of each page in order, notes last.
    """
    found: list[Part] = []
    open_part: Part | None = None
    for number, items in enumerate(pages, start=1):
        rest = list(items)
        if rest and open_part is not None and not _is_note(rest[0]) and _joined(open_part, rest[0], number):
            rest.pop(0)
        parts = [item if isinstance(item, Passage) else _paged(item, number) for item in rest]
        found += parts
        open_part = next((part for part in reversed(parts) if not _is_note(part)), open_part)
    return found


def _is_note(item: Part | Table) -> bool:
    return isinstance(item, Passage) and item.kind == "note"


def _paged(table: Table, page: int) -> PagedTable:
    return PagedTable([(page, row) for row in table.rows], table)


def _joined(above: Part, below: Passage | Table, page: int) -> bool:
    """Add what begins a page to what ended the one before, where it goes on."""
    if isinstance(above, PagedTable) and isinstance(below, Table):
        if above.rows[-1][0] != page - 1 or not _same_columns(above.last, below):
            return False
        repeated = below.rows[0].cells == above.rows[0][1].cells
        above.rows += [(page, row) for row in below.rows[1 if repeated else 0 :]]
        above.last = below
        return True
    if isinstance(above, Passage) and isinstance(below, Passage):
        if above.lines[-1][0] != page - 1 or above.last.turn != below.first.turn or not goes_on(above, below):
            return False
        above.lines += below.lines
        above.said = ""
        return True
    return False


def _same_columns(above: Table, below: Table) -> bool:
    near = abs(above.left - below.left) < _SAME_SIDE and abs(above.right - below.right) < _SAME_SIDE
    return near and len(above.rows[0].cells) == len(below.rows[0].cells) and above.turn == below.turn


def blocks_of(parts: Sequence[Part], frames: Sequence[Frame]) -> list[Block]:
    """Return the blocks of a document.

    Args:
        parts: in reading order, headings marked.
        frames: of each page.
    """
    hyphenated = frozenset(_hyphenated(parts))
    found: list[Block] = []
    tables = 0
    for part in parts:
        if isinstance(part, PagedTable):
            found += _rows(part, tables, frames)
            tables += 1
        else:
            found.append(_block(part, hyphenated, frames))
    return found


def _hyphenated(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Passage):
            for _, line in part.lines:
                if "-" in line.text:
                    yield from (word.lower() for word in _HYPHENATED.findall(line.text))


def _block(passage: Passage, hyphenated: frozenset[str], frames: Sequence[Frame]) -> Block:
    text, starts = joined_text(passage.lines, hyphenated)
    if passage.kind == "heading":
        text = text.replace("\n", " ")
    boxes: list[Box] = []
    stretch: list[Line] = []
    begin = 0
    for at, (page, line) in enumerate(passage.lines):
        stretch.append(line)
        after = passage.lines[at + 1] if at + 1 < len(passage.lines) else None
        if after is None or after[0] != page or _other_column(line, after[1]):
            boxes.append(frames[page - 1].box(begin, page, hull(item.sides for item in stretch), line.turn))
            begin, stretch = starts[at + 1] if after else 0, []
    return Block(passage.kind, text, level=passage.level, page=passage.lines[0][0], boxes=tuple(boxes))


def _other_column(above: Line, below: Line) -> bool:
    return below.turn != above.turn or below.bottom < above.bottom - max(above.size, below.size)


def _rows(table: PagedTable, number: int, frames: Sequence[Frame]) -> list[Block]:
    letters = "".join("".join(row.cells) for _, row in table.rows)
    from_right = 2 * len(RIGHT_TO_LEFT.findall(letters)) > sum(map(str.isalpha, letters)) > 0
    cells = [row.cells[::-1] if from_right else row.cells for _, row in table.rows]
    bold_first = table.rows[0][1].bold and not all(row.bold for _, row in table.rows[1:])
    enough = sum(map(bool, table.rows[0][1].cells)) > 1
    found = table_blocks(cells, table=number, header=True if bold_first and enough else None)
    return [_placed(block, table, frames) for block in found]


def _placed(block: Block, table: PagedTable, frames: Sequence[Frame]) -> Block:
    page, row = table.rows[(block.row or 1) - 1]
    sides: Sides = row.place
    return replace(block, page=page, boxes=(frames[page - 1].box(0, page, sides, table.last.turn),))
