"""OpenDocument spreadsheets: every visible sheet a page; cells as they are shown."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.odf import DAMAGE, DRAW, OFFICE, TABLE, TEXT, Odf, open_odf
from functions.ml.ingestion.parsing.readers.odf_body import Body
from functions.ml.ingestion.parsing.readers.odf_tables import repeated, rows_of, spanned
from functions.ml.ingestion.parsing.readers.sheet_tables import sheet_blocks
from functions.ml.ingestion.parsing.readers.xlsx import hidden_warnings, sheet_heading
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import Block, ParsedDocument

_MOST_CELLS = 2_000_000
_LAST_COLUMN = 16_384


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a spreadsheet; hidden sheets, rows and columns are left out with a warning.

    Raises:
        Invalid: damaged (`unreadable`) or locked (`password_protected`).
        TooLarge: more sheets or cells than allowed (`too_many_pages`, `parser_limit`).
    """
    try:
        with closing(open_odf(path)) as document:
            return _read(document, limits)
    except DAMAGE as error:
        raise refusals.unreadable("The spreadsheet is damaged and cannot be read.") from error


def _read(document: Odf, limits: ParserLimits) -> ParsedDocument:
    tables = document.body("spreadsheet").findall(f"{TABLE}table")
    if len(tables) > limits.pages:
        raise refusals.too_many_pages(len(tables), limits.pages, "sheet")
    blocks: list[Block] = []
    hidden, partly = [], []
    ordinal = 0
    for page, table in enumerate(tables, start=1):
        name = table.get(f"{TABLE}name", "")
        if _display(document, table) == "false":
            hidden.append(name)
            continue
        sheet = _Sheet(document, table, page)
        found = [*sheet_blocks(sheet.cells, table=ordinal, page=page, sheet=name), *sheet.over(name)]
        ordinal = max((block.table + 1 for block in found), default=ordinal)
        partly += [name] * sheet.hidden
        blocks += sheet_heading(name, page) + found if found else []
    title, _ = document.meta
    warnings = tuple(hidden_warnings(hidden, partly))
    return ParsedDocument(tuple(blocks), pages=max(len(tables), 1), unit="sheet", title=title, warnings=warnings)


def _display(document: Odf, table: Any) -> str:
    return document.says("table", table.get(f"{TABLE}style-name", ""), "table-properties", f"{TABLE}display")


class _Sheet:
    """One sheet, read in one pass."""

    def __init__(self, document: Odf, table: Any, page: int) -> None:
        self.cells: dict[int, dict[int, str]] = {}
        self.hidden = False
        self._count = 0
        self._table = table
        self._body = Body(document, page=page)
        self._hidden_columns = _hidden_columns(table)
        at = 1
        for row in rows_of(table):
            copies = repeated(row, "rows")
            self._row(row, at, copies)
            at += copies
        self._repeat_downwards()

    def over(self, name: str) -> Iterator[Block]:
        """Yield what lies over the cells: comments, text boxes, and charts, of which the values stand in the cells."""
        for cell in self._table.iter(f"{TABLE}table-cell"):
            for annotation in cell.iterchildren(f"{OFFICE}annotation"):
                for block in self._body.note(annotation):
                    yield _on(block, name)
        for shape in self._table.iter(f"{DRAW}frame", f"{DRAW}custom-shape"):
            for block in self._body.shape(shape):
                if block.kind != "table_row" or not self.cells:
                    yield _on(block, name)

    def _row(self, row: Any, at: int, copies: int) -> None:
        found: dict[int, str] = {}
        column = 1
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            width = repeated(cell, "columns")
            if text := _shown(cell):
                found.update(dict.fromkeys(range(column, min(column + width, _LAST_COLUMN + 1)), text))
            column += width
        if row.get(f"{TABLE}visibility") == "collapse" or not self._hidden_columns.isdisjoint(found):
            self.hidden = self.hidden or bool(found)
        if row.get(f"{TABLE}visibility") == "collapse":
            return
        found = {key: text for key, text in found.items() if key not in self._hidden_columns}
        self._count += len(found) * copies
        if self._count > _MOST_CELLS:
            raise refusals.parser_limit("cells")
        if found:
            self.cells.update((number, dict(found)) for number in range(at, at + copies))

    def _repeat_downwards(self) -> None:
        """Write a tall merged cell's text in each row that it stands in and that holds anything."""
        at = 1
        for row in rows_of(self._table):
            column = 1
            for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                text = self.cells.get(at, {}).get(column)
                for number in range(at + 1, at + min(spanned(cell, "rows"), len(self.cells) * 2)) if text else ():
                    if text and number in self.cells:
                        self.cells[number].setdefault(column, text)
                column += repeated(cell, "columns")
            at += repeated(row, "rows")


def _on(block: Block, sheet: str) -> Block:
    return Block(block.kind, block.text, page=block.page, sheet=sheet, table=block.table, header=block.header,
                 cells=block.cells, row=block.row)  # fmt: skip


def _shown(cell: Any) -> str:
    paragraphs = (_plain(part) for part in cell.iterchildren(f"{TEXT}p"))
    text = clean(" ".join(paragraphs))
    return text or clean(cell.get(f"{OFFICE}string-value") or cell.get(f"{OFFICE}value") or "")


def _plain(paragraph: Any) -> str:
    """Return a cell's paragraph; every space or tab that the XML writes as an element is one space."""
    pieces = [paragraph.text or ""]
    for part in paragraph.iterdescendants():
        is_space = part.tag in {f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break"}
        pieces += [" " if is_space else part.text or "", part.tail or ""]
    return "".join(pieces)


def _hidden_columns(table: Any) -> set[int]:
    hidden: set[int] = set()
    column = 1
    for element in table.iter(f"{TABLE}table-column"):
        width = repeated(element, "columns")
        if element.get(f"{TABLE}visibility") == "collapse":
            hidden.update(range(column, min(column + width, _LAST_COLUMN + 1)))
        column += width
    return hidden
