"""Excel workbooks before 2007 and binary ones: the cells, as their library gives them."""

import datetime
from pathlib import Path

import python_calamine

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.sheet_tables import sheet_blocks
from functions.ml.ingestion.parsing.readers.xlsx import hidden_warnings, sheet_heading
from functions.ml.ingestion.parsing.readers.xlsx_formats import plain
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import Block, ParsedDocument

# What the library raises where it did not foresee the damage; it names no class for it, and it is no Exception.
_PANIC = "PanicException"
_Cells = dict[int, dict[int, str]]


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a workbook; hidden sheets are left out with a warning.

    Raises:
        Invalid: damaged (`unreadable`) or locked (`password_protected`).
        TooLarge: more sheets than pages allowed (`too_many_pages`).
    """
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = list(workbook.sheets_metadata)
        if len(sheets) > limits.pages:
            raise refusals.too_many_pages(len(sheets), limits.pages, "sheet")
        blocks: list[Block] = []
        hidden = []
        for page, sheet in enumerate(sheets, start=1):
            if sheet.visible != python_calamine.SheetVisibleEnum.Visible:
                hidden.append(sheet.name)
                continue
            table = max((block.table + 1 for block in blocks), default=0)
            found = list(sheet_blocks(_cells(workbook, sheet.name), table=table, page=page, sheet=sheet.name))
            blocks += sheet_heading(sheet.name, page) + found if found else []
    except python_calamine.PasswordError as error:
        raise refusals.password_protected() from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise refusals.unreadable("The workbook is damaged and cannot be read.") from error
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise refusals.unreadable("The workbook is damaged and cannot be read.") from error
    warnings = tuple(hidden_warnings(hidden, []))
    return ParsedDocument(tuple(blocks), pages=max(len(sheets), 1), unit="sheet", warnings=warnings)


def _cells(workbook: python_calamine.CalamineWorkbook, name: str) -> _Cells:
    try:
        sheet = workbook.get_sheet_by_name(name)
    except python_calamine.WorksheetNotFound:
        return {}  # a chart sheet has a name but no cells
    top, left = sheet.start or (0, 0)
    cells: _Cells = {}
    for number, row in enumerate(sheet.to_python(skip_empty_area=True), start=top + 1):
        if found := {column: text for column, value in enumerate(row, start=left + 1) if (text := _text(value))}:
            cells[number] = found
    for (first, column), (last, _) in sheet.merged_cell_ranges or ():
        _repeat_downwards(cells, first + 1, last + 1, column + 1)
    return cells


def _repeat_downwards(cells: _Cells, first: int, last: int, column: int) -> None:
    """Write a tall merged cell's text in each row that it stands in and that holds anything."""
    if above := cells.get(first, {}).get(column):
        for number in range(first + 1, last + 1):
            if number in cells:
                cells[number].setdefault(column, above)


def _text(value: object) -> str:
    """Write a cell as a person reads it: whole numbers without a point, midnight without a time."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return clean(str(value))
