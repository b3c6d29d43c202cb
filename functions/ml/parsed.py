"""What parsing makes of a file: plain data on the standard library alone, so that a parser's process starts fast."""

from dataclasses import dataclass
from typing import Literal

from shared.contracts.boxes import Box

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "code", "caption", "note"]
Unit = Literal["page", "slide", "sheet", "section"]


@dataclass(frozen=True, slots=True)
class Block:
    """One unit of structure in reading order.

    Attributes:
        kind: what it is.
        text: as a person would read it; for a `table_row` the cells joined by ` | `.
        level: depth of a heading, from 1; 0 otherwise.
        page: page, slide or sheet number from 1; None where the format has none.
        table: ordinal of the table in the document that a `table_row` belongs to, -1 otherwise.
        header: for a `table_row`, the table's header cells (empty when it has none; the header row itself is not a
            block of its own unless the table has nothing else).
        cells: for a `table_row`, its cells.
        row: for a `table_row`, its number from 1 in the sheet or table.
        sheet: name of the sheet, None otherwise.
        boxes: where the text stands on its page, `start` counted in `text`, in order; more than one when it goes on in
            another column or on another page. Empty where the format has no pages to point at.
        member: path of the file inside a container (archive, message with attachments); empty for its own text.
        unit: what a page is in that file; None where it is the same as in the document.
    """

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None
    table: int = -1
    header: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    row: int | None = None
    sheet: str | None = None
    boxes: tuple[Box, ...] = ()
    member: str = ""
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A file as text with structure.

    Attributes:
        blocks: in reading order.
        pages: how many pages, slides or sheets; 1 for formats without.
        unit: what a page is here.
        title: from the metadata or the first heading; empty when there is none.
        warnings: what was left out and why, for people.
        unread_pages: pages from 1 that are pictures without a text layer, for text recognition.
        format: name in the published list of what the content is; empty when nobody said.
    """

    blocks: tuple[Block, ...]
    pages: int
    unit: Unit
    title: str = ""
    warnings: tuple[str, ...] = ()
    unread_pages: tuple[int, ...] = ()
    format: str = ""
