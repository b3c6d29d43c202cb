"""One sheet of a workbook, read in one pass: filled cells as shown, without what is hidden."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from functions.ml.ingestion.parsing.readers.xlsx_formats import NumberFormat, S
from functions.ml.ingestion.parsing.tables import clean

_GENERAL = NumberFormat()
_DIGITS = "0123456789"
_MOST_MERGED = 100_000
_LAST_ROW = 1_048_576
_LAST_COLUMN = 16_384
_YES = frozenset({"1", "true"})
_TAGS = [f"{S}{name}" for name in ("sheetPr", "col", "row", "mergeCell")]


@dataclass(slots=True)
class Sheet:
    """The filled cells of a sheet.

    Attributes:
        cells: text by row and column from 1.
        hidden: whether rows or columns that somebody hid were left out; what a filter or a folded group hides is read.
    """

    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden: bool = False


class SheetReader:
    """Reads the sheets of one workbook."""

    def __init__(self, strings: Sequence[str], formats: Sequence[NumberFormat], *, since_1904: bool) -> None:
        self._strings = strings
        self._formats = formats
        self._since_1904 = since_1904

    def read(self, content: bytes) -> Sheet:
        """Return a sheet of its part's XML."""
        sheet = Sheet()
        filtered = False
        hidden_columns: list[range] = []
        merged: list[str] = []
        for _, element in etree.iterparse(io.BytesIO(content), tag=_TAGS, resolve_entities=False, no_network=True):
            if element.tag == f"{S}row":
                self._row(element, sheet, filtered=filtered)
            elif element.tag == f"{S}sheetPr":
                filtered = element.get("filterMode") in _YES
            elif element.tag == f"{S}col":
                hidden_columns += _hidden_columns(element)
            elif len(merged) < _MOST_MERGED:
                merged.append(element.get("ref", ""))
            _forget(element)
        _leave_out(sheet, hidden_columns)
        for area in merged:
            _repeat_downwards(sheet.cells, area)
        return sheet

    def _row(self, row: Any, sheet: Sheet, *, filtered: bool) -> None:
        number = row.get("r", "")
        at = int(number) if number else max(sheet.cells, default=0) + 1
        if at > _LAST_ROW:
            return
        found = self._cells(row)
        if found and _is_hidden(row) and not filtered:
            sheet.hidden = True
        elif found:
            sheet.cells[at] = found

    def _cells(self, row: Any) -> dict[int, str]:
        found: dict[int, str] = {}
        column = 0
        for cell in row:
            reference = cell.get("r")
            column = column_number(reference.rstrip(_DIGITS)) if reference else column + 1
            if (text := self._text(cell)) and 0 < column <= _LAST_COLUMN:
                found[column] = text
        return found

    def _text(self, cell: Any) -> str:
        kind = cell.get("t")
        if kind == "inlineStr":
            return clean(rich_text(cell))
        value = cell.findtext(f"{S}v")
        if not value:
            return ""
        if kind == "s":
            return self._strings[int(value)]
        if kind == "b":
            return "TRUE" if value in _YES else "FALSE"
        if kind in {"str", "e", "d"}:
            return clean(value.removesuffix("T00:00:00") if kind == "d" else value)
        style = int(cell.get("s", "0"))
        chosen = self._formats[style] if style < len(self._formats) else _GENERAL
        return chosen.shown(value, since_1904=self._since_1904)


def shared_strings(content: bytes) -> list[str]:
    """Return the texts that the cells point at."""
    found = []
    for _, item in etree.iterparse(io.BytesIO(content), tag=f"{S}si", resolve_entities=False, no_network=True):
        found.append(clean(rich_text(item)))
        _forget(item)
    return found


def rich_text(item: Any) -> str:
    """Return the text under an element, without the readings of East Asian signs."""
    return "".join(part.text or "" for part in item.iter(f"{S}t") if part.getparent().tag != f"{S}rPh")


def column_number(letters: str) -> int:
    """Return the number of a column from 1: `A` is 1, `AA` is 27; 0 for what names none."""
    number = 0
    for letter in letters.upper()[:4]:
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - 64
    return number


def area_of(reference: str) -> tuple[int, int, int, int]:
    """Return an area like `B2:C9` as first row, first column, last row, last column."""
    first, _, last = reference.replace("$", "").partition(":")
    (top, left), (bottom, right) = _place(first), _place(last or first)
    return top, left, bottom, right


def _place(reference: str) -> tuple[int, int]:
    letters = reference.rstrip(_DIGITS)
    digits = reference[len(letters) :]
    return int(digits) if digits else 0, column_number(letters)


def _is_hidden(element: Any) -> bool:
    """Tell whether somebody hid a row or column; of a folded group it is the view only that hides it."""
    return element.get("hidden") in _YES and element.get("outlineLevel", "0") == "0"


def _hidden_columns(element: Any) -> list[range]:
    if not _is_hidden(element):
        return []
    return [range(int(element.get("min", "0")), min(int(element.get("max", "0")), _LAST_COLUMN) + 1)]


def _leave_out(sheet: Sheet, columns: list[range]) -> None:
    hidden = {column for part in columns[:_LAST_COLUMN] for column in part}
    for number, row in list(sheet.cells.items()) if hidden else ():
        if not hidden.isdisjoint(row):
            sheet.hidden = True
            sheet.cells[number] = {column: text for column, text in row.items() if column not in hidden}


def _repeat_downwards(cells: dict[int, dict[int, str]], area: str) -> None:
    """Write a tall merged cell's text in each row that it stands in and that holds anything."""
    top, left, bottom, _ = area_of(area)
    text = cells.get(top, {}).get(left)
    if text is None:
        return
    for number in range(top + 1, min(bottom, top + len(cells) * 2, _LAST_ROW) + 1):
        if cells.get(number):
            cells[number].setdefault(left, text)


def _forget(element: Any) -> None:
    """Free what was read, so that a sheet's tree never stands in memory as a whole."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
