"""Tables of OpenDocument files as grids of text; repetitions are bounded."""

from collections.abc import Callable, Iterator
from typing import Any

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.readers.odf import TABLE

_GROUPS = frozenset({f"{TABLE}{name}" for name in ("table-rows", "table-row-group", "table-header-rows")})
_CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
_MOST_CELLS = 200_000
_MOST_REPEATED = 1_000


def rows_of(table: Any) -> Iterator[Any]:
    """Yield the rows of a table, those of its header and of groups too."""
    for element in table:
        if element.tag == f"{TABLE}table-row":
            yield element
        elif element.tag in _GROUPS:
            yield from rows_of(element)


def repeated(element: Any, what: str) -> int:
    """Return how often a row, column or cell stands, at least once."""
    text = element.get(f"{TABLE}number-{what}-repeated", "1")
    return max(int(text), 1) if text.isdigit() else 1


def spanned(cell: Any, what: str) -> int:
    """Return over how many rows or columns a cell stands."""
    text = cell.get(f"{TABLE}number-{what}-spanned", "1")
    return max(int(text), 1) if text.isdigit() else 1


def grid_of(table: Any, text_of: Callable[[Any], str]) -> list[list[str]]:
    """Return the cells by row and column, a wide one once and a tall one in each row that it stands in.

    Raises:
        TooLarge: more cells than a table of text holds (`parser_limit`).
    """
    grid: list[list[str]] = []
    tall: dict[int, tuple[int, str]] = {}
    cells = 0
    for row in rows_of(table):
        line: list[str] = []
        for cell in row.iterchildren(*_CELLS):
            _add_cell(line, cell, tall, text_of)
        tall = {column: (left - 1, text) for column, (left, text) in tall.items() if left > 1}
        copies = min(repeated(row, "rows"), _MOST_REPEATED) if any(line) else 1
        cells += len(line) * copies
        if cells > _MOST_CELLS:
            raise refusals.parser_limit("table cells")
        grid += [line] * copies
    return grid


def _add_cell(line: list[str], cell: Any, tall: dict[int, tuple[int, str]], text_of: Callable[[Any], str]) -> None:
    column = len(line)
    if cell.tag.endswith("covered-table-cell"):
        line += [tall[at][1] if at in tall else "" for at in range(column, column + _copies(cell))]
        return
    text = text_of(cell)
    line += [text] * _copies(cell)
    if (rows := spanned(cell, "rows")) > 1:
        tall[column] = (rows, text)


def _copies(cell: Any) -> int:
    return min(repeated(cell, "columns"), _MOST_REPEATED)


def header_of(table: Any) -> bool | None:
    """Tell that the first row is the header where the table says so, None where it says nothing."""
    return True if table.find(f"{TABLE}table-header-rows") is not None else None
