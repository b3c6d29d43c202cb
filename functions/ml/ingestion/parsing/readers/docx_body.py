"""The body of a Word document as blocks."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from functions.ml.ingestion.parsing.readers.docx_inline import Inline, Paragraph
from functions.ml.ingestion.parsing.readers.docx_notes import Notes
from functions.ml.ingestion.parsing.readers.docx_numbering import Numbering
from functions.ml.ingestion.parsing.readers.docx_styles import Styles, W, tag_value
from functions.ml.ingestion.parsing.readers.pictures import described
from functions.ml.ingestion.parsing.tables import clean, row_text, table_blocks
from functions.ml.parsed import Block, BlockKind

_CONTAINERS = frozenset({f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo", f"{W}smartTag"})
_GALLERY = f"{W}sdtPr/{W}docPartObj/{W}docPartGallery"
_CONTENTS = "Table of Contents"
_SPACES = re.compile(r"[^\S\n]+")
_DEEPEST = 50
_WIDEST = 100


class Body:
    """One pass over a body; counts pages, tables and lists.

    Attributes:
        hidden: whether hidden text was left out.
        changed: whether deleted text was left out.
    """

    def __init__(self, styles: Styles, numbering: Numbering, notes: Notes, *, paged: bool) -> None:
        self.hidden = False
        self.changed = False
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._paged = paged
        self._page = 1
        self._tables = 0

    def blocks(self, parent: Any, depth: int = 0) -> Iterator[Block]:
        """Yield the blocks under an element that holds paragraphs and tables."""
        if depth > _DEEPEST:
            return
        for element in parent:
            if element.tag == f"{W}p":
                yield from self._paragraph(element, depth)
            elif element.tag == f"{W}tbl":
                yield from self._table(element, depth)
            elif element.tag in _CONTAINERS and not _is_contents(element):
                yield from self.blocks(element, depth + 1)

    def _paragraph(self, element: Any, depth: int) -> Iterator[Block]:
        properties = element.find(f"{W}pPr")
        style = tag_value(properties, "pStyle") or self._styles.default
        found = Inline(self._page, self._styles.hidden).read(element)
        self._page += found.turns
        self.changed = self.changed or found.changed
        self.hidden = self.hidden or found.hidden
        if self._styles.is_contents(style):
            return
        if style in self._styles.hidden:
            self.hidden = self.hidden or bool(found.text.strip())
            return
        page = found.page if self._paged else None
        if block := self._text_block(_tidy(found.text), properties, style, page):
            yield block
        yield from self._hanging(found, page, depth)

    def _text_block(self, text: str, properties: Any, style: str, page: int | None) -> Block | None:
        level = self._styles.level(style, tag_value(properties, "outlineLvl"))
        label = self._label(properties, style) if text else None
        if not text:
            return None
        labelled = f"{label} {text}" if label else text
        if level:
            return Block("heading", clean(labelled), level=level, page=page)
        listed = label is not None or self._styles.is_list(style)
        kind: BlockKind = "list_item" if listed else self._styles.kind(style)
        return Block(kind, labelled, page=page)

    def _label(self, properties: Any, style: str) -> str | None:
        own = properties.find(f"{W}numPr") if properties is not None else None
        number, depth, by_style = self._styles.numbering(style)
        if own is not None and tag_value(own, "numId"):
            number, depth, by_style = tag_value(own, "numId"), tag_value(own, "ilvl"), ""
        elif own is not None and tag_value(own, "ilvl"):
            depth = tag_value(own, "ilvl")
        if not number or number == "0":
            return None
        at = int(depth) if depth.isdigit() else self._numbering.level_of_style(number, by_style)
        return self._numbering.label(number, at)

    def _hanging(self, found: Paragraph, page: int | None, depth: int) -> Iterator[Block]:
        """Yield what hangs on a paragraph: text boxes, pictures, charts, diagrams, notes."""
        for box in found.boxes:
            yield from self.blocks(box, depth + 1)
        for text in filter(None, map(described, found.pictures)):
            yield Block("caption", text, page=page)
        charts = self._notes.charts(found.charts, table=self._tables, page=page)
        self._tables += len(found.charts)
        yield from charts
        yield from self._notes.diagrams(found.diagrams, page=page)
        for element, before in self._notes.elements(found.notes):
            inner = [block.text for block in self.blocks(element, depth + 1)]
            if text := clean(" ".join(inner)):
                yield Block("note", before + text, page=page)

    def _table(self, table: Any, depth: int) -> Iterator[Block]:
        rows = list(_rows(table))
        if len(rows) == 1 and len(alone := list(_cells(rows[0]))) == 1:
            yield from self.blocks(alone[0], depth + 1)  # a frame around text is no table
            return
        grid, notes, pages = self._grid(rows, depth)
        ordinal, self._tables = self._tables, self._tables + 1
        marked = bool(rows) and rows[0].find(f"{W}trPr/{W}tblHeader") is not None
        for block in table_blocks(grid, table=ordinal, header=marked or None):
            yield replace(block, page=pages[(block.row or 1) - 1] if self._paged else None)
        yield from notes

    def _grid(self, rows: list[Any], depth: int) -> tuple[list[list[str]], list[Block], list[int]]:
        """Return rows by grid column, a wide cell once, a tall one in each row; their notes; the page of each row."""
        grid: list[list[str]] = []
        notes: list[Block] = []
        pages: list[int] = []
        for row in rows:
            above = grid[-1] if grid else []
            line = [""] * _span(tag_value(row.find(f"{W}trPr"), "gridBefore") or "0")
            for cell in _cells(row):
                properties = cell.find(f"{W}tcPr")
                text, hanging = self._cell(cell, depth)
                notes += hanging
                line.append(above[len(line)] if _goes_on(properties) and len(line) < len(above) else text)
                line += [""] * (_span(tag_value(properties, "gridSpan") or "1") - 1)
            grid.append(line)
            pages.append(self._page)
        return grid, notes, pages

    def _cell(self, cell: Any, depth: int) -> tuple[str, list[Block]]:
        """Return a cell's text and its notes; a table inside is its rows, one after the other."""
        texts, notes = [], []
        tables, self._tables = self._tables, 0
        for block in self.blocks(cell, depth + 1):
            if block.kind == "note":
                notes.append(block)
            else:
                head = f"{row_text(block.header)}; " if block.header and block.row == _first_row(block) else ""
                texts.append(head + block.text + (";" if block.kind == "table_row" else ""))
        self._tables = tables
        return " ".join(texts).rstrip(";"), notes


def _first_row(block: Block) -> int:
    return 2 if block.header else 1


def _is_contents(element: Any) -> bool:
    gallery = element.find(_GALLERY)
    return gallery is not None and gallery.get(f"{W}val") == _CONTENTS


def _rows(table: Any) -> Iterator[Any]:
    for element in table:
        if element.tag == f"{W}tr":
            yield element
        elif element.tag in _CONTAINERS:
            yield from _rows(element)


def _cells(row: Any) -> Iterator[Any]:
    for element in row:
        if element.tag == f"{W}tc":
            yield element
        elif element.tag in _CONTAINERS:
            yield from _cells(element)


def _goes_on(properties: Any) -> bool:
    """Tell whether a cell goes on from the row above."""
    merge = properties.find(f"{W}vMerge") if properties is not None else None
    return merge is not None and merge.get(f"{W}val") != "restart"


def _span(text: str) -> int:
    return min(int(text), _WIDEST) if text.isascii() and text.isdigit() else 1


def _tidy(text: str) -> str:
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n")).strip()
