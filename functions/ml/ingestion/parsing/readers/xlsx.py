"""Excel workbooks since 2007: every visible sheet a page, every island of cells a table.

Read without a library: the ones there are give either the stored numbers alone, so that 25 % is 0.25 and nobody knows
which rows and columns are hidden (python-calamine), or build an object per cell, ten times the memory (openpyxl).
"""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import xlsx_extras
from functions.ml.ingestion.parsing.readers.opc import DAMAGE, Package, R
from functions.ml.ingestion.parsing.readers.sheet_tables import sheet_blocks
from functions.ml.ingestion.parsing.readers.xlsx_formats import S, cell_formats
from functions.ml.ingestion.parsing.readers.xlsx_sheet import SheetReader, shared_strings
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import Block, ParsedDocument

_MAIN = "xl/workbook.xml"
# Names that Excel gives by itself say nothing.
_DEFAULT_NAME = re.compile(r"^(?:Sheet|Tabelle|Feuil|Hoja|Foglio|Blad|Planilha|Лист|Table)\s?\d*$", re.IGNORECASE)
_FEW = 5
HIDDEN_CELLS = "Hidden rows or columns were left out, on the sheets: {}."
HIDDEN_SHEETS = "Hidden sheets were left out: {}."


class _Entry(NamedTuple):
    name: str
    part: str
    is_hidden: bool


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a workbook; hidden sheets, rows and columns are left out with a warning.

    Raises:
        Invalid: damaged (`unreadable`).
        TooLarge: more sheets than pages allowed (`too_many_pages`).
    """
    try:
        with closing(Package(path)) as package:
            return _read(package, limits)
    except DAMAGE as error:
        raise refusals.unreadable("The workbook is damaged and cannot be read.") from error


def _read(package: Package, limits: ParserLimits) -> ParsedDocument:
    main = package.target("", "officeDocument") or _MAIN
    root = package.xml(main)
    entries = [
        _Entry(sheet.get("name", ""), link.target, sheet.get("state", "visible") != "visible")
        for sheet in root.iter(f"{S}sheet")
        if (link := package.links(main).get(sheet.get(f"{R}id", ""))) and package.has(link.target)
    ]
    if len(entries) > limits.pages:
        raise refusals.too_many_pages(len(entries), limits.pages, "sheet")
    properties = root.find(f"{S}workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
    book = _Book(package, main, since_1904=since_1904)
    blocks = [block for page, entry in enumerate(entries, start=1) if not entry.is_hidden
              for block in book.sheet(entry, page)]  # fmt: skip
    return ParsedDocument(
        tuple(blocks),
        pages=max(len(entries), 1),
        unit="sheet",
        title=clean(package.title()),
        warnings=tuple(hidden_warnings([entry.name for entry in entries if entry.is_hidden], book.with_hidden)),
    )


def hidden_warnings(sheets: list[str], sheets_with_hidden: list[str]) -> Iterator[str]:
    """Yield what a person has to know of what was left out of a workbook."""
    for sentence, names in ((HIDDEN_SHEETS, sheets), (HIDDEN_CELLS, sheets_with_hidden)):
        if names:
            yield sentence.format(", ".join(names[:_FEW]) + (", ..." if len(names) > _FEW else ""))


def sheet_heading(name: str, page: int) -> list[Block]:
    """Return the name of a sheet as a heading, nothing for a name that the program gave by itself."""
    return [] if _DEFAULT_NAME.match(name) else [Block("heading", clean(name), level=1, page=page, sheet=name)]


class _Book:
    """One pass over the sheets; counts the tables."""

    def __init__(self, package: Package, main: str, *, since_1904: bool) -> None:
        self.with_hidden: list[str] = []
        self._package = package
        strings, styles = package.target(main, "sharedStrings"), package.target(main, "styles")
        self._reader = SheetReader(
            shared_strings(package.content(strings)) if strings else [],
            cell_formats(package.xml(styles) if styles else None),
            since_1904=since_1904,
        )
        self._people = xlsx_extras.people(package, main)
        self._tables = 0

    def sheet(self, entry: _Entry, page: int) -> list[Block]:
        """Return the blocks of a sheet: cells, what is drawn over them, comments."""
        package, name = self._package, entry.name
        content = self._reader.read(package.content(entry.part))
        if content.hidden:
            self.with_hidden.append(name)
        known = xlsx_extras.header_rows(package, entry.part)
        blocks = list(sheet_blocks(content.cells, table=self._tables, page=page, sheet=name, header_rows=known))
        self._count(blocks)
        drawn = list(
            xlsx_extras.drawn_blocks(
                package, entry.part, table=self._tables, page=page, sheet=name, alone=not content.cells
            )
        )
        self._count(drawn)
        blocks += drawn
        blocks += xlsx_extras.comments(package, entry.part, self._people, page=page, sheet=name)
        return sheet_heading(name, page) + blocks if blocks else []

    def _count(self, blocks: list[Block]) -> None:
        self._tables = max((block.table + 1 for block in blocks), default=self._tables)
        self._tables = max(self._tables, 0)
