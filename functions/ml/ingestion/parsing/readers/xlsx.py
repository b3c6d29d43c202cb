"""Excel workbooks: every sheet a page, every island of rows a table."""

import datetime
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import python_calamine

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, ParsedDocument

_NumberedRows = list[tuple[int, list[str]]]
# Names that Excel gives by itself say nothing.
_DEFAULT_NAME = re.compile(r"^(?:Sheet|Tabelle|Feuil|Hoja|Foglio|Blad|Planilha|Лист)\s?\d*$", re.IGNORECASE)


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a workbook.

    Raises:
        Invalid: damaged (`unreadable`) or locked (`password_protected`).
        TooLarge: more sheets than pages allowed (`too_many_pages`).
    """
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        names = list(workbook.sheet_names)
        if len(names) > limits.pages:
            raise refusals.too_many_pages(len(names), limits.pages, "sheet")
        blocks: list[Block] = []
        tables = 0
        for page, name in enumerate(names, start=1):
            rows = _rows(workbook, name)
            if any(any(row) for _, row in rows) and not _DEFAULT_NAME.match(name):
                blocks.append(Block("heading", clean(name), level=1, page=page, sheet=name))
            for island in _islands(rows):
                blocks += _island_blocks(island, table=tables, page=page, sheet=name)
                tables += 1
    except python_calamine.PasswordError as error:
        raise refusals.password_protected() from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise refusals.unreadable("The workbook is damaged and cannot be read.") from error
    return ParsedDocument(tuple(blocks), pages=max(len(names), 1), unit="sheet")


def _rows(workbook: python_calamine.CalamineWorkbook, name: str) -> _NumberedRows:
    try:
        sheet = workbook.get_sheet_by_name(name)
    except python_calamine.WorksheetNotFound:
        return []  # a chart sheet has a name but no cells
    first = sheet.start[0] + 1 if sheet.start else 1
    rows = sheet.to_python(skip_empty_area=True)
    return [(first + index, [_text(value) for value in row]) for index, row in enumerate(rows)]


def _text(value: object) -> str:
    """Write a cell as a person reads it: whole numbers without a point, midnight without a time."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - exact integers
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return clean(str(value))


def _islands(rows: _NumberedRows) -> Iterator[_NumberedRows]:
    """Yield runs of rows between empty ones."""
    filled = [(number, row) for number, row in rows if any(row)]
    start = 0
    for index, ((above, _), (below, _)) in enumerate(pairwise(filled), start=1):
        if below > above + 1:
            yield filled[start:index]
            start = index
    if filled:
        yield filled[start:]


def _island_blocks(island: _NumberedRows, *, table: int, page: int, sheet: str) -> list[Block]:
    """Make leading rows of one cell captions, so that the header is found below them."""
    captions = []
    while len(island) > 1 and _is_title(island):
        number, row = island.pop(0)
        captions.append(Block("caption", next(filter(None, row)), page=page, row=number, sheet=sheet))
    if len(island) == 1 and sum(1 for cell in island[0][1] if cell) == 1:
        number, row = island[0]
        return [*captions, Block("paragraph", next(filter(None, row)), page=page, row=number, sheet=sheet)]
    numbers = [number for number, _ in island]
    return captions + table_blocks([row for _, row in island], table=table, page=page, sheet=sheet, row_numbers=numbers)


def _is_title(island: _NumberedRows) -> bool:
    """A row of one cell over a row of several is a title."""
    counts = [sum(1 for cell in row if cell) for _, row in island[:2]]
    return counts[0] == 1 and max(sum(1 for cell in row if cell) for _, row in island[1:]) > 1
